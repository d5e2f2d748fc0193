//! A client that keeps to the rules, in several windows, on a bad day.
//!
//! *Invariant:* its windows present the newest token that any of them saved, or one that was the
//! newest less than a window ago; nothing else is asked of a client.

use std::time::Duration;

use host::Clock as _;
use oauth::Timestamp;
use proptest::prelude::*;

use crate::application::{Application, Person, REDIRECT, VERIFIER, member};
use crate::turns::{Outage, Turns, outage};

/// What happens to it.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// So many windows refresh at once; of the answers, some are lost.
    Refresh(usize, Vec<bool>, Vec<u8>, Option<Outage>),
    /// A window read the saved token, and falls asleep before it is sent.
    Doze,
    /// The machine sleeps.
    Sleep(Duration),
    /// The server's clock is set back.
    StepBack(Duration),
    /// Somebody sets it right.
    SetRight,
}

/// A bad day; fewer refreshes than would be asked to wait.
pub(crate) fn events() -> impl Strategy<Value = Vec<Event>> {
    let lost = prop::collection::vec(any::<bool>(), 5);
    let schedule = prop::collection::vec(any::<u8>(), 0..20);
    let refresh = (1_usize..5, lost, schedule, outage());
    let moments = (1..30_000_u64).prop_map(Duration::from_millis);
    let minutes = (1..10_u64).prop_map(Duration::from_mins);
    let time = prop_oneof![4 => moments, 1 => minutes].boxed();
    let event = prop_oneof![
        6 => refresh.prop_map(|(windows, lost, schedule, outage)| Event::Refresh(windows, lost, schedule, outage)),
        2 => Just(Event::Doze),
        3 => time.clone().prop_map(Event::Sleep),
        1 => time.prop_map(Event::StepBack),
        1 => Just(Event::SetRight),
    ];
    prop::collection::vec(event, 1..30)
}

/// The client, and what it saved.
pub(crate) struct Client {
    application: Application,
    saved: String,
    /// Tokens that sleeping windows hold, and when they read them.
    dozing: Vec<(String, Duration)>,
    /// What a watch that never steps says, since it signed in.
    watch: Duration,
    /// The earliest that the server's clock showed when the saved token was presented.
    presented: Option<Timestamp>,
    /// The latest of those moments, of the tokens before.
    used: Timestamp,
    began: Timestamp,
}

impl Client {
    /// Signed in a moment ago.
    pub(crate) fn new() -> Self {
        let application = Application::new();
        let Person { code, .. } = application.sign_in();
        let began = application.host.now();
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", &application.clients[0]),
            ("code", &code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        let answer = Turns::run(vec![application.ask("/token", &fields)], &[]).remove(0);
        let saved = member(&answer, "refresh_token").unwrap();
        Self {
            application,
            saved,
            dozing: Vec::new(),
            watch: Duration::ZERO,
            presented: None,
            used: began,
            began,
        }
    }

    /// Lives through one event, and stays signed in.
    pub(crate) fn live_through(&mut self, event: &Event) -> Result<(), TestCaseError> {
        let host = &self.application.host;
        match event {
            Event::Refresh(windows, lost, schedule, outage) => {
                host.plan(*outage);
                let answers = self.refresh(*windows, schedule);
                self.application.host.plan(None);
                return self.read(&answers, lost, outage.is_some());
            }
            Event::Doze => self.dozing.push((self.saved.clone(), self.watch)),
            Event::Sleep(time) => {
                // Who sleeps too long signs in again, as was agreed.
                let later = host.now().plus(*time);
                let is_over = self.watch + *time >= Application::lifetimes().grant;
                if !is_over && self.is_in_use(later) {
                    self.watch += *time;
                    host.memory.set_now(later);
                }
            }
            Event::StepBack(time) => {
                let earlier = host
                    .now()
                    .as_millis()
                    .saturating_sub(time.as_millis() as u64);
                host.memory.set_now(Timestamp::from_millis(earlier));
            }
            Event::SetRight => {
                let right = self.began.plus(self.watch);
                if self.is_in_use(right) {
                    host.memory.set_now(right);
                }
            }
        }
        Ok(())
    }

    /// Whether at `now` the client has not been idle for too long; a token counts from the first
    /// time that it is presented.
    fn is_in_use(&self, now: Timestamp) -> bool {
        now.since(self.used) <= Application::lifetimes().grant_idle
    }

    /// Windows that are awake and windows that wake up.
    fn refresh(&mut self, windows: usize, schedule: &[u8]) -> Vec<http::Response<bytes::Bytes>> {
        let now = self.application.host.now();
        self.presented = Some(self.presented.map_or(now, |at| at.min(now)));
        let window = Application::lifetimes().refresh_window;
        let (dozing, watch) = (std::mem::take(&mut self.dozing), self.watch);
        let awake = std::iter::repeat_n(self.saved.clone(), windows);
        let waking = dozing
            .into_iter()
            .filter(|(_, read)| watch - *read <= window);
        let tokens = awake.chain(waking.map(|(token, _)| token));
        let application = &self.application;
        let ask = async |token: String| {
            let fields = [
                ("grant_type", "refresh_token"),
                ("client_id", &application.clients[0]),
                ("refresh_token", &token),
            ];
            application.ask("/token", &fields).await
        };
        Turns::run(tokens.map(ask).collect(), schedule)
    }

    fn read(
        &mut self,
        answers: &[http::Response<bytes::Bytes>],
        lost: &[bool],
        outage: bool,
    ) -> Result<(), TestCaseError> {
        for (answer, lost) in answers
            .iter()
            .zip(lost.iter().chain(std::iter::repeat(&false)))
        {
            match (
                member(answer, "refresh_token"),
                member(answer, "error").as_deref(),
            ) {
                (Some(token), None) if !lost && self.is_newer(&token) => {
                    self.saved = token;
                    self.used = self
                        .presented
                        .take()
                        .map_or(self.used, |at| at.max(self.used));
                }
                (Some(_), None) => {}
                (None, Some("temporarily_unavailable")) if outage => {}
                (_, error) => prop_assert!(false, "signed out: {error:?}"),
            }
        }
        Ok(())
    }

    /// A window that woke up does not overwrite what another saved since.
    fn is_newer(&self, token: &str) -> bool {
        self.application.generation(token) > self.application.generation(&self.saved)
    }
}

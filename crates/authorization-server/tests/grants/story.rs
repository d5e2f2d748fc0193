//! Stories of grants: what may happen, in which order, and the telling of one.
//!
//! *Invariant:* a story is told to the product and to the model alike, and what the product
//! answers to requests that ran together is what the model answers to them one after another, in
//! some order.

use std::collections::BTreeMap;
use std::time::Duration;

use host::Clock as _;
use oauth::Timestamp;
use proptest::prelude::*;

use crate::application::{Application, REDIRECT, SignedIn, VERIFIER, expires_in, member};
use crate::model::{Answer, Asked, Grant, Lifetimes, Presented};
use crate::turns::{Outage, Turns, outage};

/// What happens next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Somebody signs in.
    SignIn,
    /// Requests arrive together, and the schedule says whose turn it is at each call of a store.
    Together(Vec<Request>, Vec<u8>, Option<Outage>),
    /// An operator ends a grant.
    Revoke(usize),
    /// Time passes.
    Wait(Duration),
    /// The clock is set back.
    StepBack(Duration),
}

/// A request about one of the grants.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    /// The code.
    Exchange(usize, Flaw),
    /// A refresh token.
    Refresh(usize, Token, Flaw),
    /// The sign-in once more.
    SignInAgain(usize),
}

/// Which refresh token is presented.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token {
    /// So many before the newest that anybody has.
    Before(usize),
    /// So many after it: the store was restored from yesterday.
    Ahead(u64),
}

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    Forged,
    OtherClient,
    OtherRedirect,
    OtherResource,
    WrongVerifier,
}

/// What may happen once somebody has signed in.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..40)
}

fn step() -> impl Strategy<Value = Step> {
    let schedule = prop::collection::vec(any::<u8>(), 0..12);
    let together = (prop::collection::vec(request(), 1..4), schedule, outage());
    prop_oneof![
        2 => Just(Step::SignIn),
        16 => together.prop_map(|(requests, schedule, outage)| Step::Together(requests, schedule, outage)),
        1 => which().prop_map(Step::Revoke),
        5 => waiting().prop_map(Step::Wait),
        2 => waiting().prop_map(Step::StepBack),
    ]
}

/// Which grant: the newest, or the one before.
fn which() -> impl Strategy<Value = usize> {
    prop_oneof![3 => Just(0), 1 => Just(1)]
}

/// Some moments, or around one of the lifetimes.
fn waiting() -> impl Strategy<Value = Duration> {
    const DAY: u64 = 86_400_000;
    let around = |lifetimes: &'static [u64]| {
        (prop::sample::select(lifetimes), 0_u64..3).prop_map(|(millis, less)| millis + 1 - less)
    };
    prop_oneof![
        6 => 1..2000_u64,
        3 => around(&[10_000, 60_000]),
        1 => around(&[3_600_000, 7 * DAY, 30 * DAY]),
    ]
    .prop_map(Duration::from_millis)
}

fn request() -> impl Strategy<Value = Request> {
    let flaws = [
        Flaw::Forged,
        Flaw::OtherClient,
        Flaw::OtherRedirect,
        Flaw::OtherResource,
        Flaw::WrongVerifier,
    ];
    let flaw = || prop_oneof![5 => Just(Flaw::None), 1 => prop::sample::select(flaws.to_vec())];
    let token = prop_oneof![
        6 => Just(Token::Before(0)),
        3 => (1_usize..4).prop_map(Token::Before),
        1 => (1_u64..4).prop_map(Token::Ahead),
    ];
    prop_oneof![
        4 => (which(), flaw()).prop_map(|(grant, flaw)| Request::Exchange(grant, flaw)),
        8 => (which(), token, flaw()).prop_map(|(grant, token, flaw)| Request::Refresh(grant, token, flaw)),
        1 => which().prop_map(Request::SignInAgain),
    ]
}

/// A story on its way.
pub(crate) struct Story {
    application: Application,
    lifetimes: Lifetimes,
    people: Vec<Person>,
    /// Everything that may be true of the grants; an outage leaves more than one possibility.
    worlds: Vec<Vec<Grant>>,
}

/// What somebody has after they signed in.
struct Person {
    signed_in: SignedIn,
    began: u64,
    /// Every refresh token anybody got, by its generation.
    tokens: BTreeMap<u64, String>,
    /// How often the code bought tokens.
    bought: usize,
}

/// A request as it is sent, and what it means.
struct Sent {
    grant: usize,
    asked: Asked,
    wire: Wire,
}

enum Wire {
    Form(Vec<(&'static str, String)>),
    SignIn(String),
}

impl Story {
    pub(crate) fn new() -> Self {
        let product = Application::lifetimes();
        let mut story = Self {
            application: Application::new(),
            lifetimes: Lifetimes {
                code: product.code,
                code_repeat: product.code_repeat,
                grant: product.grant,
                refresh_window: product.refresh_window,
                most_per_window: 32,
            },
            people: Vec::new(),
            worlds: vec![Vec::new()],
        };
        story.sign_in();
        story
    }

    /// Tells one step.
    pub(crate) fn tell(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::SignIn => self.sign_in(),
            Step::Together(requests, schedule, outage) => {
                return self.together(requests, schedule, *outage);
            }
            Step::Revoke(grant) => self.revoke(*grant),
            Step::Wait(time) => self.application.host.memory.advance(*time),
            Step::StepBack(time) => {
                let millis = self.now().saturating_sub(time.as_millis() as u64);
                self.application
                    .host
                    .memory
                    .set_now(Timestamp::from_millis(millis));
            }
        }
        Ok(())
    }

    fn now(&self) -> u64 {
        self.application.host.now().as_millis()
    }

    fn sign_in(&mut self) {
        let (signed_in, began) = (self.application.sign_in(), self.now());
        self.people.push(Person {
            signed_in,
            began,
            tokens: BTreeMap::new(),
            bought: 0,
        });
        for world in &mut self.worlds {
            world.push(Grant::new(began));
        }
    }

    /// The place of the grant that is so many before the newest.
    fn place(&self, before: usize) -> Option<usize> {
        self.people.len().checked_sub(before + 1)
    }

    fn revoke(&mut self, before: usize) {
        let Some(grant) = self.place(before) else {
            return;
        };
        self.application.revoke(&self.people[grant].signed_in.id);
        for world in &mut self.worlds {
            world[grant].end();
        }
    }

    fn together(
        &mut self,
        requests: &[Request],
        schedule: &[u8],
        outage: Option<Outage>,
    ) -> Result<(), TestCaseError> {
        let sent: Vec<Sent> = requests
            .iter()
            .filter_map(|request| self.sent(request))
            .collect();
        self.application.host.plan(outage);
        let answers = Turns::run(sent.iter().map(|sent| self.send(sent)).collect(), schedule);
        self.application.host.plan(None);
        let mut heard = Vec::new();
        for (sent, answer) in sent.iter().zip(&answers) {
            heard.push(self.hear(sent, answer)?);
        }
        let before = self.worlds.clone();
        self.worlds = self.explained(&sent, &heard, outage.is_some());
        prop_assert!(
            !self.worlds.is_empty(),
            "no order of {:?} explains {heard:?} at {} in {before:?}",
            sent.iter()
                .map(|sent| (sent.grant, &sent.asked))
                .collect::<Vec<_>>(),
            self.now(),
        );
        Ok(())
    }

    /// What goes over the wire; nothing where nobody could send it.
    fn sent(&self, request: &Request) -> Option<Sent> {
        match request {
            Request::SignInAgain(before) => {
                let grant = self.place(*before)?;
                let wire = Wire::SignIn(self.people[grant].signed_in.sealed.clone());
                Some(Sent {
                    grant,
                    asked: Asked::SignInAgain,
                    wire,
                })
            }
            Request::Exchange(before, flaw) => {
                let grant = self.place(*before)?;
                let person = &self.people[grant];
                let asked = Asked::Exchange(flaw.of_exchange());
                let fields = vec![
                    ("grant_type", "authorization_code".to_owned()),
                    ("code", flaw.handle(&person.signed_in.code)),
                    ("redirect_uri", flaw.redirect()),
                    ("code_verifier", flaw.verifier()),
                ];
                Some(Sent {
                    grant,
                    asked,
                    wire: Wire::Form(self.form(fields, *flaw)),
                })
            }
            Request::Refresh(before, token, flaw) => {
                let grant = self.place(*before)?;
                let person = &self.people[grant];
                let newest = *person.tokens.keys().next_back()?;
                let (generation, token) = match token {
                    Token::Before(back) => person
                        .tokens
                        .iter()
                        .rev()
                        .nth(*back)
                        .map(|(generation, token)| (*generation, token.clone()))?,
                    Token::Ahead(by) => {
                        // An answer may have been lost: what is ahead of that too is ahead.
                        let generation = newest + 10 + by;
                        (
                            generation,
                            self.application.ahead(&person.signed_in.id, generation),
                        )
                    }
                };
                let asked = Asked::Refresh(generation, flaw.of_refresh());
                let fields = vec![
                    ("grant_type", "refresh_token".to_owned()),
                    ("refresh_token", flaw.handle(&token)),
                ];
                Some(Sent {
                    grant,
                    asked,
                    wire: Wire::Form(self.form(fields, *flaw)),
                })
            }
        }
    }

    fn form(
        &self,
        mut fields: Vec<(&'static str, String)>,
        flaw: Flaw,
    ) -> Vec<(&'static str, String)> {
        let client = usize::from(flaw == Flaw::OtherClient);
        fields.push(("client_id", self.application.clients[client].clone()));
        if flaw == Flaw::OtherResource {
            fields.push(("resource", "https://other.example/mcp".to_owned()));
        }
        fields
    }

    async fn send(&self, sent: &Sent) -> http::Response<bytes::Bytes> {
        match &sent.wire {
            Wire::SignIn(sealed) => self.application.vouch(sealed).await,
            Wire::Form(fields) => {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                self.application.ask(&fields).await
            }
        }
    }

    /// What an answer says, and what must hold of it whatever the model thinks.
    fn hear(
        &mut self,
        sent: &Sent,
        answer: &http::Response<bytes::Bytes>,
    ) -> Result<Answer, TestCaseError> {
        if answer.status() == http::StatusCode::SERVICE_UNAVAILABLE {
            return Ok(Answer::Later);
        }
        if let Some(error) = member(answer, "error") {
            return Ok(Answer::Refused(error));
        }
        let now = self.now();
        let person = &mut self.people[sent.grant];
        let token = member(answer, "refresh_token").unwrap_or_default();
        let generation = self.application.generation(&token);
        person.bought += usize::from(matches!(sent.asked, Asked::Exchange(_)));
        prop_assert!(person.bought <= 1, "a code bought tokens twice");
        let known = person
            .tokens
            .entry(generation)
            .or_insert_with(|| token.clone());
        prop_assert_eq!(&*known, &token, "a generation has two tokens");
        let end = now + expires_in(answer).unwrap_or_default();
        let limit = person.began + self.lifetimes.grant.as_millis() as u64;
        prop_assert!(end <= limit, "an access token outlives its grant");
        Ok(Answer::Tokens(generation))
    }

    /// Every world in which these answers were given, one after another in some order.
    fn explained(&self, sent: &[Sent], heard: &[Answer], outage: bool) -> Vec<Vec<Grant>> {
        let mut found = Vec::new();
        let all: Vec<usize> = (0..sent.len()).collect();
        for world in &self.worlds {
            self.orders(world, &all, (sent, heard, outage), &mut found);
        }
        found.retain(|world: &Vec<Grant>| {
            let mut marks = world.iter().zip(&self.people);
            marks.all(|(grant, person)| {
                grant.marked == self.application.is_marked(&person.signed_in.id)
            })
        });
        found
    }

    fn orders(
        &self,
        world: &[Grant],
        left: &[usize],
        round: (&[Sent], &[Answer], bool),
        found: &mut Vec<Vec<Grant>>,
    ) {
        if left.is_empty() {
            if !found.iter().any(|known| known == world) {
                found.push(world.to_vec());
            }
            return;
        }
        let (sent, heard, outage) = round;
        for &next in left {
            let rest: Vec<usize> = left
                .iter()
                .copied()
                .filter(|other| *other != next)
                .collect();
            let grant = sent[next].grant;
            let mut after = world.to_vec();
            let answer = after[grant].answer(&sent[next].asked, self.now(), &self.lifetimes);
            let lost = outage && heard[next] == Answer::Later;
            if answer == heard[next] || lost {
                self.orders(&after, &rest, round, found);
            }
            if lost {
                // It may have changed nothing, or no more than the mark.
                self.orders(world, &rest, round, found);
                let mut marked = world.to_vec();
                marked[grant].marked |= after[grant].marked;
                self.orders(&marked, &rest, round, found);
            }
        }
    }
}

impl Flaw {
    fn of_exchange(self) -> Presented {
        match self {
            Self::None => Presented::Well,
            Self::OtherResource => Presented::Badly("invalid_target"),
            Self::Forged | Self::OtherClient | Self::OtherRedirect | Self::WrongVerifier => {
                Presented::Badly("invalid_grant")
            }
        }
    }

    /// A refresh has neither a redirect URI nor a verifier.
    fn of_refresh(self) -> Presented {
        match self {
            Self::None | Self::OtherRedirect | Self::WrongVerifier => Presented::Well,
            Self::Forged | Self::OtherClient | Self::OtherResource => self.of_exchange(),
        }
    }

    fn handle(self, handle: &str) -> String {
        match (self, handle.strip_suffix('A')) {
            (Self::Forged, Some(rest)) => format!("{rest}E"),
            (Self::Forged, None) => format!("{}A", &handle[..handle.len() - 1]),
            _ => handle.to_owned(),
        }
    }

    fn redirect(self) -> String {
        match self {
            Self::OtherRedirect => "http://127.0.0.1:33419/callback".to_owned(),
            _ => REDIRECT.to_owned(),
        }
    }

    fn verifier(self) -> String {
        match self {
            Self::WrongVerifier => VERIFIER.replace('d', "e"),
            _ => VERIFIER.to_owned(),
        }
    }
}

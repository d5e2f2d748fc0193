//! Stories of grants: what may happen, in which order, and the telling of one.
//!
//! *Invariant:* a story is told to the product and to the model alike, and what the product
//! answers to requests that ran together is what the model answers to them one after another, in
//! some order.

use std::time::Duration;

use host::Clock as _;
use http::StatusCode;
use oauth::Timestamp;
use proptest::prelude::*;

use crate::application::{Application, Person, expires_in, member};
use crate::model::{Answer, Asked, Grant, Lifetimes};
use crate::request::{Request, Sent, request};
use crate::turns::{Outage, Turns, outage};

/// What happens next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Somebody else signs in.
    SignIn,
    /// Requests arrive together, and the schedule says whose turn it is at each call of a store.
    Together(Vec<Request>, Vec<u8>, Option<Outage>),
    /// Time passes.
    Wait(Duration),
    /// The clock is set back.
    SetBack(Duration),
}

/// What may happen once somebody has signed in.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let schedule = prop::collection::vec(any::<u8>(), 0..12);
    let together = (prop::collection::vec(request(), 1..4), schedule, outage());
    let together = together
        .prop_map(|(requests, schedule, outage)| Step::Together(requests, schedule, outage));
    let step = prop_oneof![
        2 => Just(Step::SignIn),
        16 => together,
        5 => waiting().prop_map(Step::Wait),
        2 => waiting().prop_map(Step::SetBack),
    ];
    prop::collection::vec(step, 1..40)
}

/// Some moments, or around one of the lifetimes.
fn waiting() -> impl Strategy<Value = Duration> {
    let around = |lifetimes: &'static [u64]| {
        (prop::sample::select(lifetimes), 0_u64..3)
            .prop_map(|(seconds, less)| seconds * 1000 + 1 - less)
    };
    prop_oneof![
        6 => 1..2000_u64,
        3 => around(&[10, 60]),
        1 => around(&[300, 600, 3600]),
    ]
    .prop_map(Duration::from_millis)
}

/// A story on its way.
pub(crate) struct Story {
    application: Application,
    lifetimes: Lifetimes,
    people: Vec<Person>,
    /// Everything that may be true of the grants; an outage leaves more than one possibility.
    worlds: Vec<Vec<Grant>>,
}

/// Requests that ran together, what was heard, and whether answers may have been lost.
struct Round<'a> {
    sent: &'a [(usize, Sent)],
    heard: &'a [Answer],
    outage: bool,
}

impl Story {
    /// Begins when somebody has signed in.
    pub(crate) fn new() -> Result<Self, TestCaseError> {
        let product = Application::lifetimes();
        let mut story = Self {
            application: Application::new(),
            lifetimes: Lifetimes {
                code: product.code,
                code_repeat: product.code_repeat,
                grant: product.grant,
                grant_idle: product.grant_idle,
                refresh_window: product.refresh_window,
                most_per_window: 32,
            },
            people: Vec::new(),
            worlds: vec![Vec::new()],
        };
        story.sign_in()?;
        Ok(story)
    }

    /// Tells one step.
    pub(crate) fn tell(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::SignIn => return self.sign_in(),
            Step::Together(requests, schedule, outage) => {
                return self.together(requests, schedule, *outage);
            }
            Step::Wait(time) => self.application.host.memory.advance(*time),
            Step::SetBack(time) => {
                let millis = self.now().saturating_sub(time.as_millis() as u64);
                let now = Timestamp::from_millis(millis);
                self.application.host.memory.set_now(now);
            }
        }
        Ok(())
    }

    fn now(&self) -> u64 {
        self.application.host.now().as_millis()
    }

    /// One more grant; rows that nobody needs may be swept beside.
    fn sign_in(&mut self) -> Result<(), TestCaseError> {
        let (person, now) = (self.application.sign_in(), self.now());
        for (place, person) in self.people.iter_mut().enumerate() {
            if person.is_swept || self.application.is_kept(&person.id) {
                continue;
            }
            person.is_swept = true;
            let marked = self.application.is_marked(&person.id);
            self.worlds.retain(|world| {
                let unmarked = world[place].marked && !marked;
                let too_early = unmarked && now < person.access_until;
                world[place].may_be_swept(now, &self.lifetimes) && !too_early
            });
            prop_assert!(
                !self.worlds.is_empty(),
                "a row was swept that somebody needs"
            );
            for world in &mut self.worlds {
                world[place].over = true;
                world[place].marked = marked;
            }
        }
        self.people.push(person);
        for world in &mut self.worlds {
            world.push(Grant::new(now));
        }
        Ok(())
    }

    fn together(
        &mut self,
        requests: &[Request],
        schedule: &[u8],
        outage: Option<Outage>,
    ) -> Result<(), TestCaseError> {
        let sent = requests.iter().filter_map(|request| {
            let place = self.people.len().checked_sub(request.before + 1)?;
            let person = &self.people[place];
            // Whose row is swept is unknown, and the clock may bring their sign-in back.
            let sent = request
                .sent(&self.application, person)
                .filter(|_| !person.is_swept);
            Some((place, sent?))
        });
        let sent: Vec<(usize, Sent)> = sent.collect();
        self.application.host.plan(outage);
        let asking = sent
            .iter()
            .map(|(_, sent)| sent.answered(&self.application));
        let answers = Turns::run(asking.collect(), schedule);
        self.application.host.plan(None);
        let heard = sent.iter().zip(&answers).map(|((place, sent), answer)| {
            hear(&self.application, &mut self.people[*place], (sent, answer))
        });
        let heard = heard.collect::<Result<Vec<_>, _>>()?;
        let round = Round {
            sent: &sent,
            heard: &heard,
            outage: outage.is_some(),
        };
        let worlds = self.explained(&round);
        let asked = sent.iter().map(|(place, sent)| (place, &sent.asked));
        prop_assert!(
            !worlds.is_empty(),
            "in no order {:?} are answered {heard:?} at {}, after {:?}",
            asked.collect::<Vec<_>>(),
            self.now(),
            self.worlds
        );
        self.worlds = worlds;
        Ok(())
    }

    /// Every world in which these answers are given, one after another in some order.
    fn explained(&self, round: &Round<'_>) -> Vec<Vec<Grant>> {
        let all: Vec<usize> = (0..round.sent.len()).collect();
        let mut found = Vec::new();
        for world in &self.worlds {
            self.orders(world, &all, round, &mut found);
        }
        let marks = self
            .people
            .iter()
            .map(|person| self.application.is_marked(&person.id));
        let marks: Vec<bool> = marks.collect();
        found.retain(|world| {
            world
                .iter()
                .map(|grant| grant.marked)
                .eq(marks.iter().copied())
        });
        found
    }

    fn orders(
        &self,
        world: &[Grant],
        left: &[usize],
        round: &Round<'_>,
        found: &mut Vec<Vec<Grant>>,
    ) {
        if left.is_empty() && !found.iter().any(|known| known == world) {
            found.push(world.to_vec());
        }
        for &next in left {
            let rest: Vec<usize> = left
                .iter()
                .copied()
                .filter(|other| *other != next)
                .collect();
            let (place, sent) = &round.sent[next];
            let mut after = world.to_vec();
            let answer = after[*place].answer(&sent.asked, self.now(), &self.lifetimes);
            let lost = round.outage && round.heard[next] == Answer::Later;
            if answer == round.heard[next] || lost {
                self.orders(&after, &rest, round, found);
            }
            if lost {
                // It may have changed nothing, or no more than the mark.
                self.orders(world, &rest, round, found);
                let mut marked = world.to_vec();
                marked[*place].marked |= after[*place].marked;
                self.orders(&marked, &rest, round, found);
            }
        }
    }
}

/// What an answer says, and what must hold of it whatever the model thinks.
fn hear(
    application: &Application,
    person: &mut Person,
    exchanged: (&Sent, &http::Response<bytes::Bytes>),
) -> Result<Answer, TestCaseError> {
    let (sent, answer) = exchanged;
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        return Ok(Answer::Later);
    }
    if answer.status().is_client_error() {
        return Ok(Answer::Refused);
    }
    let Some(token) = member(answer, "refresh_token") else {
        return Ok(Answer::Done);
    };
    let generation = application.generation(&token);
    person.bought += usize::from(matches!(sent.asked, Asked::Exchange(_)));
    prop_assert!(person.bought <= 1, "a code bought tokens twice");
    let known = person
        .tokens
        .entry(generation)
        .or_insert_with(|| token.clone());
    prop_assert_eq!(&*known, &token, "a generation has two tokens");
    let until = application.host.now().as_millis() + expires_in(answer);
    prop_assert!(until <= person.ends, "an access token outlives its grant");
    person.access_until = person.access_until.max(until);
    Ok(Answer::Tokens(generation))
}

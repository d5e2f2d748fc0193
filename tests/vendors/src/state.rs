//! What a vendor remembers.

use std::collections::{HashMap, HashSet};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::endpoint::Endpoint;
use crate::keys::Keys;
use crate::person::Person;
use crate::quirk::Quirk;
use crate::seen::Seen;
use crate::shape::Shape;
use crate::view::View;

/// An authorization code.
pub(crate) struct Code {
    pub(crate) grant: usize,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) spent: bool,
}

/// A refresh token.
#[derive(Clone, Copy)]
pub(crate) struct RefreshToken {
    pub(crate) grant: usize,
    pub(crate) used: bool,
}

/// What somebody agreed to.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) person: String,
    pub(crate) realm: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) refreshes: bool,
    pub(crate) dead: bool,
}

/// A grant and its person, as an answer tells of them.
pub(crate) struct Told {
    pub(crate) base: String,
    pub(crate) issuer: String,
    pub(crate) client_id: &'static str,
    pub(crate) grant: Grant,
    pub(crate) person: Person,
}

/// A vendor's memory.
pub(crate) struct State {
    pub(crate) base: String,
    pub(crate) shape: &'static Shape,
    pub(crate) keys: Keys,
    pub(crate) rotated: bool,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) access_tokens: HashMap<String, usize>,
    pub(crate) refresh_tokens: HashMap<String, RefreshToken>,
    pub(crate) assertions: HashMap<String, String>,
    /// Who agreed before.
    pub(crate) consents: HashSet<String>,
    asked: HashMap<Endpoint, usize>,
    seen: HashMap<Endpoint, Seen>,
    people: HashMap<String, Person>,
    next: String,
    quirk: Option<(Quirk, Option<usize>)>,
    /// How many seconds its clock is ahead of this machine's.
    ahead: u64,
}

impl Told {
    pub(crate) fn view(&self) -> View<'_> {
        View {
            base: &self.base,
            issuer: &self.issuer,
            realm: &self.grant.realm,
            client_id: self.client_id,
            scopes: &self.grant.scopes,
            audience: self.grant.audience.as_deref(),
            person: &self.person,
        }
    }
}

impl State {
    pub(crate) fn new(base: String, shape: &'static Shape) -> Self {
        let mut state = Self {
            base,
            shape,
            keys: Keys::new(),
            rotated: false,
            redirect_uris: Vec::new(),
            codes: HashMap::new(),
            grants: Vec::new(),
            access_tokens: HashMap::new(),
            refresh_tokens: HashMap::new(),
            assertions: HashMap::new(),
            consents: HashSet::new(),
            asked: HashMap::new(),
            seen: HashMap::new(),
            people: HashMap::new(),
            next: String::new(),
            quirk: None,
            ahead: 0,
        };
        state.sign_in_next(Person::default());
        state
    }

    pub(crate) fn sign_in_next(&mut self, person: Person) {
        self.next.clone_from(&person.id);
        self.people.insert(person.id.clone(), person);
    }

    pub(crate) fn set_quirk(&mut self, quirk: Option<(Quirk, Option<usize>)>) {
        self.rotated = false;
        self.quirk = quirk;
    }

    /// Seconds since 1970, by the vendor's clock.
    pub(crate) fn now(&self) -> u64 {
        now() + self.ahead
    }

    /// Moves its clock.
    pub(crate) fn pass(&mut self, seconds: u64) {
        self.ahead += seconds;
    }

    /// Whoever signs in next.
    pub(crate) fn next_person(&self) -> Person {
        self.person(&self.next)
    }

    /// An account, as it is now.
    pub(crate) fn person(&self, id: &str) -> Person {
        let found = self.people.get(id);
        found.cloned().expect("people are never forgotten")
    }

    /// Notes a request.
    pub(crate) fn note(&mut self, endpoint: Endpoint, seen: Seen) {
        *self.asked.entry(endpoint).or_default() += 1;
        self.seen.insert(endpoint, seen);
    }

    pub(crate) fn asked(&self, endpoint: Endpoint) -> usize {
        self.asked.get(&endpoint).copied().unwrap_or_default()
    }

    pub(crate) fn seen(&self, endpoint: Endpoint) -> Option<&Seen> {
        self.seen.get(&endpoint)
    }

    /// Whether a quirk is due, which is then one answer nearer to its end.
    pub(crate) fn is(&mut self, quirk: &Quirk) -> bool {
        self.due(|due| (due == quirk).then_some(())).is_some()
    }

    /// What is read from the quirk, if it is due; it is then one answer nearer to its end.
    pub(crate) fn due<T>(&mut self, read: impl Fn(&Quirk) -> Option<T>) -> Option<T> {
        let (quirk, times) = self.quirk.as_mut()?;
        let found = read(quirk)?;
        match times {
            Some(0) => return None,
            Some(times) => *times -= 1,
            None => {}
        }
        Some(found)
    }

    /// The issuer in a realm.
    pub(crate) fn issuer(&self, realm: &str) -> String {
        (self.shape.issuer)(&self.base, realm)
    }

    /// A grant, if it lives, and its person as the vendor tells of it now.
    pub(crate) fn told(&mut self, grant: usize) -> Option<Told> {
        let grant = self.grants.get(grant).filter(|grant| !grant.dead)?.clone();
        let mut person = self.person(&grant.person);
        if self.is(&Quirk::MissingEmail) {
            person.email = None;
        }
        if self.is(&Quirk::UnverifiedEmail) {
            person.verified = false;
        }
        Some(Told {
            base: self.base.clone(),
            issuer: self.issuer(&grant.realm),
            client_id: self.shape.client_id,
            grant,
            person,
        })
    }

    /// Ends a grant, and with it all of its tokens.
    pub(crate) fn end(&mut self, grant: usize) {
        if let Some(grant) = self.grants.get_mut(grant) {
            grant.dead = true;
        }
    }
}

/// Seconds since 1970, on this machine.
fn now() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a vendor has a clock of its own, as the host under test has"
    )]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).expect("a clock").as_secs()
}

//! The table of purposes: which variables hold keys, of what kind, and what a rotation waits for.
//!
//! *Invariant:* a purpose's name is part of its keys' derivation, so it never changes and is
//! never used again.

use std::sync::LazyLock;
use std::time::Duration;

use oauth::grant::Lifetimes;
use providers::{CATALOGUE, Provider};

/// The variable whose presence allows development identities: only `postern up` and
/// `postern init` for this machine write it.
pub(crate) const DEV_KEY: &str = "dev_key";

/// One purpose, and the variables that hold its keys.
#[derive(Debug)]
pub(super) struct Purpose {
    /// What the derivation calls it.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// How long an old key must go on verifying once another one makes.
    pub(super) wait: Wait,
    /// What ends when a key is distrusted, as a sentence.
    pub(super) loss: &'static str,
}

/// What a purpose needs.
#[derive(Debug)]
pub(super) enum Kind {
    /// An Ed25519 pair in two variables, so that who verifies cannot sign.
    SigningPair {
        private: &'static str,
        public: &'static str,
    },
    /// 32 bytes for a MAC or a seal.
    Symmetric { variable: &'static str },
}

/// How long what a key made may still be presented.
#[derive(Debug)]
pub(super) struct Wait {
    /// For people, as the end of "until then: ".
    pub(super) words: &'static str,
    pub(super) time: Time,
}

/// How much of a wait can be computed.
#[derive(Debug)]
pub(super) enum Time {
    /// Nobody can set it.
    Seconds(u64),
    /// The operator sets it.
    Lifetime(fn(&Lifetimes) -> Duration),
    /// It ends when the operator says so.
    Unknown,
}

impl Wait {
    /// The wait with these lifetimes; `None` where only the operator knows it.
    pub(super) fn seconds(&self, lifetimes: &Lifetimes) -> Option<u64> {
        match self.time {
            Time::Seconds(seconds) => Some(seconds),
            Time::Lifetime(of) => Some(of(lifetimes).as_secs()),
            Time::Unknown => None,
        }
    }
}

const TEN_MINUTES: u64 = 600;
const TWELVE_HOURS: u64 = 43_200;
const A_DAY: u64 = 86_400;

/// Every purpose there is. The random `dev_key` is a row as well: it comes from the same
/// random master.
pub(super) static PURPOSES: LazyLock<Vec<Purpose>> = LazyLock::new(|| {
    let providers = CATALOGUE.iter().flat_map(of_provider);
    OURS.into_iter().chain(providers).collect()
});

/// The keys of one provider.
fn of_provider(provider: &Provider) -> [Purpose; 3] {
    // The table lives as long as the process.
    let name = |family: &str| -> &'static str { format!("{family}/{}", provider.id).leak() };
    let key = |family: &str| symmetric(format!("{family}_{}", provider.suffix()).leak());
    let under_way = || Wait {
        words: "the longest that a sign-in may be pending",
        time: Time::Seconds(TEN_MINUTES),
    };
    [
        Purpose {
            name: name("tx"),
            kind: key("tx"),
            wait: under_way(),
            loss: "Sign-ins under way with this provider begin again.",
        },
        Purpose {
            name: name("person"),
            kind: key("person"),
            wait: under_way(),
            loss: "Sign-ins under way with this provider begin again.",
        },
        Purpose {
            name: name("upstream"),
            kind: key("upstream"),
            wait: Wait {
                words: "the lifetime of a grant, grant_seconds, since by then what this provider \
                        gave has been replaced or its grant has ended",
                time: Time::Lifetime(|lifetimes| lifetimes.grant),
            },
            loss: "Everybody whom this provider lets be read anew signs in again.",
        },
    ]
}

/// The purposes that every deployment has.
const OURS: [Purpose; 11] = [
    Purpose {
        name: "registration",
        kind: pair("registration_key", "registration_public_key"),
        wait: Wait {
            words: "as long as clients are to be remembered, since their ids do not expire",
            time: Time::Unknown,
        },
        loss: "Clients that registered with it are refused until they register again.",
    },
    Purpose {
        name: "access-token",
        kind: pair("access_token_key", "access_token_public_key"),
        wait: Wait {
            words: "the lifetime of an access token, access_token_seconds",
            time: Time::Lifetime(|lifetimes| lifetimes.access_token),
        },
        loss: "Access tokens signed with it are refused; clients refresh and go on.",
    },
    Purpose {
        name: "code",
        kind: symmetric("code_key"),
        wait: Wait {
            words: "the longest that an authorization code may live",
            time: Time::Seconds(TEN_MINUTES),
        },
        loss: "Sign-ins whose code is not spent yet begin again.",
    },
    Purpose {
        name: "refresh",
        kind: symmetric("refresh_key"),
        wait: Wait {
            words: "the lifetime of a grant, grant_seconds, since by then each has been refreshed \
                    or has ended",
            time: Time::Lifetime(|lifetimes| lifetimes.grant),
        },
        loss: "Everybody whose client holds a refresh token made with it signs in again.",
    },
    Purpose {
        name: "assertion",
        kind: pair("assertion_key", "assertion_public_key"),
        wait: Wait {
            words: "more than the minute that an assertion about a caller lives",
            time: Time::Seconds(TEN_MINUTES),
        },
        loss: "Calls under way to servers behind the gateway fail once.",
    },
    Purpose {
        name: "handle",
        kind: symmetric("handle_key"),
        wait: Wait {
            words: "the longest that a stream may be held, stream_seconds",
            time: Time::Seconds(A_DAY),
        },
        loss: "Messages to streams that are held are refused once; clients open new streams.",
    },
    Purpose {
        name: "state",
        kind: symmetric("state_key"),
        wait: Wait {
            words: "the longest that a server waits for what it asked a client",
            time: Time::Seconds(TEN_MINUTES),
        },
        loss: "Calls that wait for what a client was asked begin again.",
    },
    Purpose {
        name: "session",
        kind: pair("session_key", "session_public_key"),
        wait: Wait {
            words: "the half day that a browser is remembered",
            time: Time::Seconds(TWELVE_HOURS),
        },
        loss: "Browsers are no longer remembered: people are asked once more.",
    },
    Purpose {
        name: "tx/dev",
        kind: symmetric("tx_dev"),
        wait: Wait {
            words: "the longest that a sign-in may be pending",
            time: Time::Seconds(TEN_MINUTES),
        },
        loss: "Sign-ins under way with the development provider begin again.",
    },
    Purpose {
        name: "person/dev",
        kind: symmetric("person_dev"),
        wait: Wait {
            words: "the longest that a sign-in may be pending",
            time: Time::Seconds(TEN_MINUTES),
        },
        loss: "Sign-ins under way with the development provider begin again.",
    },
    Purpose {
        name: "dev",
        kind: symmetric(DEV_KEY),
        wait: Wait {
            words: "nothing, since nothing is made with it",
            time: Time::Seconds(0),
        },
        loss: "Nothing: its presence alone turns development sign-in on.",
    },
];

/// The names of all purposes.
pub(crate) fn purpose_names() -> Vec<&'static str> {
    PURPOSES.iter().map(|purpose| purpose.name).collect()
}

const fn pair(private: &'static str, public: &'static str) -> Kind {
    Kind::SigningPair { private, public }
}

const fn symmetric(variable: &'static str) -> Kind {
    Kind::Symmetric { variable }
}

//! The table of purposes: which variables hold keys, and of what kind.
//!
//! *Invariant:* a purpose's name is part of its keys' derivation, so it never changes and is
//! never used again.

/// The variable whose presence allows development identities: only `postern up` and
/// `postern init --dev` write it.
pub(crate) const DEV_KEY: &str = "dev_key";

/// One purpose, and the variables that hold its keys.
#[derive(Debug)]
pub(super) struct Purpose {
    /// What the derivation calls it.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
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

/// Every purpose there is. The random `dev_key` is a row as well: it comes from the same
/// random master.
pub(super) const PURPOSES: [Purpose; 8] = [
    pair(
        "registration",
        "registration_key",
        "registration_public_key",
    ),
    pair(
        "access-token",
        "access_token_key",
        "access_token_public_key",
    ),
    symmetric("code", "code_key"),
    symmetric("refresh", "refresh_key"),
    pair("assertion", "assertion_key", "assertion_public_key"),
    symmetric("tx/dev", "tx_dev"),
    symmetric("person/dev", "person_dev"),
    symmetric("dev", DEV_KEY),
];

const fn pair(name: &'static str, private: &'static str, public: &'static str) -> Purpose {
    Purpose {
        name,
        kind: Kind::SigningPair { private, public },
    }
}

const fn symmetric(name: &'static str, variable: &'static str) -> Purpose {
    Purpose {
        name,
        kind: Kind::Symmetric { variable },
    }
}

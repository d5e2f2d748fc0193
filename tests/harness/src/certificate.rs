//! A certificate for `localhost` that nobody signed but itself.
//!
//! *Invariant:* each is made anew, so that no host trusts one by accident.

/// A certificate and its key, as PEM.
#[derive(Clone)]
pub struct Certificate {
    /// The certificate: the root to trust.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl Certificate {
    /// A new one.
    ///
    /// # Panics
    /// If none can be made.
    #[must_use]
    pub fn of_localhost() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let made = made.expect("a certificate");
        Self {
            certificate: made.cert.pem(),
            key: made.signing_key.serialize_pem(),
        }
    }
}

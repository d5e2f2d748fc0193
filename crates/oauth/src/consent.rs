//! The consent form: proof that what comes back is what was shown, in the browser it was shown in.
//!
//! *Invariant:* a form verifies only with the nonce in that browser's cookie of that form, and
//! only with the very parameters that were on the page.

use std::time::Duration;

use jose::Secret;

use crate::identity::Issuer;
use crate::parameters::Parameters;
use crate::scope::{Scope, Scopes};
use crate::timestamp::Timestamp;
use crate::transaction::TransactionId;

/// How long a form may stay open.
const LIFETIME: Duration = Duration::from_mins(10);

/// The fields of the form that are not the client's: ours, and the person's choices.
pub const FIELDS: [&str; 7] = [
    "transaction",
    "csrf",
    "decision",
    "provider",
    "account",
    "may-offline-access",
    "may-profile",
];

/// Why a posted form is not the one we showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentRefused {
    /// The cookie says more than ten minutes ago.
    #[error("this page was open for longer than ten minutes: start again from your application")]
    Expired,
    /// `csrf` does not match the cookie and the fields.
    #[error("this form is not the one that was shown: start again from your application")]
    Forged,
    /// A choice that was not on the page.
    #[error("this form allows something that was not shown: start again from your application")]
    NotShown,
    /// Nothing is left that the client could do.
    #[error("leave at least one thing that the application can do, or choose Deny")]
    NothingLeft,
    /// The cookie is missing: another browser, or a form that was already sent.
    #[error(
        "this form was shown in another browser, or was already sent: start again from your application"
    )]
    NotHere,
}

/// What a person is asked to agree to. Whether the client stays connected is asked of everybody,
/// whether or not it asked with `offline_access`.
#[must_use]
pub fn shown(asked: &Scopes) -> Scopes {
    asked.iter().chain([Scope::OfflineAccess]).collect()
}

/// Those of the `shown` scopes that the `posted` form leaves: they are ticked, or had no box.
#[must_use]
pub fn left(shown: &Scopes, posted: &Parameters) -> Scopes {
    let is_left = |scope: &Scope| {
        let field = scope.field();
        field.is_none_or(|field| posted.value(field).is_some())
    };
    shown.iter().filter(is_left).collect()
}

/// What a person left of the `shown` scopes: something that a client can use.
pub fn chosen(shown: &Scopes, posted: &Parameters) -> Result<Scopes, ConsentRefused> {
    let left = left(shown, posted);
    let others = Scope::ALL
        .into_iter()
        .filter(|scope| !shown.contains(*scope));
    if others
        .filter_map(Scope::field)
        .any(|field| posted.value(field).is_some())
    {
        return Err(ConsentRefused::NotShown);
    }
    // To stay connected is of no use to who may do nothing.
    let of_use = |scopes: &Scopes| {
        Scope::OF_RESOURCE
            .iter()
            .any(|scope| scopes.contains(*scope))
    };
    if left.is_empty() || (of_use(shown) && !of_use(&left)) {
        Err(ConsentRefused::NothingLeft)
    } else {
        Ok(left)
    }
}

/// The cookie of one form: when it was shown, and a random key.
pub struct ConsentCookie {
    shown: Timestamp,
    key: Secret,
}

impl ConsentCookie {
    /// A new cookie from random bytes.
    #[must_use]
    pub const fn new(random: [u8; 32], now: Timestamp) -> Self {
        Self {
            shown: now,
            key: Secret::new(random),
        }
    }

    /// Reads a cookie's value.
    pub fn parse(value: Option<&str>) -> Result<Self, ConsentRefused> {
        let (shown, key) = value
            .and_then(|value| value.split_once('.'))
            .ok_or(ConsentRefused::NotHere)?;
        let shown = shown.parse().map_err(|_| ConsentRefused::NotHere)?;
        let key: [u8; 32] = jose::decode(key)
            .and_then(|key| key.try_into().ok())
            .ok_or(ConsentRefused::NotHere)?;
        Ok(Self {
            shown: Timestamp::from_millis(shown),
            key: Secret::new(key),
        })
    }

    /// The cookie's value.
    #[must_use]
    pub fn value(&self) -> String {
        format!(
            "{}.{}",
            self.shown.as_millis(),
            jose::encode(self.key.expose())
        )
    }

    /// When the form was shown.
    #[must_use]
    pub const fn shown(&self) -> Timestamp {
        self.shown
    }

    /// The hidden field that belongs to this cookie and `shown` parameters.
    #[must_use]
    pub fn token(&self, id: &TransactionId, issuer: &Issuer, shown: &Parameters) -> String {
        let pairs: Vec<_> = shown.pairs(&FIELDS).collect();
        let mut parts: Vec<&[u8]> = vec![id.as_str().as_bytes(), issuer.as_str().as_bytes()];
        for (name, value) in &pairs {
            parts.extend([name.as_bytes(), value.as_bytes()]);
        }
        jose::encode(jose::mac(&self.key, "consent", &parts))
    }

    /// Whether a `posted` form is the one that was shown with this cookie.
    pub fn check(
        &self,
        id: &TransactionId,
        issuer: &Issuer,
        posted: &Parameters,
        now: Timestamp,
    ) -> Result<(), ConsentRefused> {
        let token = posted.value("csrf").unwrap_or_default();
        let ours = self.token(id, issuer, posted);
        if !jose::constant_time_eq(ours.as_bytes(), token.as_bytes()) {
            return Err(ConsentRefused::Forged);
        }
        if now.since(self.shown) > LIFETIME {
            Err(ConsentRefused::Expired)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Identities, ServerIdentity};

    fn server(url: &str) -> ServerIdentity {
        let Ok(Identities::Public(identity)) = Identities::read(Some(url), None) else {
            panic!("{url}")
        };
        identity
    }

    #[test]
    fn a_form_comes_back_as_it_was_shown_or_not_at_all() {
        let issuer = server("https://a.example").issuer().clone();
        let id = TransactionId::new([1; 16]);
        let now = Timestamp::from_seconds(1000);
        let cookie = ConsentCookie::new([7; 32], now);
        let shown =
            Parameters::parse(b"client_id=c&scope=profile&resource=r1&resource=r2").unwrap();
        let csrf = cookie.token(&id, &issuer, &shown);
        let check = |form: &str, cookie: &ConsentCookie, id: &TransactionId, later: u64| {
            let posted = Parameters::parse(form.as_bytes()).unwrap();
            cookie.check(id, &issuer, &posted, Timestamp::from_seconds(1000 + later))
        };
        let good = format!(
            "decision=allow&provider=dev&may-profile=on&account=another&csrf={csrf}&resource=r1&resource=r2&scope=profile&client_id=c"
        );
        let again = ConsentCookie::parse(Some(&cookie.value())).unwrap();
        assert_eq!(check(&good, &again, &id, 599), Ok(()));
        assert_eq!(
            check(&good, &cookie, &id, 601),
            Err(ConsentRefused::Expired)
        );
        let altered = [
            good.replace("scope=profile", "scope=mcp:tools"),
            good.replace("client_id=c", "client_id=d"),
            format!("{good}&state=x"),
            good.replace("resource=r2", "resource=r3"),
            good.replace("&csrf=", "&nothing="),
        ];
        for form in altered {
            assert_eq!(
                check(&form, &cookie, &id, 1),
                Err(ConsentRefused::Forged),
                "{form}"
            );
        }
        let other = ConsentCookie::new([8; 32], now);
        assert_eq!(check(&good, &other, &id, 1), Err(ConsentRefused::Forged));
        assert_eq!(
            check(&good, &cookie, &TransactionId::new([2; 16]), 1),
            Err(ConsentRefused::Forged)
        );
        let elsewhere = server("https://b.example").issuer().clone();
        assert_ne!(cookie.token(&id, &elsewhere, &shown), csrf);
    }

    #[test]
    fn a_person_may_leave_out_anything_but_the_tools_and_everything() {
        use ConsentRefused::{NotShown, NothingLeft};
        let (profile, offline) = ("may-profile", "may-offline-access");
        for (shown, ticks, left) in [
            ("mcp:tools profile", &[profile][..], Ok("mcp:tools profile")),
            ("mcp:tools profile", &[], Ok("mcp:tools")),
            ("mcp:tools offline_access", &[], Ok("mcp:tools")),
            (
                "mcp:tools offline_access",
                &[offline],
                Ok("mcp:tools offline_access"),
            ),
            ("profile offline_access", &[profile], Ok("profile")),
            ("profile offline_access", &[offline], Err(NothingLeft)),
            ("profile offline_access", &[], Err(NothingLeft)),
            ("offline_access", &[offline], Ok("offline_access")),
            ("offline_access", &[], Err(NothingLeft)),
            ("mcp:tools", &[profile], Err(NotShown)),
            ("profile", &[profile, offline], Err(NotShown)),
        ] {
            let form: Vec<_> = ticks.iter().map(|field| format!("{field}=on")).collect();
            let posted = Parameters::parse(form.join("&").as_bytes()).unwrap();
            let found = chosen(&Scopes::known(shown), &posted);
            assert_eq!(found, left.map(Scopes::known), "{ticks:?} of {shown}");
        }
        for field in Scope::ALL.into_iter().filter_map(Scope::field) {
            assert!(FIELDS.contains(&field), "{field} is a person's choice");
        }
    }

    #[test]
    fn a_cookie_that_is_not_ours_is_no_cookie() {
        for value in [
            None,
            Some(""),
            Some("1"),
            Some("1."),
            Some("x.AAAA"),
            Some("1.AAAA"),
        ] {
            assert!(
                matches!(ConsentCookie::parse(value), Err(ConsentRefused::NotHere)),
                "{value:?}"
            );
        }
    }
}

//! What a value is worth: one of the operator's own, or one that every reader of a README knows.
//!
//! *Invariant:* values are judged here and never shown: a verdict holds none of their text.

use configuration::{api_keys_of_variable, is_well_known};
use jose::Secret;
use url::Url;

/// The fewest characters of a secret that keys are derived from, or tokens are signed with.
const SECRET: usize = 32;

/// How values begin that READMEs have in the place of one's own.
const PRINTED: [&str; 8] = [
    "<",
    "any_random_string",
    "dev-key-",
    "test-api-key-",
    "test-key-",
    "your ",
    "your-",
    "your_",
];

/// Values that they have as they are.
const PRINTED_WHOLE: [&str; 8] = [
    "changeme",
    "cookie_encryption_key",
    "key1",
    "key2",
    "key3",
    "secret",
    "sk_live_...",
    "sk_test_...",
];

/// Whether a value is what a README has in its place.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    // A URL may be whole but for one of its segments.
    let printed = |part: &str| PRINTED.iter().any(|printed| part.starts_with(printed));
    PRINTED_WHOLE.contains(&value.as_str()) || value.split('/').any(printed)
}

/// Why a secret is not taken.
pub(super) fn refuse_secret(value: &str) -> Option<&'static str> {
    if is_placeholder(value) || is_well_known(value) {
        Some("is printed in a README")
    } else if value.len() < SECRET {
        Some("is shorter than 32 characters")
    } else if is_monotonous(value) {
        Some("repeats a few characters, so that it can be guessed")
    } else {
        None
    }
}

/// The master of all keys that a secret of 32 characters or more stands for.
///
/// A public key that is derived from it is published, so who can guess the secret can make every
/// key: a sentence would not do.
pub(super) fn master(value: &str) -> Result<Secret, &'static str> {
    match refuse_secret(value) {
        Some(reason) => Err(reason),
        None if value.contains(' ') => Err("is a sentence, and sentences can be guessed"),
        None => {
            let text = format!("postern/v1/master/{value}");
            Ok(Secret::new(jose::sha256(text.as_bytes())))
        }
    }
}

/// 32 random hexadecimal digits have 14 kinds of character; fewer than 8 are no accident.
fn is_monotonous(value: &str) -> bool {
    let kinds: std::collections::BTreeSet<char> = value.chars().collect();
    kinds.len() < 8
}

/// A list of API keys, judged entry by entry.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ApiKeys<'a> {
    /// The entries that the server takes.
    pub(super) taken: Vec<&'a str>,
    /// The places, from 1, of those that can be guessed.
    pub(super) weak: Vec<usize>,
    /// The places of those that are no key, or there twice.
    pub(super) broken: Vec<usize>,
}

/// Judges the keys of a list as the server does, which takes weak ones `locally`: in development.
pub(super) fn api_keys(list: &str, locally: bool) -> ApiKeys<'_> {
    let mut judged = ApiKeys::default();
    let mut known = Vec::new();
    let entries = list.split(',').map(str::trim).filter(|key| !key.is_empty());
    for (entry, place) in entries.zip(1..) {
        let key = entry.split_once('=').map_or(entry, |(_, key)| key);
        let is_weak = is_placeholder(key)
            || api_keys_of_variable(Vec::new(), entry, true).is_ok()
                && api_keys_of_variable(Vec::new(), entry, false).is_err();
        if is_weak {
            judged.weak.push(place);
        }
        match api_keys_of_variable(known.clone(), entry, true) {
            Err(_) => judged.broken.push(place),
            Ok(_) if is_weak && !locally => {}
            Ok(more) => {
                known = more;
                judged.taken.push(entry);
            }
        }
    }
    judged
}

/// The host of a URL, or of text that is a host already; with its port, if it has one.
pub(super) fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("https://{text}"))
    };
    let url = url.ok().filter(|url| url.scheme() == "https")?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Whether a URL is of this machine.
pub(super) fn is_loopback(url: &str) -> bool {
    let host = Url::parse(url).ok();
    let host = host.as_ref().and_then(Url::host_str);
    matches!(host, Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: &str = "4f1c9be7a2d05836c0e1f7a94b62d83e";

    #[test]
    fn what_a_readme_prints_is_no_value() {
        for (value, expected) in [
            ("<your client id>", true),
            ("your_client_id", true),
            ("YOUR-api-key", true),
            ("https://your-subdomain.clerk.accounts.dev", true),
            ("https://api.example/apps/your_project_id/x", true),
            ("sk_test_...", true),
            ("COOKIE_ENCRYPTION_KEY", true),
            ("any_random_string_here", true),
            ("test-key-1", true),
            ("https://acme.clerk.accounts.dev", false),
            ("youruba", false),
            ("secretariat", false),
            ("sk_test_51abc", false),
            (RANDOM, false),
        ] {
            assert_eq!(is_placeholder(value), expected, "{value}");
        }
    }

    #[test]
    fn a_secret_is_long_and_one_of_ones_own() {
        for (value, refused) in [
            (RANDOM, None),
            (
                "your-super-secure-jwt-secret-for-development",
                Some("printed"),
            ),
            ("your_32_char_encryption_key_here_min", Some("printed")),
            ("4f1c9be7a2d05836", Some("shorter")),
            ("abcabcabcabcabcabcabcabcabcabcabc", Some("repeats")),
        ] {
            let reason = refuse_secret(value);
            let told = reason.is_some_and(|reason| reason.contains(refused.unwrap_or("?")));
            assert_eq!(told, refused.is_some(), "{value}: {reason:?}");
        }
        let sentence = "the quick brown fox jumps over it";
        assert_eq!(refuse_secret(sentence), None);
        assert!(master(sentence).is_err());
        let (one, other) = (
            master(RANDOM).unwrap(),
            master(&RANDOM.to_uppercase()).unwrap(),
        );
        assert_eq!(one.expose(), master(RANDOM).unwrap().expose());
        assert_ne!(one.expose(), other.expose());
    }

    #[test]
    fn keys_that_anybody_knows_are_named_by_their_place_and_are_for_this_machine() {
        let long = "4f1c9be7a2d05836";
        let list = format!("test-key-1, {long},,ci={long}x,ci=short,dev-key-of-some-length,{long}");
        let public = api_keys(&list, false);
        assert_eq!(public.taken, [long, &format!("ci={long}x")]);
        assert_eq!((public.weak, public.broken), (vec![1, 4, 5], vec![4, 6]));
        let local = api_keys(&list, true);
        assert_eq!(local.taken[0], "test-key-1");
        assert_eq!(local.taken.len(), 4, "{local:?}");
        for entry in public.taken {
            assert!(api_keys_of_variable(Vec::new(), entry, false).is_ok());
        }
        assert_eq!(api_keys(" , ", true), ApiKeys::default());
    }

    #[test]
    fn a_host_is_what_stands_between_scheme_and_path() {
        for (text, expected) in [
            ("https://a.example/x/y?z", Some("a.example")),
            ("https://a.example:8443/", Some("a.example:8443")),
            ("https://A.example:443", Some("a.example")),
            ("a.example", Some("a.example")),
            ("a.example:8443", Some("a.example:8443")),
            ("https://[::1]:1/x", Some("[::1]:1")),
            ("http://a.example", None),
            ("a b", None),
            ("", None),
        ] {
            assert_eq!(host(text).as_deref(), expected, "{text}");
        }
        assert!(is_loopback("http://localhost:8788/x") && !is_loopback("https://a.example"));
    }
}

//! Keys that programs call with: `[[api_key]]`, and the list of the variable `api_keys`.
//!
//! *Invariant:* a key is known by its hash, compared in constant time, and what it is called never
//! has a piece of it.

use std::fmt::Write as _;

use oauth::{Role, Scopes, Timestamp};
use serde::Deserialize;
use toml::value::{Date, Datetime, Offset};

use super::terms::{self, TermsRefused};
use super::well_known::is_well_known;

/// The variable with keys, separated by commas: `key`, or `name=key`.
pub const VARIABLE: &str = "api_keys";

/// A shorter key can be guessed.
const LEAST_CHARACTERS: usize = 16;

/// A key that was given to a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    name: String,
    hash: [u8; 32],
    roles: Vec<Role>,
    scopes: Scopes,
    expires: Option<Timestamp>,
}

/// Why a key that was written down is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiKeyRefused {
    #[error(
        "`expires` must be a date and time with its offset and without quotes, such as \
         2027-01-31T00:00:00Z"
    )]
    Expires,
    #[error("`name` must be 1 to 32 of A-Z, a-z, 0-9, `-` and `_`")]
    Name,
    #[error("`sha256` must be 64 hexadecimal digits, as `printf %s \"$KEY\" | sha256sum` prints")]
    Sha256,
    #[error(transparent)]
    Terms(#[from] TermsRefused),
}

/// Why the variable's keys are refused; no key is ever repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeysRefused {
    /// Not a key that travels in a header.
    #[error(
        "the variable `{VARIABLE}`: key number {0} has a space or another character that a header \
         does not carry"
    )]
    Characters(usize),
    /// Not a name.
    #[error(
        "the variable `{VARIABLE}`: the name before the `=` of key number {0} must be 1 to 32 of \
         A-Z, a-z, 0-9, `-` and `_`"
    )]
    Name(usize),
    /// A name twice.
    #[error("the variable `{VARIABLE}` has a key called `{0}` twice, or postern.toml has it too")]
    Same(String),
    /// Too short.
    #[error(
        "the variable `{VARIABLE}`: key number {0} must have 16 characters or more; make one with \
         `openssl rand -hex 32`"
    )]
    Short(usize),
    /// An example of somebody's documentation.
    #[error(
        "the variable `{VARIABLE}`: key number {0} is an example that everybody can read; make one \
         with `openssl rand -hex 32`"
    )]
    WellKnown(usize),
}

#[derive(Deserialize)]
pub(crate) struct ApiKeyText {
    name: String,
    sha256: String,
    #[serde(default)]
    roles: Vec<String>,
    scope: Option<String>,
    expires: Option<Datetime>,
}

impl ApiKeyText {
    pub(crate) const KEYS: [&'static str; 5] = ["name", "sha256", "roles", "scope", "expires"];

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn api_key(self) -> Result<ApiKey, ApiKeyRefused> {
        if !is_name(&self.name) {
            return Err(ApiKeyRefused::Name);
        }
        let end = |written| moment(&written).ok_or(ApiKeyRefused::Expires);
        Ok(ApiKey {
            hash: jose::sha256_from_hex(&self.sha256).ok_or(ApiKeyRefused::Sha256)?,
            name: self.name,
            roles: terms::fixed_roles(self.roles)?,
            scopes: terms::scopes(self.scope.as_deref())?,
            expires: self.expires.map(end).transpose()?,
        })
    }
}

impl ApiKey {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is the hash of it, in constant time.
    #[must_use]
    pub fn has_hash(&self, hash: &[u8; 32]) -> bool {
        jose::constant_time_eq(&self.hash, hash)
    }

    /// Whether its time is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|end| now >= end)
    }

    /// The roles of who calls with it.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// What it may.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }
}

/// The keys of the file with those of the variable, which must be hard to guess unless `anything`
/// goes: on a server that only its own machine reaches.
pub fn of_variable(
    written: Vec<ApiKey>,
    list: &str,
    anything: bool,
) -> Result<Vec<ApiKey>, ApiKeysRefused> {
    let mut keys = written;
    let entries = list.split(',').map(str::trim);
    for (entry, number) in entries.filter(|entry| !entry.is_empty()).zip(1..) {
        let (name, key) = named(entry, number)?;
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ApiKeysRefused::Characters(number));
        }
        if !anything && is_well_known(key) {
            return Err(ApiKeysRefused::WellKnown(number));
        }
        if !anything && key.len() < LEAST_CHARACTERS {
            return Err(ApiKeysRefused::Short(number));
        }
        let name = name.map_or_else(|| id(key), str::to_owned);
        if keys.iter().any(|other| other.name == name) {
            return Err(ApiKeysRefused::Same(name));
        }
        keys.push(ApiKey {
            name,
            hash: jose::sha256(key.as_bytes()),
            roles: Vec::new(),
            scopes: terms::Terms::default().scopes().clone(),
            expires: None,
        });
    }
    Ok(keys)
}

/// The name of an entry, and its key. The `=` at the end of base64 names nothing.
fn named(entry: &str, number: usize) -> Result<(Option<&str>, &str), ApiKeysRefused> {
    match entry.split_once('=') {
        Some((name, key)) if !key.trim_matches('=').is_empty() => {
            let (name, key) = (name.trim(), key.trim());
            if is_name(name) {
                Ok((Some(name), key))
            } else {
                Err(ApiKeysRefused::Name(number))
            }
        }
        _ => Ok((None, entry)),
    }
}

/// What a key without a name is called: a hash that is made for nothing else, so that it does not
/// give away the one in a file.
fn id(key: &str) -> String {
    let hash = jose::sha256(format!("postern/v1/api-key-id\0{key}").as_bytes());
    let mut id = "key-".to_owned();
    for byte in hash.iter().take(4) {
        // Writing to a string never fails.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// A name is part of a subject and of a key in the store.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=32).contains(&name.len()) && name.bytes().all(plain)
}

/// When that is; nothing without a date, a time and an offset, or before 1970.
fn moment(written: &Datetime) -> Option<Timestamp> {
    let (date, time) = (written.date?, written.time?);
    let minutes = match written.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let clock = i64::from(time.hour) * 3600 + i64::from(time.minute) * 60;
    let clock = clock + i64::from(time.second.unwrap_or_default()) - minutes * 60;
    let seconds = days(date) * 86_400 + clock;
    Some(Timestamp::from_seconds(seconds.try_into().ok()?))
}

/// Days since 1970-01-01 in the Gregorian calendar, whose years begin in March here, so that a leap
/// day is the last of its year.
fn days(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = i64::from(date.year) - i64::from(month <= 2);
    let months = (month + 9) % 12;
    let before = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    before + (months * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LONG: &str = "0123456789abcdef0123456789abcdef";

    fn names(list: &str) -> Vec<String> {
        let keys = of_variable(Vec::new(), list, false).unwrap();
        keys.into_iter().map(|key| key.name).collect()
    }

    #[test]
    fn a_list_is_trimmed_and_a_key_may_have_a_name() {
        let list = format!(" ci = {LONG} , ,CI_2={LONG}x,");
        assert_eq!(names(&list), ["ci", "CI_2"]);
        assert!(names(" , ").is_empty());
        let keys = of_variable(Vec::new(), &format!("ci={LONG}"), false).unwrap();
        assert!(keys[0].has_hash(&jose::sha256(LONG.as_bytes())));
        assert_eq!(keys[0].scopes().to_string(), "mcp:tools");
    }

    #[test]
    fn a_key_without_a_name_is_called_by_a_hash_and_by_no_piece_of_it() {
        let base64 = "b2gsIGEga2V5IGluIGJhc2U2NA==";
        for key in [LONG, base64, "dGhpcyBvbmUgaXMgc2hvcnRlcgo="] {
            let names = names(key);
            let [name] = names.as_slice() else {
                panic!("{names:?}")
            };
            let digits = name.strip_prefix("key-").unwrap();
            assert!(digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert!(!key.contains(digits));
            let hash = jose::sha256(key.as_bytes());
            let plain: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            let plain = plain.concat();
            assert!(!plain.contains(digits), "the hash of a file is not told");
        }
        assert_ne!(names(LONG), names(base64));
    }

    #[test]
    fn a_key_that_anybody_could_guess_is_refused_by_its_number() {
        use ApiKeysRefused as R;
        for (list, refused) in [
            ("key1,key2,key3".to_owned(), R::WellKnown(1)),
            (format!("{LONG},your-api-key-1"), R::WellKnown(2)),
            (format!("{LONG}, a=hunter2hunter2"), R::Short(2)),
            (format!("my key={LONG}"), R::Name(1)),
            (format!("={LONG}"), R::Name(1)),
            (format!("{LONG} {LONG}"), R::Characters(1)),
            (format!("{LONG}é"), R::Characters(1)),
            (format!("a={LONG},a={LONG}x"), R::Same("a".to_owned())),
        ] {
            let found = of_variable(Vec::new(), &list, false).unwrap_err();
            assert_eq!(found, refused, "{list}");
            assert!(!found.to_string().contains("hunter2"));
        }
        let keys = of_variable(Vec::new(), "test-key-1,test-key-2", true).unwrap();
        assert_eq!(keys.len(), 2, "on a machine of one's own");
    }

    proptest! {
        #[test]
        fn a_moment_is_where_a_calendar_library_finds_it(
            seconds in 0..253_402_300_000_i64,
            minutes in -1439..1440_i32,
        ) {
            let moment = jiff::Timestamp::from_second(seconds).unwrap();
            let offset = jiff::tz::Offset::from_seconds(minutes * 60).unwrap();
            let local = offset.to_datetime(moment);
            prop_assume!((1..=9999).contains(&local.year()));
            let sign = if minutes < 0 { '-' } else { '+' };
            let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
            let text = format!("{local}{sign}{hours:02}:{rest:02}");
            let written: Datetime = text.parse().unwrap();
            let found = super::moment(&written).unwrap();
            prop_assert_eq!(found.as_seconds(), u64::try_from(seconds).unwrap(), "{}", text);
        }
    }
}

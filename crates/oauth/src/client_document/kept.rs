//! Documents that were fetched before: how long one is taken without asking again.
//!
//! *Invariant:* only a document that was valid is kept, and never an error; nothing is taken
//! from a copy that is older than seven days.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{DocumentUrl, Fetched, Kind};
use crate::timestamp::Timestamp;

/// One sign-in asks for its client's document three times, whatever the publisher says of caches.
const LEAST: Duration = Duration::from_secs(60);

/// A key that nobody knows may be new: its set is asked for again, but no more often than this,
/// and as seldom is a publisher asked that did not answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that mends its document waits no longer than this.
const MOST: Duration = Duration::from_secs(24 * 3600);

/// Where the publisher says nothing.
const USUAL: Duration = Duration::from_secs(3600);

/// How long a copy stands in while its publisher is out of reach: nobody is signed out by that.
const STAND_IN: Duration = Duration::from_secs(7 * 24 * 3600);

/// How many places there are for each kind, so that strangers cannot fill the store. An address
/// has one place, and takes it from whoever had it.
const PLACES: u16 = 512;

/// A copy of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    url: String,
    text: String,
    fetched_at: u64,
    fresh_seconds: u64,
    stands_in: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_at: Option<u64>,
}

/// What a copy is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It is as good as the document.
    Fresh,
    /// Only while its publisher is out of reach.
    Stale,
    /// Nothing any more.
    Spent,
}

impl Kept {
    /// A copy of what was fetched just now.
    #[must_use]
    pub fn new(url: &DocumentUrl, fetched: &Fetched, now: Timestamp) -> Self {
        let (lifetime, stands_in) = rules(fetched.cache_control.as_deref().unwrap_or_default());
        Self {
            url: url.as_str().to_owned(),
            text: fetched.text.clone(),
            fetched_at: now.as_millis(),
            fresh_seconds: lifetime.as_secs(),
            stands_in,
            asked_at: None,
        }
    }

    /// Its key in a store: one of few, of characters that every store takes.
    #[must_use]
    pub fn key(kind: Kind, url: &DocumentUrl) -> String {
        let [high, low, ..] = jose::sha256(url.as_str().as_bytes());
        let place = u16::from_be_bytes([high, low]) % PLACES;
        format!("client-{}:{place}", kind.as_str())
    }

    /// Reads what a store kept; nothing where it is a copy of another document.
    #[must_use]
    pub fn read(stored: &[u8], url: &DocumentUrl) -> Option<Self> {
        let kept: Self = serde_json::from_slice(stored).ok()?;
        (kept.url == url.as_str()).then_some(kept)
    }

    /// What a store keeps.
    #[must_use]
    pub fn stored(&self) -> Vec<u8> {
        // Text and numbers always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The document's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same copy for a reader who has cause to think that the document changed: it is fresh
    /// only as long as nobody may ask again.
    #[must_use]
    pub fn doubted(self) -> Self {
        Self {
            fresh_seconds: PATIENCE.as_secs(),
            ..self
        }
    }

    /// The same copy after its publisher was asked in vain.
    #[must_use]
    pub fn asked_for(self, now: Timestamp) -> Self {
        Self {
            asked_at: Some(now.as_millis()),
            ..self
        }
    }

    /// What it is good for at this moment. A clock that stepped back makes a copy old, not young.
    #[must_use]
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        let fetched_at = Timestamp::from_millis(self.fetched_at);
        let within = |lifetime| now < fetched_at.plus(lifetime);
        let asked_lately = self
            .asked_at
            .map(Timestamp::from_millis)
            .is_some_and(|asked_at| now >= asked_at && now < asked_at.plus(PATIENCE));
        if now >= fetched_at && within(Duration::from_secs(self.fresh_seconds)) {
            Freshness::Fresh
        } else if self.stands_in && within(STAND_IN) {
            if asked_lately {
                Freshness::Fresh
            } else {
                Freshness::Stale
            }
        } else {
            Freshness::Spent
        }
    }
}

/// What `Cache-Control` means within our bounds (the draft's §4.2 lets us set them): how long a
/// copy is fresh, and whether it may stand in for its publisher afterwards.
fn rules(cache_control: &str) -> (Duration, bool) {
    let mut lifetime = None;
    let mut shared = None;
    for directive in cache_control.split(',') {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let name = name.trim().to_ascii_lowercase();
        let seconds = seconds(value.trim().trim_matches('"'));
        match name.as_str() {
            "no-store" => return (LEAST, false),
            // RFC 9111 §5.2.2: it may be kept, and is asked for again as soon as we do.
            "no-cache" | "private" => shared = Some(Duration::ZERO),
            "max-age" => lifetime = Some(seconds),
            "s-maxage" if shared.is_none() => shared = Some(seconds),
            _ => {}
        }
    }
    let lifetime = shared.or(lifetime).unwrap_or(USUAL);
    (lifetime.clamp(LEAST, MOST), true)
}

/// RFC 9111 §1.2.2: more than a number holds is as much as it holds. §4.2.1: what is no number
/// makes a copy stale.
fn seconds(text: &str) -> Duration {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().unwrap_or(if is_number { u64::MAX } else { 0 });
    Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client_document::DocumentHosts;

    fn url(text: &str) -> DocumentUrl {
        DocumentUrl::parse(text, &DocumentHosts::read(true, "").unwrap()).unwrap()
    }

    fn kept(cache_control: Option<&str>) -> Kept {
        let fetched = Fetched {
            text: "{}".to_owned(),
            cache_control: cache_control.map(str::to_owned),
        };
        Kept::new(&url("https://app.example.com/c"), &fetched, at(0))
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    #[test]
    fn a_publisher_decides_within_bounds_how_long_a_copy_is_fresh() {
        for (cache_control, seconds) in [
            (None, 3600),
            (Some(""), 3600),
            (Some("public"), 3600),
            (Some("max-age=600"), 600),
            (Some("public, Max-Age=\"600\""), 600),
            (Some("max-age=1"), 60),
            (Some("max-age=0, must-revalidate"), 60),
            (Some("max-age=31536000, immutable"), 86_400),
            (Some("max-age=99999999999999999999"), 86_400),
            (Some("max-age=-1"), 60),
            (Some("max-age"), 60),
            (Some("max-age=600, s-maxage=1200"), 1200),
            (Some("max-age=600, no-cache"), 60),
            (Some("no-cache, s-maxage=600"), 60),
            (Some("private, max-age=600"), 60),
            (Some("no-store"), 60),
        ] {
            let kept = kept(cache_control);
            assert_eq!(
                kept.freshness(at(seconds - 1)),
                Freshness::Fresh,
                "{cache_control:?}"
            );
            assert_ne!(
                kept.freshness(at(seconds)),
                Freshness::Fresh,
                "{cache_control:?}"
            );
        }
    }

    #[test]
    fn a_copy_stands_in_for_seven_days_and_never_where_none_may_be_kept() {
        const DAYS: u64 = 7 * 86_400;
        for (cache_control, seconds, expected) in [
            (None, DAYS - 1, Freshness::Stale),
            (None, DAYS, Freshness::Spent),
            (Some("no-cache"), DAYS - 1, Freshness::Stale),
            (Some("no-store"), 60, Freshness::Spent),
            (Some("max-age=600, no-store"), 60, Freshness::Spent),
        ] {
            let freshness = kept(cache_control).freshness(at(seconds));
            assert_eq!(freshness, expected, "{cache_control:?} {seconds}");
        }
        let before = Timestamp::from_seconds(1_799_999_999);
        assert_eq!(kept(None).freshness(before), Freshness::Stale);
    }

    #[test]
    fn a_doubted_copy_is_asked_for_again_but_not_at_once() {
        let kept = kept(None).doubted();
        assert_eq!(kept.freshness(at(29)), Freshness::Fresh);
        assert_eq!(kept.freshness(at(30)), Freshness::Stale);
    }

    #[test]
    fn a_publisher_that_does_not_answer_is_asked_again_but_not_at_once() {
        const DAYS: u64 = 7 * 86_400;
        let kept = kept(None).asked_for(at(3600));
        for (seconds, expected) in [
            (3600, Freshness::Fresh),
            (3629, Freshness::Fresh),
            (3630, Freshness::Stale),
            (DAYS, Freshness::Spent),
        ] {
            assert_eq!(kept.freshness(at(seconds)), expected, "{seconds}");
        }
        let late = kept.asked_for(at(DAYS - 1));
        assert_eq!(late.freshness(at(DAYS)), Freshness::Spent);
        let stored = late.stored();
        assert_eq!(
            Kept::read(&stored, &url("https://app.example.com/c")),
            Some(late)
        );
    }

    #[test]
    fn a_copy_is_read_for_its_own_address_alone() {
        let kept = kept(None);
        let stored = kept.stored();
        let own = url("https://app.example.com/c");
        assert_eq!(Kept::read(&stored, &own), Some(kept));
        assert_eq!(Kept::read(&stored, &url("https://app.example.com/d")), None);
        assert_eq!(Kept::read(b"{", &own), None);
    }

    #[test]
    fn there_are_few_places_however_many_addresses_there_are() {
        let key = |n: u32| {
            let url = url(&format!("https://app.example.com/{n}"));
            let key = Kept::key(Kind::Document, &url);
            assert_ne!(key, Kept::key(Kind::KeySet, &url));
            assert!(
                key.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b":-".contains(&byte))
            );
            key
        };
        let keys: std::collections::BTreeSet<String> = (0..5000).map(key).collect();
        assert!((400..=512).contains(&keys.len()), "{}", keys.len());
    }
}

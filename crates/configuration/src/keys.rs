//! The keys that `postern.toml` may have.
//!
//! *Invariant:* a key that is not in the table below is an error: a rule with a slip of the pen in
//! it must not be a rule that is not there.

use providers::ProviderText;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::Reason;
use crate::credentials::{AnonymousText, ApiKeyText, IssuerText, SharedText, TermsText};

/// Every table, and its keys.
const TABLES: [(&str, &[&str]); 10] = [
    ("server", &["name", "toolset", "component", "get_token"]),
    ("allow", &["roles", "tools"]),
    ("forbid", &["roles", "tools"]),
    ("client", &oauth::configured::KEYS),
    ("same_person", &["subjects"]),
    ("anonymous", &AnonymousText::KEYS),
    ("issuer", &IssuerText::KEYS),
    ("api_key", &ApiKeyText::KEYS),
    ("jwt", &SharedText::KEYS),
    ("access-self-hosted", &TermsText::KEYS),
];

/// Keys of the file itself.
const PLAIN: [&str; 2] = ["authentication", "default_provider"];

/// The table of tables, one for each provider.
const PROVIDER: &str = "provider";

/// Less alike than this is another word, not a slip.
const ALIKE: f64 = 0.75;

/// The first unknown key and where it is.
pub(super) fn check(text: &str) -> Result<Option<(usize, Reason)>, Error> {
    let file = DeTable::parse(text)?;
    let tables = TABLES.map(|(name, _)| name);
    let names: Vec<_> = tables.into_iter().chain(PLAIN).chain([PROVIDER]).collect();
    let tables = file.get_ref().iter().filter_map(|(key, value)| {
        let known = TABLES.iter().find(|(name, _)| *name == key.get_ref());
        match known {
            None if key.get_ref() == PROVIDER => provider(value.get_ref()),
            None if PLAIN.contains(&key.get_ref().as_ref()) => None,
            None => Some(unknown(key, &names)),
            Some((_, keys)) => within(value.get_ref(), keys),
        }
    });
    Ok(tables.min_by_key(|(position, _)| *position))
}

/// The first unknown key of a table, or of any table in an array of them.
fn within(value: &DeValue<'_>, known: &[&'static str]) -> Option<(usize, Reason)> {
    match value {
        DeValue::Array(tables) => {
            let found = tables
                .iter()
                .filter_map(|table| within(table.get_ref(), known));
            found.min_by_key(|(position, _)| *position)
        }
        DeValue::Table(table) => {
            let keys = table.iter().map(|(key, _)| key);
            keys.filter(|key| !known.contains(&key.get_ref().as_ref()))
                .map(|key| unknown(key, known))
                .min_by_key(|(position, _)| *position)
        }
        // A value of another type is refused where values are read.
        DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Float(_)
        | DeValue::Integer(_)
        | DeValue::String(_) => None,
    }
}

/// The first unknown provider, or the first unknown key of one.
fn provider(value: &DeValue<'_>) -> Option<(usize, Reason)> {
    let providers = value.as_table()?;
    let found = providers.iter().filter_map(|(id, value)| {
        if !providers::is_known(id.get_ref()) {
            let reason = Reason::UnknownProvider(id.get_ref().to_string());
            return Some((id.span().start, reason));
        }
        let allow = value
            .get_ref()
            .as_table()
            .and_then(|table| table.get("allow"));
        let allow = allow.and_then(|allow| within(allow.get_ref(), &ProviderText::ALLOW_KEYS));
        within(value.get_ref(), &ProviderText::KEYS).or(allow)
    });
    found.min_by_key(|(position, _)| *position)
}

/// The ids of all providers.
pub(super) fn provider_ids() -> Vec<&'static str> {
    providers::CATALOGUE
        .iter()
        .map(|provider| provider.id)
        .collect()
}

fn unknown(key: &Spanned<std::borrow::Cow<'_, str>>, known: &[&'static str]) -> (usize, Reason) {
    let reason = Reason::UnknownKey {
        key: key.get_ref().to_string(),
        suggestion: alike(key.get_ref(), known),
    };
    (key.span().start, reason)
}

/// The one of `known` that somebody who wrote `word` may have meant.
pub(super) fn alike(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let likeness = |name: &&'static str| strsim::jaro_winkler(name, word);
    let alike = known.iter().copied().filter(|name| likeness(name) >= ALIKE);
    alike.max_by(|left, right| likeness(left).total_cmp(&likeness(right)))
}

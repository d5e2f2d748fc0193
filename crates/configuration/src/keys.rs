//! The keys that `postern.toml` may have.
//!
//! *Invariant:* a key that is not in the table below is an error: a rule with a slip of the pen in
//! it must not be a rule that is not there.

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::Reason;

/// Every table, and its keys.
const TABLES: [(&str, &[&str]); 4] = [
    ("server", &["name", "toolset", "component", "get_token"]),
    ("allow", &["roles", "tools"]),
    ("forbid", &["roles", "tools"]),
    ("client", &oauth::configured::KEYS),
];

/// Less alike than this is another word, not a slip.
const ALIKE: f64 = 0.75;

/// The first unknown key and where it is.
pub(super) fn check(text: &str) -> Result<Option<(usize, Reason)>, Error> {
    let file = DeTable::parse(text)?;
    let names = TABLES.map(|(name, _)| name);
    let tables = file.get_ref().iter().filter_map(|(key, value)| {
        let known = TABLES.iter().find(|(name, _)| *name == key.get_ref());
        match known {
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

fn unknown(key: &Spanned<std::borrow::Cow<'_, str>>, known: &[&'static str]) -> (usize, Reason) {
    let likeness = |name: &&'static str| strsim::jaro_winkler(name, key.get_ref());
    let alike = known.iter().copied().filter(|name| likeness(name) >= ALIKE);
    let reason = Reason::UnknownKey {
        key: key.get_ref().to_string(),
        suggestion: alike.max_by(|left, right| likeness(left).total_cmp(&likeness(right))),
    };
    (key.span().start, reason)
}

//! Who speaks of people here: every source has one name, and no name two sources.
//!
//! *Invariant:* a subject begins with its source's name, so a name that two could use would make
//! one person of two.

use oauth::{Source, SubjectRefused};

/// Names that we give ourselves: clients in their own name, test people, tokens of the shared
/// secret, API keys, Cloudflare Access in front of us, and whoever shows nothing.
const OURS: [&str; 6] = [
    "access-self-hosted",
    "anonymous",
    "api-key",
    "client",
    "dev",
    "jwt",
];

/// Why a name cannot be a source's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourceRefused {
    #[error("`name`: {0}")]
    Name(SubjectRefused),
    #[error("a source cannot be named twice, and `{0}` is one already: choose another `name`")]
    Taken(String),
}

/// The names so far.
#[derive(Debug, Default)]
pub(crate) struct Sources(Vec<Source>);

impl Sources {
    /// Takes a name for a source that the operator wrote down.
    pub(crate) fn take(&mut self, name: &str) -> Result<Source, SourceRefused> {
        let ours = OURS.contains(&name) || providers::is_known(name);
        if ours || self.0.iter().any(|known| known.as_str() == name) {
            return Err(SourceRefused::Taken(name.to_owned()));
        }
        let source = Source::parse(name).map_err(SourceRefused::Name)?;
        self.0.push(source.clone());
        Ok(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_once_and_ours_never() {
        let mut sources = Sources::default();
        assert_eq!(sources.take("corp").unwrap().as_str(), "corp");
        for name in ["corp", "clerk"].into_iter().chain(OURS) {
            let refused = sources.take(name).unwrap_err().to_string();
            assert!(
                refused.contains("a source cannot be named twice"),
                "{refused}"
            );
        }
        for name in ["", "Corp", "a:b", "a_b"] {
            let refused = sources.take(name);
            assert!(matches!(refused, Err(SourceRefused::Name(_))), "{name}");
        }
    }
}

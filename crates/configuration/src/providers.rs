//! `[provider.<id>]`, `default_provider` and `[[same_person]]`: who may sign in, and as whom.
//!
//! *Invariant:* people of two sources are one person only where somebody wrote that down.

use std::collections::BTreeMap;

use oauth::Subject;
use providers::{ProviderText, Wishes, WishesRefused};
use serde::Deserialize;
use toml::Spanned;

use crate::{At, Reason};

/// Which provider's callback is `/callback` where several are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultProvider {
    /// None: each has a path of its own.
    Nobody,
    /// This one.
    Of(String),
}

/// The word for none.
const NOBODY: &str = "none";

/// What is written of providers.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    wishes: BTreeMap<String, Wishes>,
    /// Which one has `/callback`, where somebody said so.
    pub default: Option<DefaultProvider>,
}

/// People of several sources who are one person.
#[derive(Clone, Debug, Default)]
pub struct SamePeople(BTreeMap<String, Subject>);

#[derive(Deserialize)]
pub(crate) struct SamePersonText {
    subjects: Vec<String>,
}

/// Why nobody can say which provider has `/callback`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DefaultRefused {
    /// The one that is named is off.
    #[error(
        "postern.toml says `default_provider = \"{0}\"`, and that provider is off: set the \
         variables of its client, or name another"
    )]
    Off(String),
    /// Several are on, and none is named.
    #[error(
        "several identity providers are on ({0}): say in postern.toml which of them has the \
         callback /callback, with `default_provider = \"…\"`, or \"none\" if each has its own"
    )]
    Several(String),
}

impl Providers {
    /// Which of the providers that are on has `/callback`: the only one, or the one that is named.
    pub fn default_of(&self, on: &[&str]) -> Result<Option<String>, DefaultRefused> {
        let name = match (&self.default, on) {
            (Some(DefaultProvider::Nobody), _) | (None, []) => return Ok(None),
            (Some(DefaultProvider::Of(name)), _) => name.as_str(),
            (None, [name]) => name,
            (None, several) => return Err(DefaultRefused::Several(several.join(", "))),
        };
        if on.contains(&name) {
            Ok(Some(name.to_owned()))
        } else {
            Err(DefaultRefused::Off(name.to_owned()))
        }
    }

    /// What the operator wants of the provider with this id.
    #[must_use]
    pub fn wishes(&self, id: &str) -> Wishes {
        self.wishes.get(id).cloned().unwrap_or_default()
    }
}

impl SamePeople {
    /// As whom `subject` is known here.
    #[must_use]
    pub fn known_as(&self, subject: &Subject) -> Subject {
        self.0.get(subject.as_str()).unwrap_or(subject).clone()
    }
}

pub(crate) fn read(
    tables: BTreeMap<Spanned<String>, Spanned<ProviderText>>,
    default: Option<Spanned<String>>,
) -> At<Providers> {
    let mut wishes = BTreeMap::new();
    for (id, text) in tables {
        let position = id.span().start;
        let id = id.into_inner();
        let read = Wishes::try_from(text.into_inner());
        let read = read.map_err(|reason| (position, Reason::Provider(id.clone(), reason)))?;
        wishes.insert(id, read);
    }
    let default = default.map(|name| {
        let position = name.span().start;
        let name = name.into_inner();
        if name == NOBODY {
            Ok(DefaultProvider::Nobody)
        } else if providers::is_known(&name) {
            Ok(DefaultProvider::Of(name))
        } else {
            Err((position, Reason::UnknownProvider(name)))
        }
    });
    Ok(Providers {
        wishes,
        default: default.transpose()?,
    })
}

pub(crate) fn same_people(texts: Vec<Spanned<SamePersonText>>) -> At<SamePeople> {
    let mut people: BTreeMap<String, Subject> = BTreeMap::new();
    for text in texts {
        let position = text.span().start;
        let subjects = text.into_inner().subjects;
        let read = subjects
            .iter()
            .map(|subject| Subject::try_from(subject.clone()));
        let read = read.collect::<Result<Vec<_>, _>>();
        let read = read.map_err(|reason| (position, Reason::SamePerson(reason.to_string())))?;
        let [first, others @ ..] = read.as_slice() else {
            return Err((position, Reason::Alone));
        };
        if others.is_empty() {
            return Err((position, Reason::Alone));
        }
        for subject in &read {
            if people.insert(subject.to_string(), first.clone()).is_some() {
                return Err((position, Reason::TwicePerson(subject.to_string())));
            }
        }
    }
    Ok(SamePeople(people))
}

/// Why the table of a provider is refused.
pub(crate) type ProviderRefused = WishesRefused;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Configuration;

    fn read(text: &str) -> Result<Configuration, String> {
        let text = format!("{text}\n[[server]]\nname = \"toolbox\"\ntoolset = true\n");
        Configuration::read(&text).map_err(|refused| refused.to_string())
    }

    #[test]
    fn what_is_written_of_a_provider_is_read() {
        let found = read(
            "default_provider = \"clerk\"\n[provider.clerk]\ntitle = \"Staff\"\n\
             roles = { Directors = \"admin\" }\nallow = { domains = [\"example.com\"] }\n",
        );
        let found = found.unwrap();
        assert_eq!(
            found.providers.default,
            Some(DefaultProvider::Of("clerk".to_owned()))
        );
        assert_eq!(
            found.providers.wishes("clerk").title.as_deref(),
            Some("Staff")
        );
        assert_eq!(found.providers.wishes("github"), Wishes::default());
    }

    #[test]
    fn a_slip_of_the_pen_is_told_with_its_line() {
        for (text, told) in [
            (
                "[provider.clrek]\n",
                "line 1: unknown provider `clrek`: did you mean `clerk`?",
            ),
            (
                "[provider.clerk]\ntitel = \"x\"\n",
                "line 2: unknown key `titel`: did you mean `title`?",
            ),
            (
                "[provider.github]\nallow = { domain = [\"example.com\"] }\n",
                "line 2: unknown key `domain`: did you mean `domains`?",
            ),
            (
                "[provider.github]\nallow = \"all\"\n",
                "line 1: provider `github`: `allow` must be",
            ),
            (
                "default_provider = \"clrek\"\n",
                "line 1: unknown provider `clrek`",
            ),
            (
                "[[same_person]]\nsubjects = [\"google:1\"]\n",
                "line 1: `subjects` must list two",
            ),
            (
                "[[same_person]]\nsubjects = [\"google:1\", \"nobody\"]\n",
                "line 1: `subjects` must list people such as",
            ),
            (
                "[[same_person]]\nsubjects = [\"google:1\", \"github:2\"]\n\
                 [[same_person]]\nsubjects = [\"google:3\", \"github:2\"]\n",
                "line 3: `github:2` is already somebody",
            ),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(told), "{text}: {refused}");
        }
    }

    #[test]
    fn the_only_provider_or_the_one_that_is_named_has_the_callback() {
        for (named, on, expected) in [
            ("", &[][..], Ok(None)),
            ("", &["okta"], Ok(Some("okta"))),
            ("", &["github", "okta"], Err("(github, okta)")),
            ("okta", &["github", "okta"], Ok(Some("okta"))),
            ("okta", &["github"], Err("`default_provider = \"okta\"`")),
            ("okta", &[], Err("that provider is off")),
            ("none", &["okta"], Ok(None)),
            ("none", &["github", "okta"], Ok(None)),
        ] {
            let text = match named {
                "" => String::new(),
                name => format!("default_provider = \"{name}\"\n"),
            };
            let found = read(&text).unwrap().providers.default_of(on);
            match (found, expected) {
                (Ok(found), Ok(expected)) => {
                    assert_eq!(found.as_deref(), expected, "{named} {on:?}")
                }
                (Err(refused), Err(part)) => {
                    assert!(refused.to_string().contains(part), "{refused}");
                }
                (found, _) => panic!("{named} {on:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn people_are_one_only_where_that_is_written() {
        let found = read("[[same_person]]\nsubjects = [\"google:1\", \"github:2\"]\n").unwrap();
        let subject = |text: &str| Subject::try_from(text.to_owned()).unwrap();
        for (who, known_as) in [
            ("github:2", "google:1"),
            ("google:1", "google:1"),
            ("github:1", "github:1"),
            ("google:2", "google:2"),
        ] {
            assert_eq!(
                found.same_people.known_as(&subject(who)),
                subject(known_as),
                "{who}"
            );
        }
    }
}

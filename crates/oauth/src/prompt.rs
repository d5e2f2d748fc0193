//! How a client wants the person to be asked (OpenID Connect Core 1.0 §3.1.2.1).
//!
//! *Invariant:* `none` stands alone, and a value that we do not know is refused rather than
//! overlooked: who asked not to disturb must not be misread.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::parameters::Parameters;
use crate::timestamp::Timestamp;

/// The most characters of a `login_hint`; a longer one is no hint.
const LONGEST_HINT: usize = 255;

/// What a client may say about how the person is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompting {
    /// What must be asked, or that nothing may be.
    pub prompt: Prompt,
    /// How long ago the person may have proved who they are.
    pub max_age: Option<MaxAge>,
    /// Whom the client expects: a suggestion, never a fact.
    pub login_hint: Option<String>,
}

/// The values of `prompt`; one letter each where there is little room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prompt {
    /// Nothing may be shown.
    pub none: bool,
    /// The person proves again who they are.
    pub login: bool,
    /// The person agrees again.
    pub consent: bool,
    /// The person chooses whom to be.
    pub select_account: bool,
}

/// A number of seconds; what is longer than any sign-in is all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaxAge(u32);

/// Why what a client says of prompting is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromptRefused {
    /// Not a number of seconds.
    #[error("the parameter `max_age` must be a number of seconds, 0 or more")]
    MaxAge,
    /// `none` and something else.
    #[error("the value none of the parameter `prompt` must stand alone")]
    NoneWithOthers,
    /// Not a value of `prompt`.
    #[error("the parameter `prompt` must be none, or some of login, consent and select_account")]
    UnknownPrompt,
}

impl Prompting {
    /// Reads the three parameters.
    pub fn parse(parameters: &Parameters) -> Result<Self, PromptRefused> {
        let prompt = parameters.value("prompt").map(Prompt::parse).transpose()?;
        let max_age = parameters.value("max_age").map(MaxAge::parse).transpose()?;
        let hint = parameters.value("login_hint").filter(|hint| is_hint(hint));
        Ok(Self {
            prompt: prompt.unwrap_or_default(),
            max_age,
            login_hint: hint.map(str::to_owned),
        })
    }
}

/// A hint helps or it does not: one that cannot be shown is left out, never refused.
fn is_hint(text: &str) -> bool {
    text.chars().count() <= LONGEST_HINT && !text.chars().any(char::is_control)
}

impl Prompt {
    /// Reads a list of values, separated by spaces.
    pub fn parse(text: &str) -> Result<Self, PromptRefused> {
        let mut prompt = Self::default();
        for value in text.split(' ').filter(|value| !value.is_empty()) {
            let flag = match value {
                "none" => &mut prompt.none,
                "login" => &mut prompt.login,
                "consent" => &mut prompt.consent,
                "select_account" => &mut prompt.select_account,
                _ => return Err(PromptRefused::UnknownPrompt),
            };
            *flag = true;
        }
        if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
            Err(PromptRefused::NoneWithOthers)
        } else {
            Ok(prompt)
        }
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    const fn letters(&self) -> [(char, bool); 4] {
        [
            ('n', self.none),
            ('l', self.login),
            ('c', self.consent),
            ('s', self.select_account),
        ]
    }
}

impl From<Prompt> for String {
    fn from(prompt: Prompt) -> Self {
        let said = prompt.letters().into_iter().filter(|(_, said)| *said);
        said.map(|(letter, _)| letter).collect()
    }
}

impl TryFrom<String> for Prompt {
    type Error = PromptRefused;

    fn try_from(letters: String) -> Result<Self, PromptRefused> {
        let says = |letter| letters.contains(letter);
        let prompt = Self {
            none: says('n'),
            login: says('l'),
            consent: says('c'),
            select_account: says('s'),
        };
        if String::from(prompt) == letters {
            Ok(prompt)
        } else {
            Err(PromptRefused::UnknownPrompt)
        }
    }
}

impl MaxAge {
    fn parse(text: &str) -> Result<Self, PromptRefused> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PromptRefused::MaxAge);
        }
        Ok(Self(text.parse().unwrap_or(u32::MAX)))
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// Whether who proved `at` who they are still counts `now`.
    #[must_use]
    pub fn allows(self, at: Timestamp, now: Timestamp) -> bool {
        now.since(at) <= Duration::from_secs(self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(query: &str) -> Result<Prompting, PromptRefused> {
        Prompting::parse(&Parameters::parse(query.as_bytes()).unwrap())
    }

    #[test]
    fn prompt_is_a_list_in_which_none_stands_alone() {
        for (text, letters) in [
            ("none", Ok("n")),
            ("login", Ok("l")),
            ("select_account consent login", Ok("lcs")),
            ("consent  consent", Ok("c")),
            ("none login", Err(PromptRefused::NoneWithOthers)),
            ("consent none", Err(PromptRefused::NoneWithOthers)),
            ("create", Err(PromptRefused::UnknownPrompt)),
            ("Login", Err(PromptRefused::UnknownPrompt)),
            ("login,consent", Err(PromptRefused::UnknownPrompt)),
        ] {
            let prompt = Prompt::parse(text);
            assert_eq!(
                prompt.map(String::from).as_deref(),
                letters.as_ref().copied(),
                "{text}"
            );
            if let Ok(prompt) = prompt {
                assert_eq!(Prompt::try_from(String::from(prompt)), Ok(prompt));
            }
        }
        assert!(Prompt::try_from("ln".to_owned()).is_err());
        assert!(Prompt::try_from("x".to_owned()).is_err());
        assert!(parsed("").unwrap().prompt.is_default());
    }

    #[test]
    fn max_age_is_a_whole_number_of_seconds() {
        for (text, seconds) in [
            ("0", Some(0)),
            ("3600", Some(3600)),
            ("99999999999999999999", Some(u32::MAX)),
            ("-1", None),
            ("1.5", None),
            ("+1", None),
            ("soon", None),
        ] {
            let query = format!("max_age={}", text.replace('+', "%2B"));
            let expected = seconds.ok_or(PromptRefused::MaxAge);
            let found = parsed(&query).map(|read| read.max_age.unwrap().seconds());
            assert_eq!(found, expected, "{text}");
        }
        let (then, now) = (Timestamp::from_seconds(100), Timestamp::from_seconds(160));
        assert!(MaxAge(60).allows(then, now) && !MaxAge(59).allows(then, now));
        assert!(MaxAge(0).allows(now, now));
    }

    #[test]
    fn a_hint_that_cannot_be_shown_is_no_hint() {
        for (hint, kept) in [
            ("ada@dev.example", true),
            (&"ä".repeat(255), true),
            (&"a".repeat(256), false),
            ("a\nb", false),
            ("a\u{1b}b", false),
        ] {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("login_hint", hint)
                .finish();
            assert_eq!(
                parsed(&query).unwrap().login_hint.is_some(),
                kept,
                "{hint:?}"
            );
        }
    }
}

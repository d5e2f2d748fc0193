//! The parameters of a form or a query (RFC 6749 §3.1, §3.2).
//!
//! *Invariant:* a parameter that came twice is never read as either of its values.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// Parameters that came once each, except `resource` (RFC 8707 §2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, Vec<String>>);

/// Why a form or query is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParametersRefused {
    /// RFC 6749 §3.1: request parameters must not be included more than once.
    #[error("the parameter `{0}` is given more than once")]
    Repeated(String),
    /// Not text.
    #[error("the parameters are not UTF-8 text")]
    NotText,
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded`. A parameter without a value counts as omitted.
    pub fn parse(encoded: &[u8]) -> Result<Self, ParametersRefused> {
        Self::answerable(encoded, &[]).map(|(parameters, _)| parameters)
    }

    /// Reads a query whose client may be told what is wrong with it: one of `named` that came
    /// twice is left out, and said.
    pub fn answerable(
        encoded: &[u8],
        named: &[&'static str],
    ) -> Result<(Self, Option<&'static str>), ParametersRefused> {
        let mut repeated = None;
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            // The decoder replaces bad UTF-8; nobody means the replacement character.
            if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
                return Err(ParametersRefused::NotText);
            }
            if value.is_empty() {
                continue;
            }
            let known = values.entry(name.clone().into_owned()).or_default();
            if !known.is_empty() && name != "resource" {
                let told = named.iter().find(|known| **known == name);
                let told = told.ok_or_else(|| ParametersRefused::Repeated(printable(&name)))?;
                repeated = Some(*told);
            }
            known.push(value.into_owned());
        }
        if let Some(name) = repeated {
            values.retain(|known, given| given.len() == 1 || known == "resource");
            debug_assert!(!values.contains_key(name), "neither value is read");
        }
        Ok((Self(values), repeated))
    }

    /// One parameter.
    #[must_use]
    pub fn single(name: &str, value: &str) -> Self {
        Self(BTreeMap::from([(name.to_owned(), vec![value.to_owned()])]))
    }

    /// The value of `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).first().map(String::as_str)
    }

    /// Every value of `name`.
    #[must_use]
    pub fn values(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The parameters of these names alone.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        let kept = self
            .0
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()));
        Self(
            kept.map(|(name, values)| (name.clone(), values.clone()))
                .collect(),
        )
    }

    /// The pairs in one order, whatever order they came in, without those `except`.
    pub fn pairs<'a>(&'a self, except: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(|(name, _)| !except.contains(&name.as_str()))
            .flat_map(|(name, values)| {
                values
                    .iter()
                    .map(move |value| (name.as_str(), value.as_str()))
            })
    }
}

/// A name that is fit for an error message and a log: one that a standard could have given. What
/// looks otherwise may be a secret that was put where a name belongs.
fn printable(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    if name.len() <= 32 && name.bytes().all(plain) {
        name.to_owned()
    } else {
        "?".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameter_is_refused_by_name_and_resource_alone_may_repeat() {
        let read = |text: &str| Parameters::parse(text.as_bytes());
        assert_eq!(
            read("scope=a&scope=b"),
            Err(ParametersRefused::Repeated("scope".into()))
        );
        assert_eq!(
            read("scope=a&sc%6Fpe=a"),
            Err(ParametersRefused::Repeated("scope".into()))
        );
        assert_eq!(
            read("<b>=a&<b>=b"),
            Err(ParametersRefused::Repeated("?".into()))
        );
        assert_eq!(
            read(
                "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk=a&dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk=b"
            ),
            Err(ParametersRefused::Repeated("?".into()))
        );
        assert_eq!(
            read("resource=a&resource=b").unwrap().values("resource"),
            ["a", "b"]
        );
        assert_eq!(read("scope=&scope=b").unwrap().value("scope"), Some("b"));
        assert_eq!(read("scope=").unwrap().value("scope"), None);
        assert_eq!(read("scope=%FF"), Err(ParametersRefused::NotText));
    }

    #[test]
    fn percent_encoding_is_undone_once() {
        let read = Parameters::parse(b"code_verifier=a%7Eb&state=a+b%252B").unwrap();
        assert_eq!(read.value("code_verifier"), Some("a~b"));
        assert_eq!(read.value("state"), Some("a b%2B"));
    }
}

//! Templates of the catalogue: `{name}` stands for a variable, `{name%suffix}` for it without its
//! end.
//!
//! *Invariant:* what a template needs and nobody set is an error that names the variable.

/// Why a template has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hole {
    /// The variable is not set.
    Missing(String),
    /// It does not end as it must.
    Suffix(String, String),
}

/// The text that `template` becomes with `value` of each variable.
pub(crate) fn expand(
    template: &str,
    value: impl Fn(&str) -> Option<String>,
) -> Result<String, Hole> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, behind) = after.split_once('}').unwrap_or((after, ""));
        let (name, suffix) = inside.split_once('%').unwrap_or((inside, ""));
        let found = value(name).ok_or_else(|| Hole::Missing(name.to_owned()))?;
        // An address that people paste may end with a slash; what follows begins with one.
        let doubled = |last: char| last == '/' && behind.starts_with('/');
        let found = found.trim_end_matches(doubled);
        let found = found
            .strip_suffix(suffix)
            .ok_or_else(|| Hole::Suffix(name.to_owned(), suffix.to_owned()))?;
        text.push_str(before);
        text.push_str(found);
        rest = behind;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stand_where_their_names_do() {
        let value = |name: &str| match name {
            "host" => Some("login.example".to_owned()),
            "url" => Some("https://login.example/b/token".to_owned()),
            "slashed" => Some("https://login.example/".to_owned()),
            _ => None,
        };
        let missing = |name: &str| Err(Hole::Missing(name.to_owned()));
        for (template, expected) in [
            ("", Ok("")),
            ("plain", Ok("plain")),
            ("https://{host}/keys", Ok("https://login.example/keys")),
            ("{url%/token}/keys", Ok("https://login.example/b/keys")),
            ("{slashed}/oidc", Ok("https://login.example/oidc")),
            ("{slashed}", Ok("https://login.example/")),
            ("{other}", missing("other")),
            (
                "{url%/authorize}",
                Err(Hole::Suffix("url".into(), "/authorize".into())),
            ),
        ] {
            assert_eq!(
                expand(template, value),
                expected.map(str::to_owned),
                "{template}"
            );
        }
    }
}

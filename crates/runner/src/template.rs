//! `{{ name }}` in component variables and allowed hosts.
//!
//! *Invariant:* a value that was put in is never expanded again.

use std::collections::BTreeMap;

/// Why a template cannot be expanded.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateRefused {
    #[error("`{{{{` is never closed; write {{{{ name }}}}")]
    Unclosed,
    #[error("{{{{ {0} }}}} names no variable; declare it in [variables]")]
    Unknown(String),
}

/// Puts `values` into `template`.
pub(crate) fn expand(
    template: &str,
    values: &BTreeMap<String, String>,
) -> Result<String, TemplateRefused> {
    let mut expanded = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((literal, expression)) = rest.split_once("{{") {
        let (name, after) = expression
            .split_once("}}")
            .ok_or(TemplateRefused::Unclosed)?;
        let name = name.trim();
        let value = values
            .get(name)
            .ok_or_else(|| TemplateRefused::Unknown(name.to_owned()))?;
        expanded.push_str(literal);
        expanded.push_str(value);
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_takes_the_values_of_variables_and_nothing_else() {
        let values = BTreeMap::from([
            ("host".to_owned(), "idp.example".to_owned()),
            ("nested".to_owned(), "{{ host }}".to_owned()),
            ("empty".to_owned(), String::new()),
        ]);
        let unknown = |name: &str| Err(TemplateRefused::Unknown(name.to_owned()));
        for (template, expected) in [
            ("", Ok("")),
            ("plain", Ok("plain")),
            ("https://{{ host }}", Ok("https://idp.example")),
            ("{{host}}{{ host }}", Ok("idp.exampleidp.example")),
            ("a{{ empty }}b", Ok("ab")),
            ("{{ nested }}", Ok("{{ host }}")),
            ("}} {", Ok("}} {")),
            ("{{ missing }}", unknown("missing")),
            ("{{ }}", unknown("")),
            ("{{ host", Err(TemplateRefused::Unclosed)),
        ] {
            assert_eq!(
                expand(template, &values),
                expected.map(str::to_owned),
                "{template}"
            );
        }
    }
}

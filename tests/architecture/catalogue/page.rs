//! The page of a provider: what it must say, and that its examples hold.
//!
//! *Invariant:* an example is judged by the code that judges an operator's file.

use configuration::Configuration;
use providers::{Provider, Upstream};

/// What the page of `provider` does not say, or says wrongly. A provider that the catalogue does not
/// have is judged as the one that it is `like`.
pub(super) fn faults(provider: &'static Provider, like: &str, text: &str) -> Vec<String> {
    let id = provider.id;
    let variables = provider.variable_names().map(str::to_owned);
    let callbacks = [
        "https://HOST/callback".to_owned(),
        format!("https://HOST/callback/{id}"),
        "http://localhost:3000/callback".to_owned(),
    ];
    let words = variables.chain(callbacks);
    let mut faults: Vec<_> = words
        .filter(|word| !text.contains(&format!("`{word}`")))
        .map(|word| format!("it does not name `{word}`"))
        .collect();
    let settings = settings(text);
    let strangers = settings.iter().map(|(name, _)| name.as_str());
    let strangers = strangers.filter(|name| !provider.variable_names().any(|known| known == *name));
    faults.extend(strangers.map(|name| format!("it sets {name}, which is another's")));
    let examples = blocks(text, "toml");
    let table = format!("[provider.{id}]");
    if !examples.iter().any(|example| example.contains(&table)) {
        faults.push(format!("it shows no {table}"));
    }
    faults.extend(
        examples
            .iter()
            .filter_map(|example| refused((provider, like), &settings, example)),
    );
    faults
}

/// Why the provider would not be on with the page's variables and this example.
fn refused(
    (provider, like): (&'static Provider, &str),
    settings: &[(String, String)],
    example: &str,
) -> Option<String> {
    let (own, other) = [provider.id, like]
        .map(|id| format!("[provider.{id}]"))
        .into();
    let configuration = match configuration(&example.replace(&own, &other)) {
        Ok(configuration) => configuration,
        Err(refused) => return Some(refused),
    };
    let wishes = configuration.providers.wishes(like);
    let read = Upstream::read(provider, wishes, |name| {
        let found = settings.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    });
    match read {
        Ok(Some(_)) => None,
        Ok(None) => Some("with its variables the provider is off".to_owned()),
        Err(refused) => Some(refused.to_string()),
    }
}

/// An example, beside a server.
pub(super) fn configuration(example: &str) -> Result<Configuration, String> {
    let server = "[[server]]\nname = \"toolbox\"\ntoolset = true\n";
    let server = if example.contains("[[server]]") {
        ""
    } else {
        server
    };
    Configuration::read(&format!("{example}\n{server}")).map_err(|refused| refused.to_string())
}

/// The code of a language.
pub(super) fn blocks(text: &str, language: &str) -> Vec<String> {
    let start = format!("\n```{language}\n");
    let found = text.split(&start).skip(1);
    found
        .filter_map(|rest| Some(rest.split_once("\n```")?.0.to_owned()))
        .collect()
}

/// The variables that the page sets. An ellipsis stands for what nobody else knows.
fn settings(text: &str) -> Vec<(String, String)> {
    let blocks = blocks(text, "env");
    let lines = blocks.iter().flat_map(|block| block.lines());
    let settings = lines.filter_map(|line| line.strip_prefix("SPIN_VARIABLE_")?.split_once('='));
    settings
        .map(|(name, value)| (name.to_ascii_lowercase(), value.replace('…', "x")))
        .collect()
}

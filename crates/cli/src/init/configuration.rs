//! `postern.toml` with more in it than before.
//!
//! *Invariant:* what an operator has said there stays as it is, to the letter; a table or a key
//! that is there already is not written again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use toml::Table;

/// What this version ships, which holds no decision of anybody's.
pub(super) const SHIPPED: &str = include_str!("../../../../postern.toml");

/// What there is to say.
#[derive(Default)]
pub(super) struct Additions {
    /// How to let everybody in, as a comment.
    pub(super) authentication: bool,
    /// Who keeps `/callback`.
    pub(super) default_provider: Option<&'static str>,
    /// A tool that shows which token was sent.
    pub(super) get_token: bool,
    /// The rules of a server whose `generateImage` is not for everybody.
    pub(super) role_gate: bool,
    providers: BTreeMap<&'static str, String>,
}

const AUTHENTICATION: &str =
    "# Everybody may call every tool, without signing in:\n# authentication = \"none\"\n";
const GET_TOKEN: &str = "get_token = \"redacted\"";
const ROLE_GATE: &str = r#"# Everybody may call these, and `generateImage` is for two roles.
[[allow]]
tools = ["add", "calculate", "userInfo", "getUserInfo"]

[[allow]]
roles = ["admin"]
tools = ["*"]

[[allow]]
roles = ["premium"]
tools = ["generateImage"]
"#;
const WHO: &str = r#"# Anybody can make an account there: say who may sign in, with one of these lines.
# allow = { domains = ["example.com"], emails = ["ada@example.com"] }
# allow = "anyone"
"#;

impl Additions {
    /// What a provider is asked for.
    pub(super) fn scopes(&mut self, provider: &'static str, scopes: &str) {
        let scopes = toml::Value::from(scopes);
        let table = self.providers.entry(provider).or_default();
        // Writing to a String has no way to fail.
        let _ = writeln!(table, "scopes = {scopes}");
    }

    /// A provider for which somebody has to say who may sign in.
    pub(super) fn open_to_the_world(&mut self, provider: &'static str) {
        self.providers.entry(provider).or_default().push_str(WHO);
    }

    /// The text with what it does not say yet; `None` if it says everything.
    pub(super) fn to(&self, text: &str) -> Result<Option<String>> {
        let said: Table = toml::from_str(text).context("postern.toml is not TOML")?;
        let mut more = String::new();
        let lists = |name: &str| said.get(name).and_then(toml::Value::as_array);
        if self.role_gate && lists("allow").is_none() {
            more = more + "\n" + ROLE_GATE;
        }
        let providers = said.get("provider").and_then(toml::Value::as_table);
        for (id, table) in &self.providers {
            if !providers.is_some_and(|known| known.contains_key(*id)) {
                let _ = write!(more, "\n[provider.{id}]\n{table}");
            }
        }
        let with = self.roots(&said) + &self.with_get_token(text, &said)? + &more;
        if with == text {
            return Ok(None);
        }
        // What was put together here must be a file that can be read.
        toml::from_str::<Table>(&with).context("postern.toml cannot be added to by itself")?;
        Ok(Some(with))
    }

    /// Keys of no table, which stand before all tables.
    fn roots(&self, said: &Table) -> String {
        let mut roots = String::new();
        if self.authentication && !said.contains_key("authentication") {
            roots.push_str(AUTHENTICATION);
        }
        if let Some(provider) = self.default_provider
            && !said.contains_key("default_provider")
        {
            let _ = writeln!(roots, "default_provider = \"{provider}\"");
        }
        if !roots.is_empty() {
            roots.push('\n');
        }
        roots
    }

    fn with_get_token(&self, text: &str, said: &Table) -> Result<String> {
        let servers = said.get("server").and_then(toml::Value::as_array);
        let mut servers = servers.into_iter().flatten();
        if !self.get_token || servers.any(|server| server.get("get_token").is_some()) {
            return Ok(text.to_owned());
        }
        let lines = text
            .lines()
            .filter(|line| *line != format!("# {GET_TOKEN}"));
        let is_toolset = |line: &str| line.split_whitespace().eq(["toolset", "=", "true"]);
        let mut with = String::new();
        let mut found = false;
        for line in lines {
            let _ = writeln!(with, "{line}");
            if !found && is_toolset(line) {
                found = true;
                let _ = writeln!(with, "{GET_TOKEN}");
            }
        }
        if !found {
            bail!("postern.toml has no line `toolset = true` to put `{GET_TOKEN}` behind");
        }
        Ok(with)
    }

    /// The additions alone, for a person to put where they belong.
    pub(super) fn to_show(&self) -> String {
        let mut text = self.roots(&Table::new());
        if self.get_token {
            let _ = writeln!(
                text,
                "{GET_TOKEN}    # in the [[server]] with `toolset = true`\n"
            );
        }
        if self.role_gate {
            text = text + ROLE_GATE + "\n";
        }
        for (id, table) in &self.providers {
            let _ = writeln!(text, "[provider.{id}]\n{table}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_says_nothing_of_it_yet_and_says_it_once_afterwards() {
        let mut additions = Additions {
            authentication: true,
            default_provider: Some("clerk"),
            get_token: true,
            role_gate: true,
            ..Additions::default()
        };
        additions.scopes("auth0", "openid \"x\"");
        additions.open_to_the_world("github");
        let with = additions.to(SHIPPED).unwrap().unwrap();
        let said: Table = toml::from_str(&with).unwrap();
        assert_eq!(said["default_provider"].as_str(), Some("clerk"));
        assert_eq!(said["server"][0]["get_token"].as_str(), Some("redacted"));
        assert_eq!(said["allow"].as_array().map(Vec::len), Some(3));
        assert_eq!(
            said["provider"]["auth0"]["scopes"].as_str(),
            Some("openid \"x\"")
        );
        assert!(said["provider"]["github"].as_table().unwrap().is_empty());
        assert!(
            !said.contains_key("authentication"),
            "that is nobody's to write but theirs"
        );
        assert!(with.contains("# authentication = \"none\""));
        additions.authentication = false;
        assert_eq!(additions.to(&with).unwrap(), None);
        assert_eq!(Additions::default().to(SHIPPED).unwrap(), None);
    }

    #[test]
    fn what_an_operator_decided_stays() {
        let text = "default_provider = \"none\"\nauthentication = \"none\"\n[[server]]\nname = \"a\"\n\
            toolset = true\nget_token = \"whole\"\n[[allow]]\ntools = [\"x\"]\n\
            [provider.github]\nallow = \"anyone\"\n";
        let mut additions = Additions {
            authentication: true,
            default_provider: Some("clerk"),
            get_token: true,
            role_gate: true,
            ..Additions::default()
        };
        additions.open_to_the_world("github");
        assert_eq!(additions.to(text).unwrap(), None);
        let other = Additions {
            get_token: true,
            ..Additions::default()
        };
        let refused = other.to("[[server]]\nname = \"a\"\ncomponent = \"b\"\n");
        assert!(refused.unwrap_err().to_string().contains("toolset = true"));
        assert!(additions.to("x = [").is_err());
    }

    #[test]
    fn the_rules_are_understood_by_the_server() {
        let text = format!("{SHIPPED}{ROLE_GATE}");
        let read = configuration::Configuration::read(&text).unwrap();
        for (roles, tool, listed) in [
            (vec![], "userInfo", true),
            (vec![], "generateImage", false),
            (vec!["premium".to_owned()], "generateImage", true),
            (vec!["admin".to_owned()], "generateImage", true),
        ] {
            let caller = policy::Caller { roles: &roles };
            assert_eq!(read.policy.lists(caller, tool), listed, "{roles:?} {tool}");
        }
    }
}

//! `postern.toml`: what the operator decides about servers, tools, clients and credentials.
//!
//! *Invariant:* nothing in the file is skipped: what is not understood is refused with its line.

mod clients;
mod credentials;
mod keys;
mod mounted;
mod names;
mod providers;
mod sources;

use std::collections::BTreeMap;

use ::providers::ProviderText;
use oauth::Client;
use oauth::configured::{ClientText, ConfiguredRefused};
use policy::{Pattern, Policy, Rule, RuleRefused, RuleText};
use serde::Deserialize;
use toml::Spanned;

use crate::providers::{ProviderRefused, SamePersonText};

pub use clients::{ClientsRefused, VARIABLE as CLIENTS_VARIABLE, from_json as clients_from_json};
pub use credentials::{
    API_KEYS_VARIABLE, ApiKey, ApiKeysRefused, Authentication, Credentials, Issuer, Shared, Terms,
    is_well_known, of_variable as api_keys_of_variable,
};
pub use mounted::{GetToken, Mounted, Place, Server};
pub use providers::{DefaultProvider, DefaultRefused, Providers, SamePeople};

/// Where the manifest mounts the file.
pub const PATH: &str = "/postern.toml";

/// The file, understood.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The servers.
    pub mounted: Mounted,
    /// The rules.
    pub policy: Policy,
    /// The clients that were written down.
    pub clients: Vec<Client>,
    /// The line that asks for whole tokens to be shown.
    whole_tokens: Option<usize>,
    /// What is wanted of identity providers.
    pub providers: Providers,
    /// Who is known as whom.
    pub same_people: SamePeople,
}

/// Why the file is refused, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("postern.toml line {line}: {reason}")]
pub struct ConfigurationRefused {
    line: usize,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("`subjects` must list two people or more: they become the first of them")]
    Alone,
    #[error("client `{0}`: {1}")]
    Client(String, ConfiguredRefused),
    #[error("`component` must be a component's id, such as `weather-tools`")]
    Component,
    #[error(
        "`get_token` is for the server with `toolset = true`: no other is told what a client sent"
    )]
    GetToken,
    #[error(transparent)]
    Credential(#[from] credentials::CredentialRefused),
    #[error("a server needs `toolset = true` or `component = \"…\"`, and not both")]
    Kind,
    #[error("there is no [[server]]: mount the built-in tools with `toolset = true`")]
    NoServer,
    #[error("a server's name must be 1 to 24 of a-z, 0-9 and -")]
    Name,
    #[error(
        "`{0}` can match no tool: with several servers a tool is called `<server>_<tool>`, such as \
         `{1}_{0}`"
    )]
    NoSuchServer(String, String),
    #[error("provider `{0}`: {1}")]
    Provider(String, ProviderRefused),
    #[error(transparent)]
    Rule(#[from] RuleRefused),
    #[error("two clients have the `client_id` `{0}`")]
    SameClient(String),
    #[error("`subjects` must list people such as \"google:1234\": {0}")]
    SamePerson(String),
    #[error("two servers are called `{0}`: their tools would be called alike")]
    SameName(String),
    #[error("only one server can be the composed toolset")]
    SecondToolset,
    #[error("{0}")]
    Syntax(String),
    #[error(
        "`get_token = \"whole\"` shows models a token that works, which only a development server \
         may: write `get_token = \"redacted\"`"
    )]
    WholeTokens,
    #[error("`{0}` is already somebody in another [[same_person]]")]
    TwicePerson(String),
    #[error("unknown key `{key}`{}", meant(*.suggestion))]
    UnknownKey {
        key: String,
        suggestion: Option<&'static str>,
    },
    #[error("unknown provider `{0}`{hint}", hint = meant(keys::alike(.0, &keys::provider_ids())))]
    UnknownProvider(String),
}

#[derive(Deserialize)]
struct Text {
    #[serde(default, rename = "server")]
    servers: Vec<Spanned<ServerText>>,
    #[serde(default)]
    allow: Vec<Spanned<RuleText>>,
    #[serde(default)]
    forbid: Vec<Spanned<RuleText>>,
    #[serde(default, rename = "client")]
    clients: Vec<Spanned<ClientText>>,
    default_provider: Option<Spanned<String>>,
    #[serde(default, rename = "provider")]
    providers: BTreeMap<Spanned<String>, Spanned<ProviderText>>,
    #[serde(default, rename = "same_person")]
    same_people: Vec<Spanned<SamePersonText>>,
}

#[derive(Deserialize)]
struct ServerText {
    name: String,
    #[serde(default)]
    toolset: bool,
    component: Option<String>,
    get_token: Option<Spanned<GetToken>>,
}

impl Configuration {
    /// Reads the file's text.
    pub fn read(text: &str) -> Result<Self, ConfigurationRefused> {
        let place = |fault| refused(text, fault);
        keys::check(text)
            .map_err(|error| place(syntax(&error)))?
            .map_or(Ok(()), |unknown| Err(place(unknown)))?;
        let read: Text = toml::from_str(text).map_err(|error| place(syntax(&error)))?;
        let asked = read
            .servers
            .iter()
            .filter_map(|server| server.get_ref().get_token.as_ref());
        let whole = asked.filter(|asked| *asked.get_ref() == GetToken::Whole);
        let whole_tokens = whole.map(|asked| line(text, asked.span().start)).next();
        let mounted = servers(read.servers).map_err(place)?;
        for rule in read.allow.iter().chain(&read.forbid) {
            reachable(rule, &mounted).map_err(place)?;
        }
        Ok(Self {
            mounted,
            clients: clients::written(read.clients).map_err(place)?,
            providers: providers::read(read.providers, read.default_provider).map_err(place)?,
            same_people: providers::same_people(read.same_people).map_err(place)?,
            policy: Policy::new(
                rules(read.allow).map_err(place)?,
                rules(read.forbid).map_err(place)?,
            ),
            whole_tokens,
        })
    }

    /// Refuses what the file asks for that only a development server may.
    pub fn check_deployment(&self, is_development: bool) -> Result<(), ConfigurationRefused> {
        match self.whole_tokens {
            Some(line) if !is_development => Err(ConfigurationRefused {
                line,
                reason: Reason::WholeTokens,
            }),
            Some(_) | None => Ok(()),
        }
    }
}

impl Credentials {
    /// Reads what the file says of credentials, for whoever takes any: it is a tenth of what others
    /// are made of, and they need none of it.
    pub fn read(text: &str) -> Result<Self, ConfigurationRefused> {
        let place = |fault| refused(text, fault);
        let read = toml::from_str(text).map_err(|error| place(syntax(&error)))?;
        credentials::written(read).map_err(place)
    }
}

fn syntax(error: &toml::de::Error) -> (usize, Reason) {
    let position = error.span().map_or(0, |span| span.start);
    (position, Reason::Syntax(error.message().to_owned()))
}

fn refused(text: &str, (position, reason): (usize, Reason)) -> ConfigurationRefused {
    ConfigurationRefused {
        line: line(text, position),
        reason,
    }
}

type At<T> = Result<T, (usize, Reason)>;

fn servers(texts: Vec<Spanned<ServerText>>) -> At<Mounted> {
    let mut servers: Vec<Server> = Vec::new();
    for text in texts {
        let position = text.span().start;
        let server = server(text.into_inner()).map_err(|reason| (position, reason))?;
        if servers.iter().any(|other| other.name == server.name) {
            return Err((position, Reason::SameName(server.name)));
        }
        let composed = |server: &Server| matches!(server.place, Place::Toolset(_));
        if composed(&server) && servers.iter().any(composed) {
            return Err((position, Reason::SecondToolset));
        }
        servers.push(server);
    }
    if servers.is_empty() {
        Err((0, Reason::NoServer))
    } else {
        Ok(Mounted::new(servers))
    }
}

fn server(text: ServerText) -> Result<Server, Reason> {
    if !is_label(&text.name, 24) {
        return Err(Reason::Name);
    }
    let get_token = text.get_token.map(Spanned::into_inner);
    let place = match (text.toolset, text.component) {
        (true, None) => Place::Toolset(get_token.unwrap_or_default()),
        (false, Some(_)) if get_token.is_some() => return Err(Reason::GetToken),
        (false, Some(component)) if is_label(&component, 63) => Place::Component(component),
        (false, Some(_)) => return Err(Reason::Component),
        (true, Some(_)) | (false, None) => return Err(Reason::Kind),
    };
    Ok(Server {
        name: text.name,
        place,
    })
}

/// A label of a host name, which a component's id becomes part of.
fn is_label(text: &str, longest: usize) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=longest).contains(&text.len()) && text.bytes().all(plain)
}

/// A rule that was written for one server must not fall silent when a second is mounted.
fn reachable(rule: &Spanned<RuleText>, mounted: &Mounted) -> At<()> {
    let servers: Vec<_> = mounted.iter().collect();
    let [first, _, ..] = servers.as_slice() else {
        return Ok(());
    };
    for text in &rule.get_ref().tools {
        let Ok(pattern) = Pattern::parse(text) else {
            continue;
        };
        let speaks = |server: &&Server| pattern.may_match_prefix(&format!("{}_", server.name));
        if !servers.iter().any(speaks) {
            let reason = Reason::NoSuchServer(text.clone(), first.name.clone());
            return Err((rule.span().start, reason));
        }
    }
    Ok(())
}

fn rules(texts: Vec<Spanned<RuleText>>) -> At<Vec<Rule>> {
    let rule = |text: Spanned<RuleText>| {
        let position = text.span().start;
        Rule::try_from(text.into_inner()).map_err(|reason| (position, reason.into()))
    };
    texts.into_iter().map(rule).collect()
}

fn line(text: &str, position: usize) -> usize {
    let before = text.bytes().take(position);
    before.filter(|byte| *byte == b'\n').count() + 1
}

fn meant(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!(": did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_rules_are_read() {
        let text = r#"
            [[server]]
            name = "toolbox"
            toolset = true

            [[server]]
            name = "weather"
            component = "weather-tools"

            [[allow]]
            tools = ["toolbox_*"]

            [[allow]]
            roles = ["admin"]
            tools = ["*"]
        "#;
        let read = Configuration::read(text).unwrap();
        let names: Vec<_> = read
            .mounted
            .iter()
            .map(|server| server.name.as_str())
            .collect();
        assert_eq!(names, ["toolbox", "weather"]);
        let admin = ["admin".to_owned()];
        for (roles, tool, listed) in [
            (&[][..], "toolbox_add", true),
            (&[], "weather_now", false),
            (&admin, "weather_now", true),
        ] {
            assert_eq!(
                read.policy.lists(policy::Caller { roles }, tool),
                listed,
                "{tool}"
            );
        }
    }

    #[test]
    fn a_rule_that_no_longer_speaks_of_any_tool_is_refused() {
        let two = "[[server]]\nname = \"a\"\ntoolset = true\n[[server]]\nname = \"b\"\ncomponent = \"b\"\n";
        for (pattern, refused) in [
            ("userInfo", true),
            ("user*", true),
            ("c_*", true),
            ("a_userInfo", false),
            ("*userInfo", false),
            ("?_add", false),
            ("b*", false),
        ] {
            let text = format!("{two}[[forbid]]\ntools = [\"{pattern}\"]\n");
            let read = Configuration::read(&text);
            assert_eq!(read.is_err(), refused, "{pattern}: {read:?}");
            if let Err(reason) = read {
                assert!(
                    reason.to_string().starts_with("postern.toml line 7"),
                    "{reason}"
                );
            }
            assert!(
                Configuration::read(
                    &text.replace("[[server]]\nname = \"b\"\ncomponent = \"b\"\n", "")
                )
                .is_ok()
            );
        }
    }

    const SERVER: &str = "[[server]]\nname = \"a\"\ntoolset = true\n";

    fn check(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            let text = text.replace("SERVER\n", SERVER);
            let refused = Configuration::read(&text).unwrap_err().to_string();
            let expected = format!("postern.toml line {expected}");
            assert!(
                refused.starts_with(&expected),
                "{refused}, not {expected}, for {text}"
            );
        }
    }

    #[test]
    fn a_server_that_is_none_is_told_with_its_line() {
        check(&[
            ("", "1: there is no [[server]]"),
            ("x = [", "1: "),
            (
                "SERVER\n[[server]]\nname = \"a\"\ncomponent = \"b\"",
                "4: two servers are called `a`",
            ),
            (
                "SERVER\n[[server]]\nname = \"b\"\ntoolset = true",
                "4: only one server",
            ),
            ("SERVER\ncomponent = \"b\"", "1: a server needs"),
            ("\n[[server]]\nname = \"a\"", "2: a server needs"),
            (
                "[[server]]\nname = \"a_b\"\ntoolset = true",
                "1: a server's name",
            ),
            (
                "[[server]]\nname = \"a\"\ncomponent = \"x.y\"",
                "1: `component` must be",
            ),
            ("[[server]]\nname = 7\ntoolset = true", "2: invalid type"),
            ("[[server]]\ntoolset = true", "1: missing field `name`"),
        ]);
    }

    #[test]
    fn tokens_are_shown_where_that_is_asked_for_and_whole_in_development_alone() {
        for (asked, expected, outside) in [
            ("", GetToken::Off, true),
            ("get_token = \"redacted\"", GetToken::Redacted, true),
            ("get_token = \"whole\"", GetToken::Whole, false),
        ] {
            let read = Configuration::read(&format!("{SERVER}{asked}\n")).unwrap();
            let places: Vec<_> = read.mounted.iter().map(|server| &server.place).collect();
            assert_eq!(places, [&Place::Toolset(expected)], "{asked}");
            assert_eq!(read.check_deployment(true), Ok(()), "{asked}");
            match read.check_deployment(false) {
                Ok(()) => assert!(outside, "{asked}"),
                Err(refused) => {
                    assert!(!outside, "{asked}");
                    let refused = refused.to_string();
                    assert!(
                        refused.starts_with("postern.toml line 4: `get_token"),
                        "{refused}"
                    );
                }
            }
        }
        check(&[
            ("SERVER\nget_token = \"off\"", "4: unknown variant `off`"),
            ("SERVER\nget_token = true", "4: "),
            (
                "[[server]]\nname = \"a\"\ncomponent = \"b\"\nget_token = \"redacted\"",
                "1: `get_token` is for",
            ),
        ]);
    }

    #[test]
    fn a_rule_or_a_key_that_is_none_is_told_with_its_line() {
        check(&[
            ("SERVER\n[[allow]]\ntools = []", "4: `tools` is empty"),
            (
                "SERVER\n[[forbid]]\ntools = [\"[\"]",
                "4: `[` is no pattern",
            ),
            (
                "[[server]]\nnmae = \"a\"",
                "2: unknown key `nmae`: did you mean `name`?",
            ),
            (
                "SERVER\n[[alow]]\ntools = []",
                "4: unknown key `alow`: did you mean `allow`?",
            ),
            (
                "SERVER\n[[allow]]\nusers = [\"x\"]",
                "5: unknown key `users`",
            ),
            ("SERVER\n\nquota = 7", "5: unknown key `quota`"),
        ]);
    }

    #[test]
    fn a_client_that_cannot_be_is_told_with_its_line() {
        check(&[
            (
                "SERVER\n[[client]]\nclient_id = \"a b\"",
                "4: client `a b`: `client_id` must be",
            ),
            (
                "SERVER\n[[client]]\nclient_id = \"a\"\nclient_secret_sha265 = \"x\"",
                "6: unknown key `client_secret_sha265`: did you mean `client_secret_sha256`?",
            ),
            (
                "SERVER\n[[client]]\nclient_id = \"a\"\nredirect_uris = [\"https://a.example/\"]\n\
                 [[client]]\nclient_id = \"a\"\nredirect_uris = [\"https://b.example/\"]",
                "7: two clients have the `client_id` `a`",
            ),
        ]);
    }

    #[test]
    fn what_the_page_on_clients_shows_is_understood() {
        let page = include_str!("../../../docs/clients.md");
        let (_, example) = page.split_once("```toml\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        let clients = Configuration::read(example).unwrap().clients;
        let ids: Vec<_> = clients.iter().map(|client| client.id().as_str()).collect();
        assert_eq!(ids, ["desk", "nightly-report", "billing-api"]);
        for key in oauth::configured::KEYS {
            assert!(page.contains(&format!("`{key}`")), "{key} is not told");
        }
    }
}

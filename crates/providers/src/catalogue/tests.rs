use std::collections::BTreeSet;

use oauth::Source;
use url::Url;

use super::{CATALOGUE, find, is_known};
use crate::provider::{Anyone, Content, Issuers, Offline, Provider, Told, Userinfo};

/// The variables that a template uses.
fn holes(template: &str) -> Vec<&str> {
    let inside = template.split('{').skip(1);
    let inside = inside.map(|rest| rest.split_once('}').expect("a hole ends").0);
    inside
        .map(|hole| hole.split_once('%').map_or(hole, |(name, _)| name))
        .collect()
}

fn templates(provider: &Provider) -> Vec<&'static str> {
    let also = match provider.issuers {
        Issuers::Exactly(also) => also,
        Issuers::Tenant => &[],
    };
    let parameters = provider.parameters.iter().map(|(_, value)| *value);
    [provider.issuer]
        .into_iter()
        .chain(provider.endpoints)
        .chain(provider.hosts.iter().copied())
        .chain(also.iter().copied())
        .chain(parameters)
        .collect()
}

/// The variable by which it is told whether anybody can make an account.
fn decisive(provider: &Provider) -> Option<&'static str> {
    match provider.anyone {
        Anyone::No | Anyone::Yes => None,
        Anyone::Unless(name) | Anyone::If(name, _) | Anyone::At(name, _) => Some(name),
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.contains("__")
        && !name.ends_with('_')
}

#[test]
fn ids_are_sources_that_stand_once_and_in_order() {
    let ids: Vec<_> = CATALOGUE.iter().map(|provider| provider.id).collect();
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    for id in &ids {
        assert_eq!(Source::parse(id).unwrap().as_str(), *id);
        assert!(is_known(id) && find(id).unwrap().id == *id);
    }
    for id in ["", "dev", "client", "Google", "google ", "{id}"] {
        assert!(!is_known(id), "{id}");
    }
    let suffixes: BTreeSet<_> = CATALOGUE.iter().map(Provider::suffix).collect();
    assert_eq!(suffixes.len(), ids.len());
    assert!(suffixes.iter().all(|suffix| is_variable(suffix)));
}

#[test]
fn variables_have_names_that_spin_takes_and_each_is_declared_once() {
    for provider in CATALOGUE {
        let names: Vec<_> = provider.variable_names().collect();
        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{}: {names:?}", provider.id);
        for name in names {
            assert!(is_variable(name), "{name}");
        }
    }
}

#[test]
fn a_variable_that_two_providers_share_is_the_same_in_both() {
    let all: Vec<_> = CATALOGUE.iter().flat_map(|one| one.variables).collect();
    for one in &all {
        for other in all.iter().filter(|other| other.name == one.name) {
            assert_eq!(one, other);
        }
    }
}

#[test]
fn what_turns_a_provider_on_turns_no_other_on() {
    for provider in CATALOGUE {
        let others = CATALOGUE.iter().filter(|other| other.id != provider.id);
        for other in others {
            assert_ne!(other.client_id, provider.client_id);
            let shared = other
                .variable_names()
                .any(|name| name == provider.client_id);
            let excluded = provider.unless == Some(other.client_id)
                || other.unless == Some(provider.client_id);
            assert!(!shared || excluded, "{} and {}", provider.id, other.id);
        }
    }
}

#[test]
fn templates_and_rules_use_every_variable_and_declare_what_they_use() {
    for provider in CATALOGUE {
        let declared: BTreeSet<_> = provider.variable_names().collect();
        let used: BTreeSet<_> = templates(provider)
            .into_iter()
            .flat_map(holes)
            .chain(decisive(provider))
            .collect();
        let undeclared: Vec<_> = used.difference(&declared).collect();
        assert!(undeclared.is_empty(), "{}: {undeclared:?}", provider.id);
        let client = [provider.client_id, provider.client_secret];
        let idle: Vec<_> = declared
            .difference(&used)
            .filter(|name| !client.contains(name) && provider.unless != Some(name))
            .collect();
        assert!(idle.is_empty(), "{}: {idle:?}", provider.id);
    }
}

#[test]
fn hosts_are_single_variables_or_plain_names() {
    for provider in CATALOGUE {
        assert!(!provider.hosts.is_empty(), "{}", provider.id);
        for host in provider.hosts {
            let variable = host
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            match variable {
                Some(name) => {
                    let mut variables = provider.variables.iter();
                    let variable = variables.find(|variable| variable.name == name).unwrap();
                    assert_eq!(variable.content, Content::Host, "{name}");
                }
                None => assert_eq!(
                    Url::parse(&format!("https://{host}")).unwrap().as_str(),
                    format!("https://{host}/")
                ),
            }
        }
    }
}

#[test]
fn issuers_and_endpoints_are_https() {
    for provider in CATALOGUE {
        for template in provider.endpoints.into_iter().chain([provider.issuer]) {
            let by_variable = holes(template).first().is_some_and(|first| {
                let mut variables = provider.variables.iter();
                template.starts_with('{')
                    && variables.any(|one| one.name == *first && one.content == Content::Url)
            });
            assert!(
                template.is_empty() || by_variable || template.starts_with("https://"),
                "{}: {template}",
                provider.id
            );
        }
    }
}

#[test]
fn what_is_told_can_be_read() {
    for provider in CATALOGUE {
        let [authorization, token, userinfo, jwks] = provider.endpoints;
        let discovered = [authorization, token].contains(&"");
        let id = provider.id;
        assert!(!provider.subject.is_empty(), "{id}");
        assert!(!provider.title.is_empty(), "{id}");
        assert!(
            provider.or_subject.is_none() || provider.subject.len() == 1,
            "{id}"
        );
        assert!(!discovered || !provider.issuer.is_empty(), "{id}");
        match provider.told {
            Told::IdToken => {
                assert!(
                    provider.scopes.split(' ').any(|scope| scope == "openid"),
                    "{id}"
                );
                assert!(discovered || !jwks.is_empty(), "{id}");
            }
            Told::User => assert!(!jwks.is_empty() && provider.access_token_claims, "{id}"),
            Told::Userinfo => assert!(!userinfo.is_empty(), "{id}"),
        }
        if provider.userinfo == Userinfo::Always {
            assert!(
                !userinfo.is_empty(),
                "{id}: nobody would notice that it is missing"
            );
        }
        if let Offline::Parameter(name, value) = provider.offline {
            assert!(!name.is_empty() && !value.is_empty(), "{id}");
        }
    }
}

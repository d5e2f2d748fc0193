//! The identity providers of the catalogue, as far as a setup needs to know them.
//!
//! *Invariant:* whether a provider is on, and whether anybody can have an account there, is decided
//! as the server decides it.

use std::collections::BTreeMap;

use ::providers::{CATALOGUE, Content, Provider, Wishes};

/// Our variables and their values.
pub(super) type Variables = BTreeMap<&'static str, String>;

/// The names of all variables of providers.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    CATALOGUE.iter().flat_map(Provider::variable_names)
}

/// Whether the variable called `name` holds an address.
pub(super) fn is_url(name: &str) -> bool {
    let mut variables = CATALOGUE.iter().flat_map(|provider| provider.variables);
    variables.any(|variable| variable.name == name && variable.content == Content::Url)
}

/// The providers that these variables turn on.
pub(super) fn on(variables: &Variables) -> Vec<&'static Provider> {
    let set = |name: &str| variables.get(name).cloned();
    let providers = CATALOGUE.iter();
    providers.filter(|provider| provider.is_on(set)).collect()
}

/// The variables that a provider still needs.
pub(super) fn missing(provider: &Provider, variables: &Variables) -> Vec<&'static str> {
    let secret = Some(provider.client_secret).filter(|_| !provider.public_clients);
    let others = provider.variables.iter();
    let others = others.filter(|variable| !variable.optional && variable.default.is_empty());
    let needed = secret
        .into_iter()
        .chain(others.map(|variable| variable.name));
    needed
        .filter(|name| !variables.contains_key(name))
        .collect()
}

/// Whether anybody can have an account at a provider that is set so.
pub(super) fn is_open_to_the_world(provider: &Provider, variables: &Variables) -> bool {
    let set = |name: &str| variables.get(name).cloned();
    provider.check_rule(&Wishes::default(), set).is_err()
}

//! What spin.toml says of a provider, as it follows from the catalogue.
//!
//! *Invariant:* it is written as it stands in the file, so that it can be pasted.

use providers::Provider;

use super::super::capabilities::{authorize, callback, component_of, login, token};

/// How wide the file is.
const WIDTH: usize = 100;

/// Its lines under `[variables]`.
pub(super) fn variables(provider: &Provider) -> String {
    let suffix = provider.suffix();
    let mut lines = vec![
        format!("# {} ({}).", provider.title, provider.id),
        declared(provider.client_id, "", false),
        declared(provider.client_secret, "", true),
    ];
    let others = provider.variables.iter();
    lines.extend(others.map(|variable| declared(variable.name, variable.default, false)));
    let keys = ["person", "tx", "upstream"];
    lines.extend(keys.map(|family| declared(&format!("{family}_{suffix}"), "", true)));
    lines.join("\n") + "\n"
}

fn declared(name: &str, default: &str, secret: bool) -> String {
    let secret = if secret { ", secret = true" } else { "" };
    format!("{name} = {{ default = \"{default}\"{secret} }}")
}

/// Its component, and the routes that lead there.
pub(super) fn component(provider: &Provider) -> String {
    let Provider { id, title, .. } = provider;
    let component = component_of(provider);
    let has = login(provider);
    let title_line = format!("# -- {component} ");
    let mut lines = vec![format!("{title_line:-<WIDTH$}")];
    for path in ["/login", "/callback", "/oauth/callback"] {
        lines.push(format!(
            "\n[[trigger.http]]\nroute = \"{path}/{id}\"\ncomponent = \"{component}\""
        ));
    }
    let mut hosts = vec!["\"http://token.spin.internal\"".to_owned()];
    hosts.extend(has.hosts.iter().map(|host| format!("\"{host}\"")));
    lines.push(format!(
        "\n[component.{component}]\n\
         description = \"Sign-in with {title}\"\n\
         source = \"target/wasm32-wasip2/release/login.wasm\"\n\
         allowed_outbound_hosts = [{}]\n\
         files = [{{ source = \"postern.toml\", destination = \"/postern.toml\" }}]\n\
         key_value_stores = [\"default\"]\n\
         [component.{component}.variables]\n\
         provider = \"{id}\"",
        hosts.join(", ")
    ));
    let common = ["public_url", "dev_key"].map(str::to_owned);
    lines.extend(common.iter().chain(&has.variables).map(|name| given(name)));
    lines.join("\n") + "\n"
}

fn given(name: &str) -> String {
    format!("{name} = \"{{{{ {name} }}}}\"")
}

/// What other components have of it, each under the place where it is added.
pub(super) fn elsewhere(provider: &Provider) -> Vec<(String, String)> {
    let lines = |lines: Vec<String>| lines.join("\n") + "\n";
    let of = [
        ("authorize", authorize(provider)),
        ("callback", callback(provider)),
        ("token", token(provider)),
    ];
    let places = of.into_iter().flat_map(|(component, has)| {
        let hosts: Vec<_> = has
            .hosts
            .iter()
            .map(|host| format!("    \"{host}\","))
            .collect();
        let variables: Vec<_> = has.variables.iter().map(|name| given(name)).collect();
        [
            (
                format!("allowed_outbound_hosts of [component.{component}]"),
                hosts,
            ),
            (format!("[component.{component}.variables]"), variables),
        ]
    });
    places
        .filter(|(_, added)| !added.is_empty())
        .map(|(place, added)| (place, lines(added)))
        .collect()
}

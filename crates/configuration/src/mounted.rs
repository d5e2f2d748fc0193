//! The servers behind the gateway, and what their tools are called in public.
//!
//! *Invariant:* a public name leads to one server at most: server names have no `_`, so the first
//! one in a public name ends the server's.

use serde::Deserialize;

/// What the tool `getToken` of the composed toolset shows of the credential of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GetToken {
    /// Nothing: there is no such tool.
    #[default]
    #[serde(skip)]
    Off,
    /// What it is, and nothing of what makes it work.
    Redacted,
    /// All of it, to a model; on a development server alone.
    Whole,
}

impl GetToken {
    /// What the tool is called by.
    pub const TOOL: &'static str = "getToken";
}

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A component of this application, asked at `/mcp`.
    Component(String),
    /// The toolset that is composed into this component.
    Toolset(GetToken),
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub place: Place,
}

/// All servers, in the order of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mounted {
    servers: Vec<Server>,
}

impl Mounted {
    /// Mounts servers, which have different names.
    #[must_use]
    pub const fn new(servers: Vec<Server>) -> Self {
        Self { servers }
    }

    /// The servers.
    pub fn iter(&self) -> impl Iterator<Item = &Server> {
        self.servers.iter()
    }

    /// What `tool` of `server` is called in public.
    #[must_use]
    pub fn public_name(&self, server: &Server, tool: &str) -> String {
        match self.servers.len() {
            1 => tool.to_owned(),
            _ => format!("{}_{tool}", server.name),
        }
    }

    /// The server behind a public name, and what it calls the tool itself.
    #[must_use]
    pub fn resolve<'a>(&self, public_name: &'a str) -> Option<(&Server, &'a str)> {
        if let [server] = self.servers.as_slice() {
            return Some((server, public_name));
        }
        let (name, tool) = public_name.split_once('_')?;
        let server = self.servers.iter().find(|server| server.name == name)?;
        Some((server, tool))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mounted(names: &[String]) -> Mounted {
        let server = |name: &String| Server {
            name: name.clone(),
            place: Place::Component(name.clone()),
        };
        Mounted::new(names.iter().map(server).collect())
    }

    proptest! {
        #[test]
        fn every_public_name_leads_back_to_its_server_and_tool(
            names in proptest::collection::btree_set("[a-z0-9-]{1,6}", 1..4),
            tool in "[A-Za-z0-9_.-]{1,12}",
        ) {
            let names: Vec<String> = names.into_iter().collect();
            let mounted = mounted(&names);
            for server in mounted.iter() {
                let public = mounted.public_name(server, &tool);
                prop_assert_eq!(mounted.resolve(&public), Some((server, tool.as_str())));
            }
        }
    }

    #[test]
    fn one_server_needs_no_prefix_and_a_foreign_prefix_leads_nowhere() {
        let (one, two) = (
            mounted(&["a".to_owned()]),
            mounted(&["a".to_owned(), "b".to_owned()]),
        );
        assert_eq!(one.resolve("b_add").map(|(_, tool)| tool), Some("b_add"));
        assert_eq!(two.resolve("add"), None);
        assert_eq!(two.resolve("c_add"), None);
        assert_eq!(two.resolve("_add"), None);
    }
}

//! The identity providers that settings can turn on, as far as a setup needs to know them.
//!
//! *Invariant:* a provider is on where its client id is set, as it is for the server.

use std::collections::BTreeMap;

/// A provider.
pub(super) struct Provider {
    /// What `postern.toml` and the address of its callback call it.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// The variable that turns it on.
    client_id: &'static str,
    /// What it needs besides.
    needs: &'static [&'static str],
}

/// Our variables and their values.
pub(super) type Variables = BTreeMap<&'static str, String>;

const PROVIDERS: [Provider; 17] = [
    Provider {
        id: "access",
        title: "Cloudflare Access",
        client_id: "access_client_id",
        needs: &[
            "access_client_secret",
            "access_authorization_url",
            "access_token_url",
            "access_jwks_url",
        ],
    },
    Provider {
        id: "auth0",
        title: "Auth0",
        client_id: "auth0_client_id",
        needs: &["auth0_client_secret", "auth0_domain"],
    },
    Provider {
        id: "clerk",
        title: "Clerk",
        client_id: "clerk_client_id",
        needs: &["clerk_client_secret", "clerk_frontend_api"],
    },
    Provider {
        id: "descope",
        title: "Descope (an inbound app)",
        client_id: "descope_client_id",
        needs: &["descope_client_secret", "descope_project_id"],
    },
    Provider {
        id: "descope-federated",
        title: "Descope (a federated app)",
        client_id: "descope_project_id",
        needs: &[],
    },
    Provider {
        id: "github",
        title: "GitHub",
        client_id: "github_client_id",
        needs: &["github_client_secret"],
    },
    Provider {
        id: "google",
        title: "Google",
        client_id: "google_client_id",
        needs: &["google_client_secret"],
    },
    Provider {
        id: "keycloak",
        title: "Keycloak",
        client_id: "keycloak_client_id",
        needs: &["keycloak_client_secret", "keycloak_issuer"],
    },
    Provider {
        id: "logto",
        title: "Logto",
        client_id: "logto_app_id",
        needs: &["logto_app_secret", "logto_endpoint"],
    },
    Provider {
        id: "microsoft",
        title: "Microsoft",
        client_id: "microsoft_client_id",
        needs: &["microsoft_client_secret", "microsoft_tenant_id"],
    },
    Provider {
        id: "oauth2",
        title: "the OAuth 2 provider",
        client_id: "oauth2_client_id",
        needs: &[
            "oauth2_client_secret",
            "oauth2_authorization_url",
            "oauth2_token_url",
            "oauth2_userinfo_url",
        ],
    },
    Provider {
        id: "oidc",
        title: "the OpenID provider",
        client_id: "oidc_client_id",
        needs: &["oidc_issuer"],
    },
    Provider {
        id: "okta",
        title: "Okta",
        client_id: "okta_client_id",
        needs: &["okta_client_secret", "okta_issuer"],
    },
    Provider {
        id: "slack",
        title: "Slack",
        client_id: "slack_client_id",
        needs: &["slack_client_secret"],
    },
    Provider {
        id: "stytch",
        title: "Stytch",
        client_id: "stytch_client_id",
        needs: &["stytch_project_domain", "stytch_authorization_url"],
    },
    Provider {
        id: "workos",
        title: "WorkOS",
        client_id: "workos_client_id",
        needs: &["workos_client_secret"],
    },
    Provider {
        id: "workos-connect",
        title: "WorkOS Connect",
        client_id: "workos_connect_client_id",
        needs: &["workos_connect_client_secret", "workos_authkit_domain"],
    },
];

/// The providers that these variables turn on.
pub(super) fn on(variables: &Variables) -> Vec<&'static Provider> {
    let is_on = |provider: &&Provider| {
        // A client of Descope's says which of its two doors is meant.
        let other_door = provider.id == "descope-federated"
            && ["descope_client_id", "oidc_client_id"]
                .iter()
                .any(|client_id| variables.contains_key(client_id));
        variables.contains_key(provider.client_id) && !other_door
    };
    PROVIDERS.iter().filter(is_on).collect()
}

impl Provider {
    /// The variables that it still needs.
    pub(super) fn missing<'a>(
        &'a self,
        variables: &'a Variables,
    ) -> impl Iterator<Item = &'static str> + 'a {
        let needs = self.needs.iter().copied();
        needs.filter(|name| !variables.contains_key(name))
    }

    /// Whether anybody can make an account there, and nothing in the variables keeps them out.
    pub(super) fn is_open_to_the_world(&self, variables: &Variables) -> bool {
        match self.id {
            "github" | "slack" => true,
            "google" => !variables.contains_key("hosted_domain"),
            "microsoft" => variables.get("microsoft_tenant_id").is_some_and(|tenant| {
                matches!(tenant.as_str(), "common" | "consumers" | "organizations")
            }),
            _ => false,
        }
    }
}

/// Their ids.
#[cfg(test)]
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    PROVIDERS.iter().map(|provider| provider.id)
}

/// What the provider needs that this variable turns on.
#[cfg(test)]
pub(super) fn needed_by(client_id: &str) -> &'static [&'static str] {
    let provider = PROVIDERS
        .iter()
        .find(|provider| provider.client_id == client_id);
    provider.map_or(&[], |provider| provider.needs)
}

/// Every variable that is named here.
#[cfg(test)]
pub(super) fn variables() -> impl Iterator<Item = &'static str> {
    let named = |provider: &'static Provider| {
        [provider.client_id]
            .into_iter()
            .chain(provider.needs.iter().copied())
    };
    PROVIDERS.iter().flat_map(named)
}

//! Who has an account with a vendor.

use serde_json::{Map, Value};

/// A person, in the words that all vendors share; each vendor says of it what it has a claim for.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Who it is, exactly as the vendor's identity key says it (`sub`, `oid`, …). GitHub wants a
    /// number.
    pub id: String,
    /// The login name.
    pub username: String,
    /// The full name.
    pub name: String,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// The e-mail address, if there is one.
    pub email: Option<String>,
    /// Whether the vendor saw that the address is theirs.
    pub verified: bool,
    /// GitHub: whether the address is kept out of the profile.
    pub private_email: bool,
    /// Groups: Access, Keycloak, Microsoft, Okta, OpenID Connect.
    pub groups: Vec<String>,
    /// Roles: Auth0, Descope, Keycloak, Logto, Microsoft, WorkOS, OpenID Connect.
    pub roles: Vec<String>,
    /// Permissions: Auth0 (in access tokens), Descope, WorkOS.
    pub permissions: Vec<String>,
    /// Organizations: logins at GitHub, `id:role` at Logto.
    pub organizations: Vec<String>,
    /// Teams at GitHub, as `organization/team`.
    pub teams: Vec<String>,
    /// The tenant: `tid` at Microsoft, `hd` at Google, the team at Slack, the organization at WorkOS,
    /// the tenant that roles are of at Descope.
    pub tenant: Option<String>,
    /// Clerk's public metadata.
    pub public_metadata: Value,
    /// Claims besides, in ID tokens and at userinfo, as far as operators of the vendor can add some.
    pub claims: Map<String, Value>,
    /// Whether the account is closed: it neither signs in nor refreshes.
    pub disabled: bool,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            id: "1001".to_owned(),
            username: "ada".to_owned(),
            name: "Ada Lovelace".to_owned(),
            given_name: "Ada".to_owned(),
            family_name: "Lovelace".to_owned(),
            email: Some("ada@example.com".to_owned()),
            verified: true,
            private_email: true,
            groups: Vec::new(),
            roles: Vec::new(),
            permissions: Vec::new(),
            organizations: Vec::new(),
            teams: Vec::new(),
            tenant: None,
            public_metadata: Value::Object(Map::new()),
            claims: Map::new(),
            disabled: false,
        }
    }
}

//! Keycloak: one realm.
//!
//! *Invariant:* its issuer is the realm's, so two realms are two deployments.

use crate::provider::{Offline, Provider, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "keycloak",
    title: "Keycloak",
    client_id: "keycloak_client_id",
    client_secret: "keycloak_client_secret",
    variables: &[Variable::url("keycloak_issuer"), Variable::host("keycloak_host", "")],
    hosts: &["{keycloak_host}"],
    issuer: "{keycloak_issuer}",
    roles: &["realm_access.roles", "groups"],
    // Its usual refresh tokens live as long as the person's session there.
    offline: Offline::Unasked,
    ..Provider::OPENID_CONNECT
};

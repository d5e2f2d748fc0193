//! Descope, by the project's own federated application.
//!
//! *Invariant:* its client is the project; an access key is a secret of it, and a management key
//! is none.

use super::descope::{ISSUERS, KEYS, ROLES};
use crate::provider::{Offline, Provider, Userinfo, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "descope-federated",
    title: "Descope",
    client_id: "descope_project_id",
    // An Inbound App needs the project's id as well.
    unless: Some("descope_client_id"),
    client_secret: "descope_access_key",
    public_clients: true,
    variables: &[Variable::host("descope_host", "api.descope.com")],
    hosts: &["{descope_host}"],
    issuer: "https://{descope_host}/{descope_project_id}",
    issuers: ISSUERS,
    endpoints: [
        "https://{descope_host}/oauth2/v1/authorize",
        "https://{descope_host}/oauth2/v1/token",
        "https://{descope_host}/oauth2/v1/userinfo",
        KEYS,
    ],
    userinfo: Userinfo::Always,
    roles: ROLES,
    offline: Offline::Unasked,
    mistake: "the variable `descope_access_key` must be an access key of the project, or unset: a \
              management key is none",
    ..Provider::OPENID_CONNECT
};

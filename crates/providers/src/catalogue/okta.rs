//! Okta: the organization's server, or a custom one.
//!
//! *Invariant:* which server it is, is its issuer; a token of one says nothing at the other.

use crate::provider::{Authentication, Provider, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "okta",
    title: "Okta",
    client_id: "okta_client_id",
    client_secret: "okta_client_secret",
    variables: &[Variable::url("okta_issuer"), Variable::host("okta_host", "")],
    hosts: &["{okta_host}"],
    issuer: "{okta_issuer}",
    authentication: Authentication::Basic,
    roles: &["groups"],
    ..Provider::OPENID_CONNECT
};

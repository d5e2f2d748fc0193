//! Harbor ID.
//!
//! *Invariant:* roles are its groups, which its administrators alone make.

use providers::{Provider, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "harbor",
    title: "Harbor ID",
    client_id: "harbor_client_id",
    client_secret: "harbor_client_secret",
    variables: &[Variable::host("harbor_host", "")],
    hosts: &["{harbor_host}"],
    issuer: "https://{harbor_host}",
    roles: &["groups"],
    ..Provider::OPENID_CONNECT
};

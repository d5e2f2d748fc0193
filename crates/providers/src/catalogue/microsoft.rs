//! Microsoft Entra: one tenant, several, or every one there is.
//!
//! *Invariant:* a person is their tenant and their object id in it; an address there is nobody's
//! proof of anything.

use crate::provider::{Anyone, Issuers, Provider, Quirk, Userinfo, Variable};
use crate::tenant::CONSUMERS;

pub(super) const PROVIDER: Provider = Provider {
    id: "microsoft",
    title: "Microsoft",
    client_id: "microsoft_client_id",
    client_secret: "microsoft_client_secret",
    variables: &[
        Variable::text("microsoft_tenant_id", "a tenant's id or domain, organizations, or common"),
        Variable::host("microsoft_host", "login.microsoftonline.com"),
        Variable::host("microsoft_graph_host", "graph.microsoft.com"),
    ],
    hosts: &["{microsoft_host}", "{microsoft_graph_host}"],
    issuer: "https://{microsoft_host}/{microsoft_tenant_id}/v2.0",
    issuers: Issuers::Tenant,
    scopes: "openid profile email User.Read",
    userinfo: Userinfo::Never,
    // `sub` differs from application to application.
    subject: &["tid", "oid"],
    email: &["email", "preferred_username", "mail", "userPrincipalName"],
    roles: &["roles", "groups"],
    anyone: Anyone::If("microsoft_tenant_id", &["common", "consumers", CONSUMERS, "organizations"]),
    quirk: Quirk::Microsoft,
    ..Provider::OPENID_CONNECT
};

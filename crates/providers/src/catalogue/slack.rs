//! Slack, by Sign in with Slack.
//!
//! *Invariant:* a person is a user of one workspace: both ids make the subject.

use crate::provider::{Anyone, Offline, Provider, Userinfo, Variable};

pub(super) const PROVIDER: Provider = Provider {
    id: "slack",
    title: "Slack",
    client_id: "slack_client_id",
    client_secret: "slack_client_secret",
    variables: &[Variable::host("slack_host", "slack.com")],
    hosts: &["{slack_host}"],
    issuer: "https://{slack_host}",
    userinfo: Userinfo::Lacking,
    subject: &["https://slack.com/team_id", "https://slack.com/user_id"],
    offline: Offline::Unasked,
    anyone: Anyone::Yes,
    ..Provider::OPENID_CONNECT
};

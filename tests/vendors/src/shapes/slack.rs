//! Sign in with Slack: every answer has status 200, and `ok` says whether it is one.

use serde_json::json;

use crate::answer::Answer;
use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::refusal::Refusal;
use crate::shape::{Claims, PLAIN, Refresh, Shape};
use crate::view::View;

/// The claim that names a person within a team.
pub(crate) const USER_ID: &str = "https://slack.com/user_id";
const TEAM: &str = "T0001";

pub(crate) const SHAPE: Shape = Shape {
    client_id: "slack-client",
    client_secret: "slack-secret",
    methods: &[Method::Post, Method::Basic],
    routes: &[
        (Endpoint::Authorize, "/openid/connect/authorize"),
        (Endpoint::Token, "/api/openid.connect.token"),
        (Endpoint::Userinfo, "/api/openid.connect.userInfo"),
        (Endpoint::Keys, "/openid/connect/keys"),
        (Endpoint::Discovery, "/.well-known/openid-configuration"),
    ],
    optional_grant_type: true,
    refresh: Refresh::Never,
    id_token: claims,
    userinfo: |view| {
        let mut all = claims(view);
        all.insert("ok".to_owned(), true.into());
        all
    },
    unknown_bearer: || Answer::json(200, &json!({ "ok": false, "error": "invalid_auth" })),
    granted: |_, answer| {
        answer.insert("ok".to_owned(), true.into());
        answer.remove("scope");
        answer.remove("expires_in");
    },
    refuse: |refusal, _| {
        let error = match refusal {
            Refusal::Body => "invalid_form_data",
            Refusal::Client | Refusal::Method => "bad_client_secret",
            Refusal::Code | Refusal::Disabled => "invalid_code",
            Refusal::GrantType => "invalid_grant_type",
            Refusal::RedirectUri => "bad_redirect_uri",
            Refusal::RefreshToken => "invalid_refresh_token",
            Refusal::Verifier => "invalid_code_verifier",
        };
        Answer::json(200, &json!({ "ok": false, "error": error }))
    },
    variables: |place| {
        vec![
            ("slack_client_id", SHAPE.client_id.to_owned()),
            ("slack_client_secret", SHAPE.client_secret.to_owned()),
            ("slack_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn claims(view: &View<'_>) -> Claims {
    let mut all = view.standard_and(json!({
        USER_ID: view.person.id,
        "https://slack.com/team_id": view.tenant_or(TEAM),
    }));
    all.remove("preferred_username");
    all
}

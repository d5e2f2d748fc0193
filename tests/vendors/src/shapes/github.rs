//! GitHub, an OAuth App: no ID token, errors with status 200, and a person in four answers.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::refusal::Refusal;
use crate::seen::Seen;
use crate::shape::{Claims, PLAIN, Refresh, Repeated, Shape};
use crate::view::{View, claims};

/// How much is on a page unless `per_page` says otherwise, and at most.
const PAGE: usize = 30;
const LARGEST_PAGE: usize = 100;

pub(crate) const SHAPE: Shape = Shape {
    client_id: "github-client",
    client_secret: "github-secret",
    methods: &[Method::Post],
    routes: &[
        (Endpoint::Authorize, "/login/oauth/authorize"),
        (Endpoint::Token, "/login/oauth/access_token"),
        (Endpoint::Userinfo, "/user"),
        (Endpoint::Emails, "/user/emails"),
        (Endpoint::Organizations, "/user/orgs"),
        (Endpoint::Teams, "/user/teams"),
    ],
    issuer: |_, _| String::new(),
    is_openid: false,
    optional_grant_type: true,
    forms: true,
    needs_user_agent: true,
    needs_openid: false,
    repeated: Repeated::IfGiven,
    refresh: Refresh::Never,
    userinfo: user,
    unknown_bearer: || {
        Answer::json(
            401,
            &json!({ "message": "Bad credentials", "status": "401" }),
        )
    },
    granted: |view, answer| {
        answer.remove("expires_in");
        answer.insert("scope".to_owned(), view.scopes.join(",").into());
        answer.insert("token_type".to_owned(), "bearer".into());
    },
    refuse,
    variables: |place| {
        vec![
            ("github_client_id", SHAPE.client_id.to_owned()),
            ("github_client_secret", SHAPE.client_secret.to_owned()),
            ("github_host", place.authority.to_owned()),
            ("github_api_host", place.authority.to_owned()),
        ]
    },
    ..PLAIN
};

fn refuse(refusal: Refusal, seen: &Seen) -> Answer {
    let error = match refusal {
        Refusal::Client | Refusal::Method => "incorrect_client_credentials",
        Refusal::RedirectUri => "redirect_uri_mismatch",
        Refusal::GrantType => "unsupported_grant_type",
        Refusal::Body => return Answer::page(404, "Not Found"),
        Refusal::Code | Refusal::Disabled | Refusal::Verifier => "bad_verification_code",
        Refusal::RefreshToken => "bad_refresh_token",
    };
    let body = json!({
        "error": error,
        "error_description": refusal.description(),
        "error_uri": "https://docs.github.com/apps/managing-oauth-apps/troubleshooting",
    });
    if seen.wants_json() {
        Answer::json(200, &body)
    } else {
        Answer::form(200, &body)
    }
}

fn user(view: &View<'_>) -> Claims {
    let person = view.person;
    let id: u64 = person.id.parse().expect("an id at GitHub is a number");
    let email = if person.private_email {
        None
    } else {
        person.email.as_deref()
    };
    claims(json!({
        "login": person.username,
        "id": id,
        "type": "User",
        "name": if person.name.is_empty() { Value::Null } else { person.name.as_str().into() },
        "email": email,
    }))
}

/// The API wants to know who asks.
pub(crate) fn without_user_agent() -> Answer {
    Answer::page(
        403,
        "Request forbidden by administrative rules. Please make sure your request has a User-Agent",
    )
}

/// The addresses: the primary one is not the first.
pub(crate) fn emails(view: &View<'_>) -> Answer {
    if !view.has("user:email") && !view.has("user") {
        return Answer::json(404, &json!({ "message": "Not Found", "status": "404" }));
    }
    let person = view.person;
    let Some(email) = &person.email else {
        return Answer::json(200, &json!([]));
    };
    let hidden = format!("{}+{}@users.noreply.github.com", person.id, person.username);
    let body = json!([
        { "email": hidden, "primary": false, "verified": true, "visibility": null },
        {
            "email": email,
            "primary": true,
            "verified": person.verified,
            "visibility": if person.private_email { "private" } else { "public" },
        },
    ]);
    Answer::json(200, &body)
}

pub(crate) fn organizations(view: &View<'_>, seen: &Seen) -> Answer {
    let organization = |login: &String| json!({ "login": login, "id": login.len() });
    listed(
        view,
        seen,
        view.person.organizations.iter().map(organization),
    )
}

pub(crate) fn teams(view: &View<'_>, seen: &Seen) -> Answer {
    let team = |team: &String| {
        let (organization, slug) = team.split_once('/').expect("organization/team");
        // The real one says as much of each in addresses alone.
        let description = "-".repeat(2000);
        json!({
            "slug": slug,
            "name": slug,
            "organization": { "login": organization, "description": description },
        })
    };
    listed(view, seen, view.person.teams.iter().map(team))
}

/// A page of a list, and where the next one is.
fn listed(view: &View<'_>, seen: &Seen, all: impl Iterator<Item = Value>) -> Answer {
    if !view.has("read:org") && !view.has("user") {
        let message = "You need at least read:org scope to list your organizations.";
        return Answer::json(403, &json!({ "message": message, "status": "403" }));
    }
    let number = |name| {
        seen.parameter(name)
            .and_then(|text| text.parse::<usize>().ok())
    };
    let size = number("per_page").unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let page = number("page").unwrap_or(1).max(1);
    let mut rest = all.skip((page - 1) * size);
    let shown: Vec<Value> = rest.by_ref().take(size).collect();
    let answer = Answer::json(200, &shown.into());
    if rest.next().is_none() {
        return answer;
    }
    let (base, path) = (view.base, &seen.path);
    let next = format!(
        "<{base}{path}?per_page={size}&page={}>; rel=\"next\"",
        page + 1
    );
    answer.header("link", next)
}

//! Microsoft Entra and Microsoft Graph: a tenant in every path, names for people that differ from
//! client to client, and groups that do not fit into a token.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::Method;
use crate::endpoint::Endpoint;
use crate::refusal::{Refusal, standard};
use crate::seen::Seen;
use crate::shape::{Claims, PLAIN, Place, Rotation, Shape};
use crate::view::{View, claims};

/// The tenant of people who are in no other.
pub(crate) const TENANT: &str = "5f1d5c5e-2a77-4b8e-9f30-7f3f6c1f0a11";
/// The tenant of personal accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// More groups than this are not in a token.
const MOST_GROUPS: usize = 200;
/// How many are on a page of Graph.
const PAGE: usize = 100;

pub(crate) const SHAPE: Shape = Shape {
    client_id: "1b730954-1685-4b74-9bfd-dac224a7b894",
    client_secret: "microsoft-secret",
    methods: &[Method::Post, Method::Basic],
    routes: &[
        (Endpoint::Authorize, "/*/oauth2/v2.0/authorize"),
        (Endpoint::Token, "/*/oauth2/v2.0/token"),
        (Endpoint::Keys, "/*/discovery/v2.0/keys"),
        (
            Endpoint::Discovery,
            "/*/v2.0/.well-known/openid-configuration",
        ),
        (Endpoint::Userinfo, "/oidc/userinfo"),
        (Endpoint::Me, "/v1.0/me"),
        (Endpoint::Groups, "/v1.0/me/memberOf"),
    ],
    realm: TENANT,
    home: |person, _| person.tenant.clone().unwrap_or_else(|| TENANT.to_owned()),
    issuer: |base, realm| match realm {
        "common" | "organizations" => format!("{base}/{{tenantid}}/v2.0"),
        "consumers" => format!("{base}/{CONSUMERS}/v2.0"),
        domain if domain.contains('.') => format!("{base}/{TENANT}/v2.0"),
        tenant => format!("{base}/{tenant}/v2.0"),
    },
    rotation: Rotation::Renewed,
    keys_name_algorithm: false,
    access_token_hash: false,
    objection: |seen| {
        let resource = seen.parameter("resource").is_some();
        let why = "AADSTS901002: The 'resource' request parameter is not supported.";
        resource.then_some(("invalid_request", why))
    },
    id_token,
    userinfo: |view| {
        let mut all = view.standard();
        all.insert("sub".to_owned(), view.pairwise().into());
        all.remove("email_verified");
        all.remove("preferred_username");
        all
    },
    refuse,
    variables,
    ..PLAIN
};

fn variables(place: &Place<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("microsoft_client_id", SHAPE.client_id.to_owned()),
        ("microsoft_client_secret", SHAPE.client_secret.to_owned()),
        ("microsoft_tenant_id", TENANT.to_owned()),
        ("microsoft_host", place.authority.to_owned()),
        ("microsoft_graph_host", place.authority.to_owned()),
    ]
}

fn id_token(view: &View<'_>) -> Claims {
    let person = view.person;
    let mut all = view.standard();
    // Whether an address is verified is told by no claim that is there by default.
    all.remove("email_verified");
    let tenant = view.tenant_or(TENANT);
    all.extend(claims(json!({
        "sub": view.pairwise(),
        "oid": person.id,
        "tid": tenant,
        "ver": "2.0",
    })));
    if !person.roles.is_empty() {
        all.insert("roles".to_owned(), json!(person.roles));
    }
    if person.groups.len() > MOST_GROUPS {
        let endpoint = format!(
            "{}/{tenant}/users/{}/getMemberObjects",
            view.base, person.id
        );
        all.insert("_claim_names".to_owned(), json!({ "groups": "src1" }));
        all.insert(
            "_claim_sources".to_owned(),
            json!({ "src1": { "endpoint": endpoint } }),
        );
    } else if !person.groups.is_empty() {
        all.insert("groups".to_owned(), json!(person.groups));
    }
    all
}

fn refuse(refusal: Refusal, seen: &Seen) -> Answer {
    let number = match refusal {
        Refusal::Client | Refusal::Method => 7_000_215,
        Refusal::Disabled => 50_057,
        Refusal::RefreshToken => 700_082,
        Refusal::Verifier => 50_148,
        Refusal::RedirectUri => 50_011,
        Refusal::Code => 54_005,
        Refusal::Body | Refusal::GrantType => 900_144,
    };
    let answer = standard(refusal, seen);
    let body = json!({
        "error": refusal.code(),
        "error_description": format!("AADSTS{number}: {}", refusal.description()),
        "error_codes": [number],
    });
    Answer::json(answer.status, &body)
}

/// Graph's `/me`: no claim of OpenID Connect is in it.
pub(crate) fn me(view: &View<'_>) -> Claims {
    let person = view.person;
    claims(json!({
        "id": person.id,
        "displayName": person.name,
        "givenName": person.given_name,
        "surname": person.family_name,
        "mail": person.email,
        "userPrincipalName": format!("{}@acme.onmicrosoft.com", person.username),
    }))
}

/// A page of groups, and where the next one is.
pub(crate) fn groups(view: &View<'_>, seen: &Seen) -> Answer {
    let number = |name| {
        seen.parameter(name)
            .and_then(|text| text.parse::<usize>().ok())
    };
    let size = number("$top").unwrap_or(PAGE).max(1);
    let start = number("$skiptoken").unwrap_or_default();
    let all = view.person.groups.iter();
    let shown: Vec<Value> = all
        .skip(start)
        .take(size)
        .map(|id| json!({ "@odata.type": "#microsoft.graph.group", "id": id, "displayName": id }))
        .collect();
    let end = start + shown.len();
    let mut body = claims(json!({ "value": shown }));
    if end < view.person.groups.len() {
        let (base, path) = (view.base, &seen.path);
        let next = format!("{base}{path}?$top={size}&$skiptoken={end}");
        body.insert("@odata.nextLink".to_owned(), next.into());
    }
    Answer::json(200, &body.into())
}

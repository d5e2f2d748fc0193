//! Confused deputy. The attacker registered a client of their own, and their victim is signed in
//! and has approved another client; they want a code that the victim never agreed to.
//!
//! *Invariant:* no provider is asked, and no cookie of a sign-in exists, before the person agreed to
//! this client, this redirect URI and these scopes.

use harness::Web;
use harness::World;
use harness::browser::Form;
use http::StatusCode;
use serde_json::json;

use super::{FORM, assert_page, assert_unharmed, cookies, encoded, post, registered};

super::everywhere!(on_a_patient_host:
    consent_to_one_client_is_none_to_another,
    what_was_shown_cannot_be_exchanged_before_it_is_sent,
    what_one_page_proves_is_no_proof_for_another,
    the_same_fields_in_another_order_are_the_same_answer,
);

async fn consent_to_one_client_is_none_to_another(world: World<impl Web>) {
    world.tokens("ada").await;
    let evil = "https://evil.example/callback";
    let metadata = json!({"client_name": "Tester", "redirect_uris": [evil]});
    let (thief, _) = registered(&world.web, &world.client, &metadata).await;
    let link = thief.authorize_url(&[("redirect_uri", evil)]);
    let page = world.browser.open(&world.web, &link).await;
    assert_eq!(page.status, Some(StatusCode::OK), "a person is asked");
    assert_eq!(page.url.path(), "/authorize");
    // The name is the honest client's; what cannot be borrowed is shown beside it.
    assert!(page.page.contains("evil.example"), "{}", page.page);
    assert!(page.page.contains("registered itself"), "{}", page.page);
    let held = world.browser.cookies().into_keys();
    let names: Vec<_> = held.filter(|name| name != "session").collect();
    assert!(
        names.iter().all(|name| name.starts_with("csrf-")),
        "{names:?}"
    );
    // The id of the open page is no sign-in yet.
    let (_, id) = names[0].split_once('-').unwrap();
    for path in [
        "/login/dev?transaction=",
        "/callback/dev?code=ada&state=dev.",
    ] {
        let page = world.browser.open(&world.web, &format!("{path}{id}")).await;
        assert_page(&page, path);
    }
    assert_unharmed(&world).await;
}

async fn what_was_shown_cannot_be_exchanged_before_it_is_sent(world: World<impl Web>) {
    let evil = json!({"redirect_uris": ["https://evil.example/callback"]});
    let (thief, _) = registered(&world.web, &world.client, &evil).await;
    let page = world
        .browser
        .open(
            &world.web,
            &world.client.authorize_url(&[("scope", "profile")]),
        )
        .await;
    let form = page.form("/consent");
    let altered = [
        ("client_id", thief.id.as_str()),
        ("redirect_uri", "http://127.0.0.1:33419/callback"),
        ("scope", "mcp:tools profile"),
        ("scope", "profile "),
        ("state", "another"),
        (
            "code_challenge",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ),
        ("code_challenge_method", "plain"),
        ("resource", "http://localhost:3000/sse"),
        ("response_type", "token"),
        ("csrf", ""),
        ("csrf", "AAAA"),
        ("transaction", "AAAAAAAAAAAAAAAAAAAAAA"),
        ("transaction", "../../login"),
    ];
    for (name, value) in altered {
        assert_not_taken(&world, &with(&form, name, value), name).await;
    }
    // What may be left out is what the person unticks.
    let fixed = form.fields.iter().map(|(name, _)| name);
    for name in fixed.filter(|name| !name.starts_with("may-")) {
        let mut less = form.clone();
        less.fields.retain(|(known, _)| known != name);
        assert_not_taken(&world, &less, name).await;
    }
    for (name, value) in [
        ("scope", "mcp:tools"),
        ("client_id", world.client.id.as_str()),
        ("transaction", "AAAAAAAAAAAAAAAAAAAAAA"),
        ("csrf", "AAAA"),
        ("resource", "http://localhost:3000/sse"),
        ("response_mode", "fragment"),
        ("request_uri", "https://evil.example/request"),
        ("prompt", "none"),
        ("anything", "else"),
        ("decision", "deny"),
    ] {
        let mut more = form.clone();
        more.fields.push((name.to_owned(), value.to_owned()));
        if name == "decision" {
            // Two decisions are none.
            more.fields
                .push(("decision".to_owned(), "allow".to_owned()));
        }
        assert_not_taken(&world, &more, name).await;
    }
    let next = world.agree(&page).await;
    assert_eq!(
        next.url.path(),
        "/login/dev",
        "the page itself still counts"
    );
}

async fn what_one_page_proves_is_no_proof_for_another(world: World<impl Web>) {
    let evil = "https://evil.example/callback";
    let (thief, _) = registered(&world.web, &world.client, &json!({"redirect_uris": [evil]})).await;
    let honest = world.ask().await.form("/consent");
    let link = thief.authorize_url(&[("redirect_uri", evil)]);
    let theirs = world.browser.open(&world.web, &link).await.form("/consent");
    for names in [&["csrf"][..], &["transaction"], &["csrf", "transaction"]] {
        let mut mixed = theirs.clone();
        for name in names {
            mixed = with(&mixed, name, value(&honest, name));
        }
        assert_not_taken(&world, &mixed, &format!("{names:?} of the honest page")).await;
    }
    let submitted = world
        .browser
        .submit(&world.web, &honest, ("provider", "dev"))
        .await;
    assert_eq!(submitted.url.path(), "/login/dev");
}

async fn the_same_fields_in_another_order_are_the_same_answer(world: World<impl Web>) {
    let mut form = world.ask().await.form("/consent");
    form.fields.reverse();
    let next = world
        .browser
        .submit(&world.web, &form, ("provider", "dev"))
        .await;
    assert_eq!(next.url.path(), "/login/dev");
}

fn value<'a>(form: &'a Form, name: &str) -> &'a str {
    let found = form.fields.iter().find(|(known, _)| known == name);
    &found.unwrap().1
}

fn with(form: &Form, name: &str, value: &str) -> Form {
    let mut form = form.clone();
    form.fields.retain(|(known, _)| known != name);
    form.fields.push((name.to_owned(), value.to_owned()));
    form
}

/// The form is refused and neither a sign-in nor a redirect comes of it.
async fn assert_not_taken(world: &World<impl Web>, form: &Form, what: &str) {
    let mut fields = form.fields.clone();
    fields.push(("provider".to_owned(), "dev".to_owned()));
    let (cookie, origin) = (cookies(&world.browser), world.web.issuer());
    let headers = [
        ("content-type", FORM),
        ("cookie", &cookie),
        ("origin", origin),
    ];
    let answer = post(&world.web, "/consent", &headers, encoded(&fields)).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{what}");
    assert!(!answer.headers().contains_key("location"), "{what}");
    assert!(!answer.headers().contains_key("set-cookie"), "{what}");
}

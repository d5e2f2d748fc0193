//! Cross-site request forgery. The attacker has a page that the victim visits; they want it to
//! press the victim's button, with whatever a page of another site can send.
//!
//! *Invariant:* consent is given by the form that this browser was shown, sent once, from our page.

use harness::Web;
use harness::World;
use harness::browser::Browser;
use http::{Method, Request, Response, StatusCode};

use super::{FORM, cookies, encoded, get_with, post};

super::everywhere!(on_a_patient_host:
    another_sites_page_cannot_press_the_button,
    a_form_that_is_no_form_is_not_read,
    the_button_is_pressed_by_post_alone,
    a_forms_proof_counts_once_and_in_its_browser,
    a_sign_in_is_not_finished_from_another_site,
);

/// What the victim's browser would send if its person pressed the button.
async fn button(world: &World<impl Web>) -> (String, String) {
    let mut fields = world.ask().await.form("/consent").fields;
    fields.push(("provider".to_owned(), "dev".to_owned()));
    (encoded(&fields), cookies(&world.browser))
}

fn assert_nothing_happened(answer: &Response<bytes::Bytes>, what: &str) {
    let status = answer.status();
    assert!(status.is_client_error(), "{what}: {status}");
    for name in [
        "location",
        "set-cookie",
        "access-control-allow-origin",
        "access-control-allow-credentials",
    ] {
        assert!(!answer.headers().contains_key(name), "{what}: {name}");
    }
}

async fn another_sites_page_cannot_press_the_button(world: World<impl Web>) {
    let (form, cookie) = button(&world).await;
    let ours = world.web.issuer().to_owned();
    for origin in [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        String::new(),
        "file://".to_owned(),
        format!("{ours}.evil.example"),
        format!("{ours}/"),
        format!("{ours} "),
        ours.to_ascii_uppercase(),
        ours.replace("http://", "https://"),
        ours.replace("localhost", "127.0.0.1"),
        ours.replace("localhost", "localhost."),
        format!("{ours}, https://evil.example"),
        format!("https://evil.example {ours}"),
        ours.rsplit_once(':').unwrap().0.to_owned(),
        authority_of(&ours),
    ] {
        // A space at the end is no part of a header's value (RFC 9110 §5.5).
        if origin.ends_with(' ') {
            continue;
        }
        let headers = [
            ("content-type", FORM),
            ("cookie", &cookie),
            ("origin", &origin),
        ];
        let answer = post(&world.web, "/consent", &headers, form.clone()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{origin}");
        assert_nothing_happened(&answer, &origin);
    }
    // Without the cookies, which a browser leaves out of a request across sites.
    let headers = [("content-type", FORM), ("origin", &ours)];
    let answer = post(&world.web, "/consent", &headers, form.clone()).await;
    assert_nothing_happened(&answer, "without cookies");
    let headers = [
        ("content-type", FORM),
        ("cookie", &cookie),
        ("origin", &ours),
    ];
    let answer = post(&world.web, "/consent", &headers, form).await;
    assert_eq!(
        answer.status(),
        StatusCode::SEE_OTHER,
        "the person's own press counts"
    );
}

fn authority_of(issuer: &str) -> String {
    super::authority(issuer).to_owned()
}

async fn a_form_that_is_no_form_is_not_read(world: World<impl Web>) {
    let (form, cookie) = button(&world).await;
    // The first three are what a page may send without asking (Fetch, CORS-safelisted).
    for kind in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "text/plain; application/x-www-form-urlencoded",
        "application/json",
        "application/x-www-form-urlencoded2",
        "application/x-www-form-urlencoded, text/plain",
        "application / x-www-form-urlencoded",
        "",
    ] {
        let headers = [("content-type", kind), ("cookie", cookie.as_str())];
        let answer = post(&world.web, "/consent", &headers, form.clone()).await;
        assert_nothing_happened(&answer, kind);
        let answer = post(&world.web, "/login/dev", &headers, "state=x&person=ada").await;
        assert_nothing_happened(&answer, kind);
    }
    let answer = post(&world.web, "/consent", &[("cookie", cookie.as_str())], form).await;
    assert_nothing_happened(&answer, "no content type");
}

async fn the_button_is_pressed_by_post_alone(world: World<impl Web>) {
    let (form, cookie) = button(&world).await;
    for path in ["/consent", "/authorize"] {
        let answer = get_with(
            &world.web,
            &format!("{path}?{form}"),
            &[("cookie", &cookie)],
        )
        .await;
        assert!(!answer.headers().contains_key("location"), "GET {path}");
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
            let request = Request::builder().method(method.clone()).uri(path);
            let request = request
                .header("content-type", FORM)
                .header("cookie", &cookie);
            let answer = world
                .web
                .send(request.body(form.clone().into()).unwrap())
                .await;
            assert_nothing_happened(&answer, &format!("{method} {path}"));
        }
    }
    for name in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        let headers = [("cookie", cookie.as_str()), (name, "POST")];
        for address in [
            format!("/consent?{form}"),
            format!("/consent?_method=POST&{form}"),
        ] {
            let answer = get_with(&world.web, &address, &headers).await;
            assert_nothing_happened(&answer, name);
        }
    }
}

async fn a_forms_proof_counts_once_and_in_its_browser(world: World<impl Web>) {
    let (form, cookie) = button(&world).await;
    let theirs = Browser::default();
    theirs
        .open(&world.web, &world.client.authorize_url(&[]))
        .await;
    let headers = |cookie: String| [("content-type", FORM.to_owned()), ("cookie", cookie)];
    let send = async |cookie: &str| {
        let headers = headers(cookie.to_owned());
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        post(&world.web, "/consent", &headers, form.clone()).await
    };
    // The attacker's cookie, also under the name of the victim's.
    let name = cookie.split_once('=').unwrap().0;
    let (_, value) = theirs.cookies().pop_first().unwrap();
    for planted in [
        cookies(&theirs),
        format!("{name}={value}"),
        format!("{name}={value}; {cookie}"),
    ] {
        assert_nothing_happened(&send(&planted).await, &planted);
    }
    // Pressed twice before the first answer is there, it is one sign-in with two answers.
    let (first, second) = (send(&cookie).await, send(&cookie).await);
    assert_eq!(first.status(), StatusCode::SEE_OTHER);
    assert_eq!(first.headers()["location"], second.headers()["location"]);
    for set in first.headers().get_all("set-cookie") {
        let set = set.to_str().unwrap();
        assert!(set.starts_with("tx-") || set.contains("Max-Age=0"), "{set}");
    }
    // The answer takes the page's cookie away, and what is left opens no other page's form.
    world.agree(&world.ask().await).await;
    let left = world
        .browser
        .cookies()
        .into_iter()
        .filter(|(known, _)| known != name);
    let left: Vec<_> = left
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert!(left[0].starts_with("tx-"), "{left:?}");
    for cookie in [left.join("; "), left.join("; ").replace("tx-", "csrf-")] {
        assert_nothing_happened(&send(&cookie).await, "after the press");
    }
}

async fn a_sign_in_is_not_finished_from_another_site(world: World<impl Web>) {
    let people = world.agree(&world.ask().await).await;
    let cookie = cookies(&world.browser);
    let id = people.parameter("transaction").unwrap();
    // All that another site can know is the id in a link, never the state.
    for state in [
        format!("dev.{id}."),
        format!("dev.{id}"),
        id.clone(),
        format!("dev.{id}.{id}"),
        format!(".{id}."),
    ] {
        for (path, fields) in [
            (
                "/login/dev",
                [("state", state.as_str()), ("person", "mallory")],
            ),
            (
                "/callback/dev",
                [("state", state.as_str()), ("code", "mallory")],
            ),
        ] {
            let form = encoded(&fields);
            let headers = [("content-type", FORM), ("cookie", cookie.as_str())];
            assert_nothing_happened(&post(&world.web, path, &headers, form.clone()).await, path);
            let answer = get_with(&world.web, &format!("{path}?{form}"), &headers).await;
            assert_nothing_happened(&answer, path);
        }
    }
    let back = world.sign_in(&people, "ada").await;
    assert!(back.parameter("code").is_some(), "{back:?}");
}

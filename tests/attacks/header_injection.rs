//! Header injection. The attacker puts line breaks and separators where we make a header of what a
//! request says; they want a header, a cookie or a page of their own in our answer.
//!
//! *Invariant:* what a request says becomes part of no header but `Location`, and there as data.

use harness::Web;
use harness::World;
use harness::client::{REDIRECT, get};
use http::{HeaderMap, header};
use serde_json::json;

use super::{FORM, get_with, post, registered};

super::everywhere!(on_a_patient_host:
    line_breaks_in_a_request_stay_data,
    a_state_comes_back_as_it_was_or_not_at_all,
    a_registration_makes_no_header,
);

const BREAKS: [&str; 12] = [
    "%0d%0aX-Injected:%201",
    "%0aX-Injected:%201",
    "%0dX-Injected:%201",
    "%0d%0aSet-Cookie:%20injected=1",
    "%0d%0a%0d%0a<html>injected",
    "%E5%98%8D%E5%98%8AX-Injected:%201",
    "%C4%8D%C4%8AX-Injected:%201",
    "%250d%250aX-Injected:%201",
    "%u000d%u000aX-Injected:1",
    "%00X-Injected:1",
    "%E2%80%A8X-Injected:1",
    "%C2%85X-Injected:1",
];

fn assert_clean(headers: &HeaderMap, what: &str) {
    assert!(!headers.contains_key("x-injected"), "{what}");
    for (name, value) in headers {
        let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        let data = name == header::LOCATION;
        assert!(data || !text.contains("injected"), "{what}: {name}: {text}");
        assert!(!text.contains(['\r', '\n', '\0']), "{what}: {name}");
    }
}

async fn line_breaks_in_a_request_stay_data(world: World<impl Web>) {
    for text in BREAKS {
        let request = world.client.authorize_url(&[]);
        for link in [
            format!("{request}&x={text}"),
            format!("{request}&{text}=x"),
            format!("{request}&prompt={text}"),
            format!(
                "{}&scope={text}",
                world.client.authorize_url(&[("scope", "")])
            ),
            format!(
                "{}&resource={text}",
                world.client.authorize_url(&[("resource", "")])
            ),
            format!(
                "{}&response_type={text}",
                world.client.authorize_url(&[("response_type", "")])
            ),
            format!(
                "{}&redirect_uri={text}",
                world.client.authorize_url(&[("redirect_uri", "")])
            ),
            format!(
                "{}&client_id={text}",
                world.client.authorize_url(&[("client_id", "")])
            ),
            format!("/callback/dev?state={text}&code={text}"),
            format!("/callback/dev?error={text}"),
            format!("/login/dev?transaction={text}"),
            format!("/.well-known/oauth-protected-resource/{text}"),
            format!("/mcp?{text}"),
            format!("/{text}"),
        ] {
            let Ok(_) = link.parse::<http::Uri>() else {
                continue;
            };
            let answer = get(&world.web, &link).await;
            assert_clean(answer.headers(), &link);
            if let Some(location) = answer.headers().get(header::LOCATION) {
                assert!(
                    location.to_str().unwrap().starts_with(REDIRECT),
                    "{link}: {location:?}"
                );
            }
        }
        let form = format!("client_id={text}&grant_type={text}&code={text}");
        assert_clean(
            post(&world.web, "/token", &[("content-type", FORM)], form)
                .await
                .headers(),
            text,
        );
    }
}

async fn a_state_comes_back_as_it_was_or_not_at_all(world: World<impl Web>) {
    for state in [
        "a&code=evil",
        "a#code=evil",
        "a?b=c",
        "a%26code%3Devil",
        "a;b",
        "a+b",
        "%0d%0aX-Injected: 1",
        "&iss=https://evil.example",
    ] {
        world.browser.forget();
        let link = world.client.authorize_url(&[("state", state)]);
        let people = world
            .agree(&world.browser.open(&world.web, &link).await)
            .await;
        let back = world.sign_in(&people, "ada").await;
        assert_eq!(back.parameter("state").as_deref(), Some(state));
        let names: Vec<_> = back
            .url
            .query_pairs()
            .map(|(name, _)| name.into_owned())
            .collect();
        assert_eq!(names, ["code", "state", "iss"], "{state}");
        assert!(back.url.fragment().is_none(), "{state}");
    }
    for state in [
        "a\r\nX-Injected: 1",
        "a\nb",
        "a\0b",
        "a\u{7f}",
        "\u{e4}",
        "\u{560d}\u{560a}",
        "\u{2028}",
        &"x".repeat(601),
    ] {
        let link = world.client.authorize_url(&[("state", state)]);
        let back = world.browser.open(&world.web, &link).await;
        assert_eq!(
            back.parameter("error").as_deref(),
            Some("invalid_request"),
            "{state:?}"
        );
        assert!(
            back.parameter("state").is_none() && back.parameter("code").is_none(),
            "{state:?}"
        );
    }
}

async fn a_registration_makes_no_header(world: World<impl Web>) {
    // JSON lets every character through; what does not fit is refused, what fits makes no cookie.
    for name in [
        "x; Path=/; Domain=evil.example",
        "x=injected, y",
        "\"; injected=\"",
        "injected,injected;injected",
    ] {
        let metadata = json!({"client_name": name});
        let (client, _) = registered(&world.web, &world.client, &metadata).await;
        let page = world
            .browser
            .open(&world.web, &client.authorize_url(&[]))
            .await;
        assert_clean(&page.headers, name);
        let people = world.agree(&page).await;
        assert_clean(&people.headers, name);
        for cookie in world.browser.cookies() {
            assert!(!format!("{cookie:?}").contains("injected"), "{cookie:?}");
        }
    }
    // A host that carries a quote would end the challenge's own.
    for host in [
        "localhost:3000\"",
        "localhost:3000, Basic realm=x",
        "localhost:3000\\",
        "local\"host",
    ] {
        let answer = get_with(&world.web, "/mcp", &[("host", host)]).await;
        assert!(
            [400, 421].contains(&answer.status().as_u16()),
            "{host}: {}",
            answer.status()
        );
        assert_clean(answer.headers(), host);
    }
}

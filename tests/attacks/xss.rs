//! Cross-site scripting through client metadata. The attacker registers a client whose words are
//! markup, and sends the victim to its consent page; they want their script to run, or their words
//! to pass for ours.
//!
//! *Invariant:* whatever a stranger writes, our pages have the same elements and attributes.

use harness::Web;
use harness::World;
use harness::client::{body, post_json};
use serde_json::json;

use super::{assert_page, registered};

super::everywhere!(on_a_patient_host:
    a_clients_words_are_never_markup,
    addresses_of_the_client_are_not_on_the_page,
    a_name_that_hides_or_reorders_is_read_as_it_is,
    what_a_request_says_is_not_repeated_as_markup,
);

const PAYLOADS: [&str; 16] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "'><svg onload=alert(1)>",
    "\" autofocus onfocus=alert(1) x=\"",
    "' onmouseover='alert(1)",
    "` onclick=`alert(1)",
    "</bdi></h1><form action=https://evil.example>",
    "</title><script>alert(1)</script>",
    "<!--",
    "-->",
    "]]><script>",
    "{{ 7*7 }}{% include \"x\" %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "<base href=https://evil.example>",
];

async fn a_clients_words_are_never_markup(world: World<impl Web>) {
    let plain = skeleton(&world.ask().await.page);
    assert!(plain.len() > 20, "{plain:?}");
    for payload in PAYLOADS {
        world.browser.forget();
        let metadata = json!({"client_name": payload});
        let (client, answer) = registered(&world.web, &world.client, &metadata).await;
        assert_eq!(answer["client_name"], payload, "echoed as it is registered");
        let link = client.authorize_url(&[]);
        let page = world.browser.open(&world.web, &link).await;
        assert_eq!(skeleton(&page.page), plain, "{payload}");
        let people = world.agree(&page).await;
        assert_eq!(people.url.path(), "/login/dev", "{payload}");
        assert!(
            !people.page.contains(payload) || !payload.contains('<'),
            "{payload}"
        );
        // The state travels through the form, and back to the client as it was.
        let link = world.client.authorize_url(&[("state", payload)]);
        let page = world.browser.open(&world.web, &link).await;
        assert_eq!(skeleton(&page.page), plain, "{payload} as state");
        let people = world.agree(&page).await;
        let back = world.sign_in(&people, "ada").await;
        assert_eq!(back.parameter("state").as_deref(), Some(payload));
    }
}

async fn addresses_of_the_client_are_not_on_the_page(world: World<impl Web>) {
    let mut metadata = json!({});
    for name in [
        "client_uri",
        "logo_uri",
        "tos_uri",
        "policy_uri",
        "jwks_uri",
        "software_statement",
    ] {
        metadata[name] = json!("javascript:alert('evil.example')");
        metadata[format!("{name}#de")] = json!("https://evil.example/logo.svg");
    }
    metadata["contacts"] = json!(["<script>evil.example</script>"]);
    let (client, answer) = registered(&world.web, &world.client, &metadata).await;
    assert!(!answer.to_string().contains("evil.example"), "{answer}");
    let page = world
        .browser
        .open(&world.web, &client.authorize_url(&[]))
        .await;
    assert!(!page.page.contains("evil.example") && !page.page.contains("javascript:"));
    // Nothing is loaded from anywhere, whoever asks.
    for attribute in ["src=\"http", "href=\"http", "srcset", "url(http", "@import"] {
        assert!(!page.page.contains(attribute), "{attribute}");
    }
}

async fn a_name_that_hides_or_reorders_is_read_as_it_is(world: World<impl Web>) {
    for name in [
        "\u{202e}drowssap",
        "good\u{200b}",
        "\u{2066}x\u{2069}",
        "a\u{feff}b",
        "\u{e0041}a",
    ] {
        let metadata = json!({"client_name": name});
        let (client, _) = registered(&world.web, &world.client, &metadata).await;
        let page = world
            .browser
            .open(&world.web, &client.authorize_url(&[]))
            .await;
        let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        assert!(!page.page.chars().any(hidden), "{name:?}");
    }
    for name in [
        "a\nb",
        "a\0b",
        "a\u{7f}",
        "\u{85}",
        "\u{1b}[31m",
        &"x".repeat(81),
    ] {
        let metadata = json!({"client_name": name, "redirect_uris": ["https://a.example/"]});
        let answer = post_json(&world.web, "/register", &metadata).await;
        super::assert_refused(&answer, 400, "invalid_client_metadata", name);
        assert!(!body(&answer).to_string().contains("31m"));
    }
}

async fn what_a_request_says_is_not_repeated_as_markup(world: World<impl Web>) {
    for payload in PAYLOADS {
        let encoded: String = url::form_urlencoded::byte_serialize(payload.as_bytes()).collect();
        let mut pages = Vec::new();
        for name in ["client_id", "redirect_uri"] {
            let link = world.client.authorize_url(&[(name, payload)]);
            pages.push(world.browser.open(&world.web, &link).await);
        }
        for link in [
            format!("/authorize?{encoded}=1&{encoded}=2"),
            format!("/login/dev?transaction={encoded}"),
            format!("/callback/dev?state={encoded}&code={encoded}"),
            format!("/callback/dev?error={encoded}&error_description={encoded}"),
        ] {
            pages.push(world.browser.open(&world.web, &link).await);
        }
        let expected = skeleton(&pages[0].page);
        for page in &pages {
            assert_page(page, payload);
            let markup = payload.starts_with('<') && payload.ends_with('>');
            assert!(
                !markup || !page.page.contains(payload),
                "{payload} on {}",
                page.url
            );
            assert!(!page.page.contains("alert(1)"), "{payload} on {}", page.url);
        }
        assert!(!expected.is_empty());
    }
}

/// The elements of a page and the names of their attributes, without any text or value.
fn skeleton(page: &str) -> Vec<String> {
    let mut elements = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (mut element, mut quoted, mut end) = (String::new(), false, after.len());
        for (index, letter) in after.char_indices() {
            match letter {
                '"' => quoted = !quoted,
                '>' if !quoted => {
                    end = index;
                    break;
                }
                _ if quoted => {}
                _ => element.push(letter),
            }
        }
        elements.push(element);
        rest = after.get(end..).unwrap_or_default();
    }
    elements
}

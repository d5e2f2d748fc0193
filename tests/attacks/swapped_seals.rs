//! Swapped seals. The attacker has their own cookies, forms, states and links, all made by us; they
//! want one to be taken where another is expected, or one of the victim's altered without notice.
//!
//! *Invariant:* what we made for one place opens in that place alone, whole and unaltered.

use harness::Web;
use harness::World;
use http::StatusCode;

use super::{FORM, authority, cookies, encoded, get_with, neighbour, post};

super::everywhere!(on_a_patient_host:
    a_sealed_sign_in_opens_under_its_own_name_alone,
    an_altered_seal_opens_nothing,
    a_seal_of_one_identity_opens_nothing_at_another,
    a_consent_cookie_is_no_sign_in_and_the_reverse,
);

/// A sign-in that waits for its person: cookie name, seal, and the state of the way back.
async fn waiting(world: &World<impl Web>) -> (String, String, String) {
    let people = world.agree(&world.ask().await).await;
    let fields = people.form("/login/dev").fields;
    let state = fields
        .into_iter()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1;
    let id = people.parameter("transaction").unwrap();
    let name = format!("tx-{id}");
    let value = world.browser.cookies()[&name].clone();
    (name, value, state)
}

/// Whether the way back with this cookie is a page that leads nowhere.
async fn assert_no_way_back(world: &World<impl Web>, cookie: &str, state: &str, what: &str) {
    let address = format!("/callback/dev?code=ada&state={state}");
    let answer = get_with(&world.web, &address, &[("cookie", cookie)]).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{what}");
    assert!(!answer.headers().contains_key("location"), "{what}");
}

async fn assert_way_back(world: &World<impl Web>, cookie: &str, state: &str) {
    let address = format!("/callback/dev?code=ada&state={state}");
    let answer = get_with(&world.web, &address, &[("cookie", cookie)]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}

async fn a_sealed_sign_in_opens_under_its_own_name_alone(world: World<impl Web>) {
    let first = waiting(&world).await;
    let second = waiting(&world).await;
    for (name, value, state) in [
        (&first.0, &second.1, &first.2),
        (&first.0, &second.1, &second.2),
        (&second.0, &first.1, &first.2),
        (&second.0, &first.1, &second.2),
        (&first.0, &first.1, &second.2),
    ] {
        assert_no_way_back(&world, &format!("{name}={value}"), state, "swapped").await;
    }
    // A state whose parts come from two sign-ins belongs to neither.
    let parts = |state: &str| state.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (parts(&first.2), parts(&second.2));
    let both = cookies(&world.browser);
    for state in [
        format!("dev.{}.{}", one[1], other[2]),
        format!("dev.{}.{}", other[1], one[2]),
        format!("corp.{}.{}", one[1], one[2]),
        format!("client.{}.{}", one[1], one[2]),
        format!(".{}.{}", one[1], one[2]),
        format!("dev.{}.{}.", one[1], one[2]),
        format!("dev.{}.{}=", one[1], one[2]),
        format!("dev.{}%3D.{}", one[1], one[2]),
        format!("DEV.{}.{}", one[1], one[2]),
    ] {
        assert_no_way_back(&world, &both, &state, &state).await;
    }
    for (name, value, state) in [first, second] {
        assert_way_back(&world, &format!("{name}={value}"), &state).await;
    }
}

async fn an_altered_seal_opens_nothing(world: World<impl Web>) {
    let (name, value, state) = waiting(&world).await;
    let (kid, text) = value.split_once('.').unwrap();
    let bytes = jose::decode(text).unwrap();
    let mut altered = Vec::new();
    // In the nonce, in the text, in the tag.
    for index in [
        0,
        23,
        24,
        40,
        bytes.len() / 2,
        bytes.len() - 16,
        bytes.len() - 1,
    ] {
        let mut other = bytes.clone();
        other[index] ^= 1;
        altered.push(format!("{kid}.{}", jose::encode(other)));
    }
    for shorter in [0, 1, 23, 24, 39, 40, bytes.len() - 1] {
        altered.push(format!("{kid}.{}", jose::encode(&bytes[..shorter])));
    }
    altered.push(format!(
        "{kid}.{}",
        jose::encode([&bytes[..], &[0]].concat())
    ));
    altered.push(format!("{kid}.{text}="));
    altered.push(format!("{kid}.{text}.{text}"));
    altered.push(format!("{kid}{text}"));
    altered.push(format!(".{text}"));
    altered.push(format!("none.{text}"));
    altered.push(format!(
        "{}.{text}",
        kid.to_ascii_lowercase().replace('-', "_") + "x"
    ));
    altered.push(text.to_owned());
    altered.push(String::new());
    for value in altered {
        assert_no_way_back(&world, &format!("{name}={value}"), &state, &value).await;
    }
    assert_way_back(&world, &format!("{name}={value}"), &state).await;
}

async fn a_seal_of_one_identity_opens_nothing_at_another(world: World<impl Web>) {
    let (name, value, state) = waiting(&world).await;
    let cookie = format!("{name}={value}");
    let neighbour = neighbour(&world.web);
    // Cookies know no ports, so one name's would reach another service's development server.
    let headers = [("host", authority(&neighbour)), ("cookie", &cookie)];
    let address = format!("/callback/dev?code=ada&state={state}");
    let answer = get_with(&world.web, &address, &headers).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let form = [
        world.ask().await.form("/consent").fields,
        vec![("provider".into(), "dev".into())],
    ];
    let csrf = cookies(&world.browser);
    let headers = [
        ("host", authority(&neighbour)),
        ("origin", neighbour.as_str()),
        ("cookie", csrf.as_str()),
        ("content-type", FORM),
    ];
    let answer = post(&world.web, "/consent", &headers, encoded(&form.concat())).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_way_back(&world, &cookie, &state).await;
}

async fn a_consent_cookie_is_no_sign_in_and_the_reverse(world: World<impl Web>) {
    let (name, sealed, state) = waiting(&world).await;
    let page = world.ask().await;
    let open = world.browser.cookies();
    let (_, shown) = open
        .iter()
        .find(|(name, _)| name.starts_with("csrf-"))
        .unwrap();
    let as_sign_in = format!("{name}={shown}; {}", name.replace("tx-", "csrf-"));
    assert_no_way_back(&world, &as_sign_in, &state, "a consent cookie").await;
    let mut fields = page.form("/consent").fields;
    fields.push(("provider".to_owned(), "dev".to_owned()));
    let id = &fields
        .iter()
        .find(|(name, _)| name == "transaction")
        .unwrap()
        .1;
    for cookie in [
        format!("csrf-{id}={sealed}"),
        format!("tx-{id}={shown}"),
        format!("csrf-{id}=0.{sealed}"),
    ] {
        let headers = [("content-type", FORM), ("cookie", cookie.as_str())];
        let answer = post(&world.web, "/consent", &headers, encoded(&fields)).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{cookie}");
    }
    // The seal in places where other words of ours are expected.
    let call =
        harness::client::call(&world.web, &sealed, "tools/list", serde_json::json!({})).await;
    super::assert_refused(&call, 401, "invalid_token", "as an access token");
    let spent = world.client.exchange(&world.web, &sealed).await;
    super::assert_refused(&spent, 400, "invalid_grant", "as a code");
    assert_way_back(&world, &format!("{name}={sealed}"), &state).await;
}

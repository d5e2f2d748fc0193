//! What only a host shows whose time and network are told: reasons, keys that change, outages.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use harness::{FetchFailed, MemoryWeb, Web};
use serde_json::{Value, json};

use super::bearer;
use super::guarded::{Guarded, SITE, assert_is, in_memory_with};
use super::makers::{
    CERTS, CI_KEY, CORP, ENV_KEY, OLD_KEY, PARTNER, SECRET, TAG, bare, claims, key_set, maced,
    signed, signed_as,
};

type Pages = Rc<RefCell<HashMap<String, Result<Value, FetchFailed>>>>;

/// A site that serves one key for each issuer.
fn site() -> Pages {
    let pages = [(CORP.1, CORP.2), (PARTNER.1, PARTNER.2), CERTS];
    let pages = pages.map(|(path, key)| (format!("{SITE}{path}"), Ok(key_set(&[key]))));
    Rc::new(RefCell::new(HashMap::from(pages)))
}

fn publish(pages: &Pages, path: &str, page: Result<Value, FetchFailed>) {
    pages.borrow_mut().insert(format!("{SITE}{path}"), page);
}

async fn status(world: &Guarded<MemoryWeb>, line: (&str, &str)) -> u16 {
    world
        .send(&[line], "ping-unknown", json!({}))
        .await
        .status()
        .as_u16()
}

/// Whether a token of key `number` in the name of `issuer` opens the door.
async fn opens(world: &Guarded<MemoryWeb>, issuer: &str, number: u8, jti: &str) -> u16 {
    let token = signed(number, &claims(&world.web, issuer, &json!({ "jti": jti })));
    status(world, ("authorization", &bearer(&token))).await
}

/// A method that nobody knows: what is answered once the door is open.
const OPEN: u16 = 404;

#[expect(clippy::too_many_lines, reason = "a table of cases")]
#[tokio::test]
async fn every_refusal_has_its_reason_in_the_audit() {
    let world = in_memory_with(site(), &[]).await;
    let web = &world.web;
    let now = web.now().as_seconds();
    let corp = |otherwise: Value| bearer(&signed(CORP.2, &claims(web, CORP.0, &otherwise)));
    let kid = json!({"alg": "EdDSA", "kid": "99"});
    let access = json!({"aud": "x", "iss": SITE});
    for (name, value, kind, reason) in [
        (
            "x-api-key",
            "wrong".to_owned(),
            "api-key",
            "no such API key",
        ),
        ("x-api-key", OLD_KEY.to_owned(), "api-key", "is expired"),
        (
            "authorization",
            corp(json!({"aud": "x"})),
            "corp",
            "`aud` names nobody",
        ),
        (
            "authorization",
            corp(json!({"exp": now - 120})),
            "corp",
            "is expired",
        ),
        (
            "authorization",
            corp(json!({"exp": null})),
            "corp",
            "has no `exp`",
        ),
        (
            "authorization",
            corp(json!({"nbf": now + 120})),
            "corp",
            "not valid yet",
        ),
        (
            "authorization",
            corp(json!({"iat": now + 120})),
            "corp",
            "`iat` is in the future",
        ),
        (
            "authorization",
            corp(json!({"sub": null})),
            "corp",
            "says of nobody",
        ),
        (
            "authorization",
            bearer(&signed_as(9, &kid, &claims(web, CORP.0, &json!({})))),
            "corp",
            "not among those",
        ),
        (
            "authorization",
            bearer(&signed_as(
                9,
                &json!({"alg": "EdDSA", "kid": "1"}),
                &claims(web, CORP.0, &json!({})),
            )),
            "corp",
            "signature does not match",
        ),
        (
            "authorization",
            bearer(&bare(&claims(web, CORP.0, &json!({})))),
            "corp",
            "`alg` names an algorithm",
        ),
        (
            "authorization",
            bearer(&maced(b"another secret", &claims(web, CORP.0, &json!({})))),
            "jwt",
            "MAC does not match",
        ),
        (
            "authorization",
            bearer(&signed(
                CORP.2,
                &claims(web, "https://nobody.example", &json!({})),
            )),
            "access-token",
            "not one of this server's",
        ),
        (
            "cf-access-jwt-assertion",
            signed(CERTS.1, &claims(web, SITE, &access)),
            "access-self-hosted",
            "`aud` names nobody",
        ),
        (
            "cf-access-jwt-assertion",
            signed(CERTS.1, &claims(web, CORP.0, &json!({"aud": TAG}))),
            "access-self-hosted",
            "`iss` is not the configured",
        ),
        (
            "authorization",
            "Basic dTpw".to_owned(),
            "unreadable",
            "no scheme",
        ),
    ] {
        assert_eq!(status(&world, (name, &value)).await, 401, "{reason}");
        let events = web.host().events();
        let event = events.last().unwrap();
        assert_eq!(event.event, "credential.refused");
        assert_eq!(event.credential.as_deref(), Some(kind), "{reason}");
        let said = event.reason.as_deref().unwrap();
        assert!(said.contains(reason), "{said}, not {reason}");
        let shown = value.rsplit(' ').next().unwrap();
        assert!(shown.len() < 6 || !said.contains(shown), "{said}");
    }
    let before = web.host().events().len();
    assert_eq!(world.send(&[], "ping", json!({})).await.status(), 401);
    assert_eq!(
        web.host().events().len(),
        before,
        "who shows nothing is refused nothing"
    );
}

#[tokio::test]
async fn two_sources_that_both_say_alice_speak_of_two_people() {
    let world = in_memory_with(site(), &[]).await;
    let mut subjects = Vec::new();
    for (issuer, _, key) in [CORP, PARTNER] {
        let token = bearer(&signed(key, &claims(&world.web, issuer, &json!({}))));
        subjects.push(world.who(&[("authorization", &token)]).await["subject"].clone());
    }
    let token = bearer(&maced(
        SECRET.as_bytes(),
        &claims(&world.web, "", &json!({})),
    ));
    subjects.push(world.who(&[("authorization", &token)]).await["subject"].clone());
    assert_eq!(subjects, ["corp:alice", "partner:alice", "jwt:alice"]);
}

#[tokio::test]
async fn an_issuer_may_change_its_key_and_strangers_do_not_have_it_asked_often() {
    let pages = site();
    let world = in_memory_with(Rc::clone(&pages), &[]).await;
    assert_eq!(opens(&world, CORP.0, 1, "a").await, OPEN);
    publish(&pages, CORP.1, Ok(key_set(&[1, 7])));
    assert_eq!(
        opens(&world, CORP.0, 7, "b").await,
        401,
        "asked a moment ago"
    );
    world.web.pass(Duration::from_secs(30)).await;
    assert_eq!(opens(&world, CORP.0, 7, "c").await, OPEN, "asked again");
    // The old one, too, for as long as the issuer publishes it, and no longer.
    assert_eq!(opens(&world, CORP.0, 1, "d").await, OPEN);
    publish(&pages, CORP.1, Ok(key_set(&[7])));
    world.web.pass(Duration::from_secs(3600)).await;
    assert_eq!(opens(&world, CORP.0, 1, "e").await, 401);
    assert_eq!(opens(&world, CORP.0, 7, "f").await, OPEN);
}

#[tokio::test]
async fn unknown_keys_cost_one_fetch_in_half_a_minute() {
    let asked = Rc::new(Cell::new(0));
    let world = in_memory_with(site(), &[]).await;
    let counted = Rc::clone(&asked);
    world.web.host().connect_to(Rc::new(move |_| {
        counted.set(counted.get() + 1);
        let body = key_set(&[CORP.2]).to_string();
        let answer = http::Response::builder().header("content-type", "application/json");
        Box::pin(async move { Ok(answer.body(body.into()).unwrap()) })
    }));
    for second in 0..120 {
        for n in 0..3 {
            let jti = format!("{second} {n}");
            assert_eq!(opens(&world, CORP.0, 99, &jti).await, 401);
        }
        world.web.pass(Duration::from_secs(1)).await;
    }
    assert!((2..=5).contains(&asked.get()), "{}", asked.get());
    // Nor where the store remembers nothing.
    world.web.host().store_is_down(true);
    let before = asked.get();
    for second in 0..60 {
        assert_eq!(
            opens(&world, CORP.0, 99, &format!("down {second}")).await,
            401
        );
        world.web.pass(Duration::from_secs(1)).await;
    }
    assert!(asked.get() - before <= 5, "{}", asked.get() - before);
}

#[tokio::test]
async fn an_issuer_out_of_reach_keeps_the_keys_that_it_had() {
    let pages = site();
    let world = in_memory_with(Rc::clone(&pages), &[]).await;
    assert_eq!(opens(&world, CORP.0, 1, "a").await, OPEN);
    for failed in [FetchFailed::Unreachable, FetchFailed::Slow] {
        publish(&pages, CORP.1, Err(failed));
        world.web.pass(Duration::from_secs(7200)).await;
        assert_eq!(opens(&world, CORP.0, 1, &format!("{failed:?}")).await, OPEN);
    }
    world.web.host().store_is_down(true);
    world.web.pass(Duration::from_secs(7200)).await;
    assert_eq!(
        opens(&world, CORP.0, 1, "store").await,
        OPEN,
        "an instance remembers too"
    );
}

#[tokio::test]
async fn without_any_keys_nothing_is_said_of_a_token() {
    let pages = site();
    publish(&pages, CORP.1, Err(FetchFailed::Unreachable));
    let world = in_memory_with(Rc::clone(&pages), &[]).await;
    assert_eq!(opens(&world, CORP.0, 1, "a").await, 503);
    publish(&pages, CORP.1, Ok(key_set(&[1])));
    assert_eq!(opens(&world, CORP.0, 1, "b").await, 503, "a moment later");
    world.web.pass(Duration::from_secs(5)).await;
    assert_eq!(opens(&world, CORP.0, 1, "c").await, OPEN);
    for wrong in [
        json!({"keys": []}),
        json!([]),
        json!({"keys": [{"kty": "oct", "k": "AAAA"}]}),
    ] {
        publish(&pages, PARTNER.1, Ok(wrong));
        world.web.pass(Duration::from_secs(5)).await;
        assert_eq!(opens(&world, PARTNER.0, 2, "d").await, 503);
    }
}

#[tokio::test]
async fn a_token_that_is_remembered_still_ends_and_is_verified_anew() {
    let pages = site();
    let world = in_memory_with(Rc::clone(&pages), &[]).await;
    let now = world.web.now().as_seconds();
    let long = signed(
        1,
        &claims(&world.web, CORP.0, &json!({"exp": now + 90_000})),
    );
    let short = signed(1, &claims(&world.web, CORP.0, &json!({"exp": now + 10})));
    let (long, short) = (bearer(&long), bearer(&short));
    for token in [&long, &short] {
        assert_eq!(status(&world, ("authorization", token)).await, OPEN);
    }
    world.web.pass(Duration::from_secs(70)).await;
    assert_eq!(status(&world, ("authorization", &short)).await, 401);
    publish(&pages, CORP.1, Ok(key_set(&[7])));
    world.web.pass(Duration::from_secs(3600)).await;
    assert_eq!(
        status(&world, ("authorization", &long)).await,
        401,
        "its key is gone"
    );
}

#[tokio::test]
async fn keys_are_rotated_by_adding_one_and_taking_the_other_away() {
    let (first, second) = (ENV_KEY, "4f1c0a3f9be24c1d8f6f");
    let both = format!("first={first},second={second}");
    for (set, opens_first, opens_second) in [
        (first.to_owned(), OPEN, 401),
        (both, OPEN, OPEN),
        (second.to_owned(), 401, OPEN),
        (" , ".to_owned(), 401, 401),
    ] {
        let world = in_memory_with(site(), &[("api_keys", &set)]).await;
        assert_eq!(status(&world, ("x-api-key", first)).await, opens_first);
        assert_eq!(status(&world, ("x-api-key", second)).await, opens_second);
        let nothing = world.send(&[], "ping", json!({})).await;
        assert_eq!(nothing.status(), 401, "an empty list locks");
    }
}

#[tokio::test]
async fn the_use_of_a_key_is_told_once_an_hour() {
    let world = in_memory_with(site(), &[]).await;
    let told = || {
        let events = world.web.host().events();
        let used = events.iter().filter(|event| event.event == "api_key.used");
        used.map(|event| event.subject.clone().unwrap())
            .collect::<Vec<_>>()
    };
    for _ in 0..3 {
        status(&world, ("x-api-key", CI_KEY)).await;
        status(&world, ("x-api-key", ENV_KEY)).await;
    }
    assert_eq!(told(), ["api-key:ci", "api-key:env"]);
    let kept = host::Cache::recall(world.web.host(), "api-key-used:ci").await;
    let now = world.web.now().as_seconds().to_string();
    assert_eq!(kept.unwrap().unwrap(), now.as_bytes());
    world.web.pass(Duration::from_secs(3599)).await;
    status(&world, ("x-api-key", CI_KEY)).await;
    assert_eq!(told().len(), 2);
    world.web.pass(Duration::from_secs(1)).await;
    status(&world, ("x-api-key", CI_KEY)).await;
    assert_eq!(told().len(), 3);
    // A store that does not answer keeps nobody from calling.
    world.web.host().store_is_down(true);
    world.web.pass(Duration::from_secs(3600)).await;
    assert_eq!(status(&world, ("x-api-key", CI_KEY)).await, OPEN);
}

#[tokio::test]
async fn a_token_of_ours_is_ours_whoever_else_is_taken() {
    let world = in_memory_with(site(), &[]).await;
    let world = harness::World::new(world.web).await;
    let tokens = world.tokens("ada").await;
    let guarded = Guarded {
        web: world.web,
        site: SITE.to_owned(),
    };
    let token = bearer(&tokens.access);
    assert_is(&guarded.who(&[("authorization", &token)]).await, "dev:ada");
}

//! The keys of one identity provider's component against another's people. The attacker is the
//! component of a provider, has read the database, and may ask whom components may ask; or they are
//! outside and hold a question that would be answered inside.
//!
//! *Invariant:* what one provider gave of its people is opened, asked about and vouched for with that
//! provider's keys alone, and from inside alone.

use bytes::Bytes;
use harness::{MemoryWeb, World, product};
use host::{Chain as _, Clock as _, Place, Vault as _};
use http::{Request, Response, StatusCode};
use jose::{SealKeys, Sealed};
use oauth::{
    Identities, SignIn, Source, StillThere, Subject, Timestamp, Transaction, UpstreamRefresh,
    WhoNow,
};
use serde_json::json;
use vendors::{Endpoint, Person};

use super::{assert_tokens_work, authority, raw};
use crate::flows::providers::stage::{Stage, to_vendor};
use crate::flows::providers::{STAGED, staged_in_memory};

/// What the component of a provider holds.
const FAMILIES: [&str; 3] = ["tx", "person", "upstream"];

fn keys<T: Sealed>(variable: &str) -> SealKeys<T> {
    let known = product::keys();
    let (_, value) = known.iter().find(|(name, _)| name == variable).unwrap();
    SealKeys::parse(variable, value).unwrap()
}

fn subject(text: &str) -> Subject {
    Subject::try_from(text.to_owned()).unwrap()
}

/// What the vault holds for a person, as a thief reads it.
async fn kept(world: &World<MemoryWeb>, subject: &Subject) -> String {
    let service = "sign-in";
    let at = Place { subject, service };
    let found = world.web.host().credential(at).await.unwrap();
    found.unwrap().sealed
}

async fn ask(
    world: &World<MemoryWeb>,
    component: &str,
    (path, body): (&str, String),
) -> Response<Bytes> {
    let request = Request::post(path).body(Bytes::from(body)).unwrap();
    world.web.host().ask(component, request).await.unwrap()
}

#[tokio::test]
async fn what_a_provider_gave_opens_with_its_own_key_and_for_its_own_person() {
    let stage = staged_in_memory().await;
    stage.tokens("oidc", Person::default()).await;
    let ada = subject("oidc:1001");
    let sealed = kept(&stage.world, &ada).await;
    for provider in providers::CATALOGUE {
        for family in FAMILIES {
            let variable = format!("{family}_{}", provider.suffix());
            let keys = keys::<UpstreamRefresh>(&variable);
            let opened = keys.open(&sealed, &UpstreamRefresh::context(&ada));
            assert_eq!(opened.is_ok(), variable == "upstream_oidc", "{variable}");
            for other in ["oidc:1002", "okta:1001", "oidc:1001 "] {
                let context = UpstreamRefresh::context(&subject(other));
                assert!(
                    keys.open(&sealed, &context).is_err(),
                    "{variable} for {other}"
                );
            }
        }
    }
    for other in [
        "token_key",
        "refresh_key",
        "code_key",
        "tx_dev",
        "person_dev",
    ] {
        let known = product::keys();
        let Some((name, value)) = known.iter().find(|(name, _)| name == other) else {
            continue;
        };
        let keys = SealKeys::<UpstreamRefresh>::parse(name, value).unwrap();
        assert!(
            keys.open(&sealed, &UpstreamRefresh::context(&ada)).is_err(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_providers_component_answers_only_who_holds_its_key() {
    let stage = staged_in_memory().await;
    let tokens = stage.tokens("oidc", Person::default()).await;
    stage.tokens("okta", Person::default()).await;
    let world = &stage.world;
    let now = world.web.host().now();
    let asked = || ["oidc", "okta"].map(|id| stage.vendors.at(id).asked(Endpoint::Token));
    let before = asked();
    let long_ago = Timestamp::from_seconds(now.as_seconds() - 61);
    for component in ["oidc", "okta"] {
        let own = format!("person_{component}");
        for variable in ["oidc", "okta"]
            .iter()
            .flat_map(|id| FAMILIES.map(|family| format!("{family}_{id}")))
        {
            for (who, at) in [
                ("oidc:1001", now),
                ("okta:1001", now),
                ("oidc:1001", long_ago),
                ("okta:1001", long_ago),
            ] {
                let is_its_own = who.starts_with(component) && at == now;
                if is_its_own && variable == own {
                    continue;
                }
                let subject = subject(who);
                let upstream = kept(world, &subject).await;
                let question = WhoNow {
                    subject,
                    upstream,
                    at,
                };
                for id in ["oidc", "okta"] {
                    let context = WhoNow::context(&Source::parse(id).unwrap());
                    let sealed = keys::<WhoNow>(&variable).seal(&question, [7; 24], &context);
                    let question = ("/who-now", sealed.unwrap());
                    let answer = ask(world, &format!("login-{component}"), question).await;
                    let what = format!("{variable} asks {component} for {who} in {id}");
                    assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{what}");
                }
            }
        }
    }
    // Their own key, and what another provider gave: it opens nothing, and nobody is asked.
    let question = WhoNow {
        subject: subject("oidc:1001"),
        upstream: kept(world, &subject("okta:1001")).await,
        at: now,
    };
    let context = WhoNow::context(&Source::parse("oidc").unwrap());
    let sealed = keys::<WhoNow>("person_oidc").seal(&question, [7; 24], &context);
    let answer = ask(world, "login-oidc", ("/who-now", sealed.unwrap())).await;
    let text = std::str::from_utf8(answer.body()).unwrap();
    let opened = keys::<StillThere>("person_oidc").open(text, &question.answer_context());
    assert_eq!(opened.unwrap(), StillThere::No);
    assert_eq!(asked(), before, "no provider was asked");
    assert_tokens_work(world, &tokens).await;
}

#[tokio::test]
async fn no_provider_vouches_for_the_people_of_another() {
    let stage = staged_in_memory().await;
    let world = &stage.world;
    let state = to_vendor(world, "oidc").await.parameter("state").unwrap();
    assert!(state.starts_with("oidc."));
    let mut cookies = world.browser.cookies().into_iter();
    let (_, sealed) = cookies.find(|(name, _)| name.starts_with("tx-")).unwrap();
    let issuer = Identities::read(Some("http://localhost:3000"), None);
    let Ok(Identities::Public(server)) = issuer else {
        panic!("an identity");
    };
    let context = Transaction::context_of(&Source::parse("oidc").unwrap(), server.issuer());
    let transaction = keys::<Transaction>("tx_oidc")
        .open(&sealed, &context)
        .unwrap();
    // Nobody else's key opens what waits in the browser.
    for other in ["tx_okta", "person_oidc", "upstream_oidc", "tx_dev"] {
        assert!(
            keys::<Transaction>(other).open(&sealed, &context).is_err(),
            "{other}"
        );
    }
    let grants = world.web.host().grant_count();
    let mut vouched = 0;
    for (variable, path, who, audience, provider) in ["tx_oidc", "person_oidc", "upstream_oidc"]
        .into_iter()
        .flat_map(|variable| ["oidc", "okta", "dev"].map(|path| (variable, path)))
        .flat_map(|(variable, path)| {
            ["oidc:1001", "okta:1001", "dev:ada"].map(|who| (variable, path, who))
        })
        .flat_map(|(variable, path, who)| {
            ["oidc", "okta", "dev"].map(|audience| (variable, path, who, audience))
        })
        .flat_map(|(variable, path, who, audience)| {
            ["oidc", "okta"].map(|provider| (variable, path, who, audience, provider))
        })
    {
        let mut transaction = transaction.clone();
        transaction.provider = Source::parse(provider).unwrap();
        let sign_in = SignIn {
            upstream: None,
            transaction,
            person: serde_json::from_value(json!({"subject": who, "roles": ["admin"]})).unwrap(),
            at: world.web.host().now(),
            session: None,
        };
        let context = format!("token/{audience}");
        let sealed = keys::<SignIn>(variable).seal(&sign_in, [7; 24], &context);
        let answer = ask(world, "token", (&format!("/pend/{path}"), sealed.unwrap())).await;
        let own = (variable, path, who, audience, provider);
        if own == ("person_oidc", "oidc", "oidc:1001", "oidc", "oidc") {
            assert_eq!(answer.status(), StatusCode::OK, "the forger is no bungler");
            vouched += 1;
        } else {
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{own:?}");
        }
    }
    assert_eq!(world.web.host().grant_count(), grants + vouched);
}

#[tokio::test]
async fn no_path_leads_from_outside_to_where_people_are_read() {
    let stage: Stage<harness::HttpWeb> = STAGED.stage().await;
    let tokens = stage.tokens("oidc", Person::default()).await;
    let world = &stage.world;
    let vendor = stage.vendors.at("oidc");
    let ada = subject("oidc:1001");
    let refresh = UpstreamRefresh {
        token: "any".to_owned(),
    };
    let context = UpstreamRefresh::context(&ada);
    let upstream = keys::<UpstreamRefresh>("upstream_oidc").seal(&refresh, [7; 24], &context);
    let question = WhoNow {
        subject: ada,
        upstream: upstream.unwrap(),
        at: harness::Web::now(&world.web),
    };
    let context = WhoNow::context(&Source::parse("oidc").unwrap());
    let sealed = keys::<WhoNow>("person_oidc")
        .seal(&question, [7; 24], &context)
        .unwrap();
    let before = vendor.asked(Endpoint::Token);
    let own = authority(harness::Web::issuer(&world.web)).to_owned();
    let length = sealed.len();
    for target in [
        "/who-now",
        "//who-now",
        "/login/oidc/who-now",
        "/login/oidc/../../who-now",
        "/login/oidc/%2e%2e/%2e%2e/who-now",
        "/login/oidc?/who-now",
        "/callback/oidc/../../who-now",
        "/callback/oidc/who-now",
        "/oauth/callback/oidc/../../../who-now",
        "/oauth/who-now",
        "/token/who-now",
        "/%77ho-now",
        "/WHO-NOW",
        "http://login-oidc.spin.internal/who-now",
        "login-oidc.spin.internal/who-now",
    ] {
        for host in [own.as_str(), "login-oidc.spin.internal", "login-oidc"] {
            for more in [
                "",
                "x-original-url: /who-now\r\n",
                "spin-path-info: /who-now\r\n",
            ] {
                let request = format!(
                    "POST {target} HTTP/1.1\r\nhost: {host}\r\n{more}connection: close\r\n\
                     content-type: text/plain\r\ncontent-length: {length}\r\n\r\n{sealed}"
                );
                let answer = raw(harness::Web::issuer(&world.web), &request).await;
                let status = answer.lines().next().unwrap_or_default();
                assert!(!status.contains(" 200 "), "{target} at {host}: {answer}");
                assert!(
                    !answer.contains("not answered"),
                    "{target} at {host}: {answer}"
                );
            }
        }
    }
    assert_eq!(
        vendor.asked(Endpoint::Token),
        before,
        "no provider was asked"
    );
    assert_tokens_work(world, &tokens).await;
}

/// At the callback that providers share, the component that is asked is told by a header which of our
/// identities the browser came to; from outside, nobody is told anything by it.
#[tokio::test]
async fn who_the_server_is_cannot_be_said_from_outside() {
    let stage: Stage<harness::HttpWeb> = STAGED.stage().await;
    let world = &stage.world;
    let there = to_vendor(world, "oidc").await;
    let address = crate::flows::providers::stage::sent_back(stage.vendors.at("oidc"), &there);
    let (_, query) = address.split_once('?').unwrap();
    let other = super::neighbour(&world.web);
    let cookies = super::cookies(&world.browser);
    for path in ["/callback", "/callback/oidc"] {
        let headers = [
            ("host", authority(&other)),
            ("postern-issuer", harness::Web::issuer(&world.web)),
            ("cookie", cookies.as_str()),
        ];
        let answer = super::get_with(&world.web, &format!("{path}?{query}"), &headers).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
    }
}

//! A provider that is set wrongly does not serve, and says what to set.

use harness::client::get;
use harness::host::Host;
use vendors::Kind;

use super::stage::{self, Vendors};
use crate::POSTERN;

/// What a component says of the product that is set so.
async fn refused(kinds: &[Kind], more: &str, changed: &[(&str, &str)]) -> String {
    let vendors = Vendors::of(kinds.iter().copied());
    match stage::set(&vendors, more, changed).await {
        Ok(_) => "nothing is wrong".to_owned(),
        Err(reason) => reason,
    }
}

#[tokio::test]
async fn accounts_that_anybody_can_make_need_a_rule() {
    let tenant = |id| [("microsoft_tenant_id", id)];
    for (kind, id, changed) in [
        (Kind::GitHub, "github", &[][..]),
        (Kind::Google, "google", &[]),
        (Kind::Slack, "slack", &[]),
        (Kind::OAuth2, "oauth2", &[]),
        (Kind::Microsoft, "microsoft", &tenant("common")),
        (Kind::Microsoft, "microsoft", &tenant("organizations")),
        (Kind::Microsoft, "microsoft", &tenant("consumers")),
    ] {
        let reason = refused(&[kind], "", changed).await;
        let told = format!("authorize: anybody can have an account at the provider `{id}`");
        assert!(reason.starts_with(&told), "{id} {changed:?}: {reason}");
        assert!(reason.contains(&format!("[provider.{id}]")), "{reason}");
        for allow in ["\"anyone\"", "{ ids = [\"1\"] }"] {
            let more = format!("[provider.{id}]\nallow = {allow}\n");
            assert_eq!(
                refused(&[kind], &more, changed).await,
                "nothing is wrong",
                "{id}"
            );
        }
    }
    // One tenant, and a Workspace, are rules by themselves.
    for (kind, changed) in [
        (
            Kind::Microsoft,
            tenant("11111111-2222-4333-8444-555555555555"),
        ),
        (Kind::Google, [("hosted_domain", "example.com")]),
    ] {
        assert_eq!(
            refused(&[kind], "", &changed).await,
            "nothing is wrong",
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let both = [Kind::Okta, Kind::Clerk];
    let name_none = "default_provider = \"none\"\n";
    for (kinds, more, changed, told) in [
        (
            &both[..],
            "",
            &[][..],
            "authorize: several identity providers are on (clerk, okta): say in postern.toml \
             which of them has the callback /callback, with `default_provider",
        ),
        (
            &both,
            "default_provider = \"slack\"\n",
            &[],
            "authorize: postern.toml says `default_provider = \"slack\"`, and that provider is off",
        ),
        (
            &both,
            "default_provider = \"oktopus\"\n",
            &[],
            "authorize: postern.toml line 1: unknown provider `oktopus`: did you mean `okta`?",
        ),
        (
            &both,
            name_none,
            &[("okta_client_secret", "")],
            "login-okta: the variable `okta_client_secret` is not set",
        ),
        (
            &both,
            name_none,
            &[("okta_issuer", "")],
            "login-okta: the variable `okta_issuer` is not set",
        ),
        (
            &both,
            name_none,
            &[("okta_host", "")],
            "login-okta: the variable `okta_host` is not set",
        ),
        (
            &both,
            name_none,
            &[("okta_host", "other.example")],
            "set the variable `okta_host` to localhost:",
        ),
        (
            &both,
            name_none,
            &[("okta_issuer", "http://okta.example")],
            "login-okta: the variable `okta_issuer` must be a URL that starts with https://",
        ),
        (&both, name_none, &[("tx_okta", "")], "`tx_okta`"),
        (&both, name_none, &[("person_okta", "")], "`person_okta`"),
        (
            &both,
            name_none,
            &[("upstream_okta", "")],
            "`upstream_okta`",
        ),
        (
            &both,
            name_none,
            &[("upstream_okta", "k:short")],
            "`upstream_okta`",
        ),
    ] {
        let reason = refused(kinds, more, changed).await;
        assert!(reason.contains(told), "{changed:?}: {reason}");
        assert!(!reason.contains("short"), "no value is repeated: {reason}");
    }
}

/// What a host says that is set so: at its start, or at each of these addresses.
async fn said(kinds: &[Kind], more: &str, changed: &[(&str, &str)], places: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let vendors = Vendors::of(kinds.iter().copied());
    let options = stage::options(&vendors, more, folder.path());
    let options = changed.iter().fold(options, |options, (name, value)| {
        options.variable(*name, *value)
    });
    let host = match Host::start(POSTERN, &options) {
        Ok(host) => host,
        Err(refused) => return refused.to_string(),
    };
    let web = super::super::web(&host);
    let mut said = String::new();
    for place in places {
        let answer = get(&web, place).await;
        assert_eq!(answer.status(), 503, "{place}");
        // A page shows as code what a message has in backticks.
        let text = String::from_utf8_lossy(answer.body()).replace("</code>", "`");
        said.push_str(&text.replace("<code>", "`"));
    }
    said
}

#[tokio::test]
async fn a_host_that_is_set_wrongly_does_not_serve_and_says_why() {
    let said = said(
        &[Kind::GitHub, Kind::Okta],
        "default_provider = \"none\"\n",
        &[("okta_host", "")],
        &[
            "/authorize",
            "/login/github?transaction=x",
            "/login/okta?transaction=x",
        ],
    )
    .await;
    for told in [
        "nybody can have an account at the provider `github`",
        "he variable `okta_host` is not set",
    ] {
        assert!(said.contains(told), "{said}");
    }
}

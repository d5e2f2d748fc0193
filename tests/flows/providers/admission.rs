//! Who may sign in: whoever a rule names, and nobody else.

use harness::Web;
use http::StatusCode;
use vendors::{Kind, Person};

use super::rules::{CONTOSO, FABRIKAM};
use super::stage::{self, Stage, Vendors};

super::everywhere!(ruled_in_memory, RULED: whoever_a_rule_names_signs_in_and_nobody_else);

/// Why somebody may not sign in, if so.
type Verdict = Option<&'static str>;

const LISTED: Verdict = Some("this account is not among those that may sign in here");
const UNVERIFIED: Verdict = Some("the provider has not verified this account's e-mail address");
const WORKSPACE: Verdict =
    Some("this account is not of the Google Workspace that may sign in here");

fn of(email: &str, domain: Option<&str>) -> Person {
    Person {
        email: Some(email.to_owned()),
        tenant: domain.map(str::to_owned),
        ..Person::default()
    }
}

fn people() -> Vec<(&'static str, Person, Verdict)> {
    let unverified = |person: Person| Person {
        verified: false,
        ..person
    };
    let id = |id: &str| Person {
        id: id.to_owned(),
        ..Person::default()
    };
    let github = |organizations: &[&str], teams: &[&str]| Person {
        organizations: organizations.iter().map(ToString::to_string).collect(),
        teams: teams.iter().map(ToString::to_string).collect(),
        ..Person::default()
    };
    let groups = |groups: &[&str]| Person {
        groups: groups.iter().map(ToString::to_string).collect(),
        ..Person::default()
    };
    vec![
        ("google", of("ada@example.com", Some("example.com")), None),
        ("google", of("Ada@Example.COM", Some("example.com")), None),
        // Somebody who left the domain, and made an account with the address in time.
        ("google", of("ada@example.com", None), WORKSPACE),
        (
            "google",
            of("ada@example.com", Some("evil.example")),
            WORKSPACE,
        ),
        (
            "google",
            unverified(of("ada@example.com", Some("example.com"))),
            UNVERIFIED,
        ),
        (
            "google",
            of("ada@evil.example", Some("example.com")),
            LISTED,
        ),
        (
            "google",
            of("ada@sub.example.com", Some("example.com")),
            LISTED,
        ),
        (
            "google",
            of("ada@example.com.evil.example", Some("example.com")),
            LISTED,
        ),
        (
            "google",
            of("ada@notexample.com", Some("example.com")),
            LISTED,
        ),
        ("google", of("guest@elsewhere.example", None), None),
        (
            "google",
            unverified(of("guest@elsewhere.example", None)),
            UNVERIFIED,
        ),
        ("google", of("other@elsewhere.example", None), LISTED),
        ("clerk", id("2002"), None),
        ("clerk", id("3003"), LISTED),
        ("clerk", id("200"), LISTED),
        ("github", github(&["acme"], &[]), None),
        ("github", github(&[], &["partners/liaison"]), None),
        (
            "github",
            github(&["partners"], &["partners/others"]),
            LISTED,
        ),
        ("github", github(&["acme-evil", "ACME2"], &[]), LISTED),
        ("github", github(&[], &[]), LISTED),
        ("okta", groups(&["Everyone"]), None),
        ("okta", groups(&["everyone", "Everyone else"]), LISTED),
        ("microsoft", of("ada@contoso.example", Some(CONTOSO)), None),
    ]
}

async fn whoever_a_rule_names_signs_in_and_nobody_else(stage: &Stage<impl Web>) {
    for (id, person, verdict) in people() {
        let what = format!("{id}: {person:?}");
        let shown = person.clone();
        let end = stage.signs_in(id, person).await;
        let Some(reason) = verdict else {
            stage.spent(&end).await;
            continue;
        };
        assert_eq!(end.status, Some(StatusCode::FORBIDDEN), "{what}: {end:?}");
        assert!(
            end.page.contains("You may not sign in here"),
            "{what}: {}",
            end.page
        );
        assert_eq!(stage.reason(&end).await, reason, "{what}");
        assert!(stage.world.browser.cookies().is_empty(), "{what}");
        // The page says why, and of nobody anything: neither of this person nor of who may.
        for told in [
            shown.email.as_deref().unwrap_or("ada@"),
            "Lovelace",
            "example.com",
            "elsewhere",
            "acme",
            "liaison",
            "Everyone",
            "2002",
        ] {
            assert!(!end.page.contains(told), "{what}: {told} in {}", end.page);
        }
    }
    // A tenant that is not listed is none of who may sign in, whatever else its token says.
    let end = stage
        .signs_in("microsoft", of("ada@fabrikam.example", Some(FABRIKAM)))
        .await;
    assert_eq!(end.status, Some(StatusCode::FORBIDDEN), "{end:?}");
    assert!(
        end.page.contains("You may not sign in here"),
        "{}",
        end.page
    );
    let reason = "the ID token's `tid` is not a tenant that may sign in here";
    assert_eq!(stage.reason(&end).await, reason);
}

#[tokio::test]
async fn a_workspace_is_told_by_its_claim_and_by_nothing_that_was_asked() {
    let set = [("hosted_domain", "example.com")];
    let stage = stage::in_memory(Vendors::of([Kind::Google]), "", &set).await;
    let stage = Stage::of(stage);
    for (person, verdict) in [
        (of("ada@example.com", Some("example.com")), None),
        (of("ada@example.com", None), WORKSPACE),
        (of("ada@example.com", Some("evil.example")), WORKSPACE),
    ] {
        let end = stage.signs_in("google", person).await;
        let seen = stage
            .vendors
            .at("google")
            .seen(vendors::Endpoint::Authorize);
        assert_eq!(seen.unwrap().parameter("hd"), Some("example.com"));
        match verdict {
            None => drop(stage.spent(&end).await),
            Some(reason) => assert_eq!(stage.reason(&end).await, reason),
        }
    }
}

#[tokio::test]
async fn personal_accounts_are_no_organization() {
    const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
    let more = "[provider.microsoft]\nallow = \"anyone\"\n";
    for (set, tenant, is_in) in [
        ("organizations", FABRIKAM, true),
        ("organizations", CONSUMERS, false),
        ("common", CONSUMERS, true),
        ("common", CONTOSO, true),
        (CONTOSO, CONTOSO, true),
        (CONTOSO, FABRIKAM, false),
    ] {
        let set_to = [("microsoft_tenant_id", set)];
        let stage = stage::in_memory(Vendors::of([Kind::Microsoft]), more, &set_to).await;
        let stage = Stage::of(stage);
        let end = stage
            .signs_in("microsoft", of("ada@contoso.example", Some(tenant)))
            .await;
        // At the client's redirect URI, or on a page of ours.
        assert_eq!(end.status.is_none(), is_in, "{set} and {tenant}: {end:?}");
    }
}

//! What a gateway does not start with: whatever would open it further than an operator can mean.

use super::world::{TOOLBOX, block_on, host};
use crate::Settings;

const ISSUER: &str = "[[issuer]]\nname = \"corp\"\nissuer = \"https://corp.example.com/\"\n\
     jwks_uri = \"https://corp.example.com/keys\"\naudience = \"postern\"\n";

const TEAM: (&str, &str) = ("team_domain", "team.cloudflareaccess.com");
const TAG: (&str, &str) = ("policy_aud", "6f2a3f9be24c1d8f6e4f1c0a");

/// Why a gateway with these variables, and perhaps an issuer, does not start.
fn refused(variables: &[(&str, &str)], more: &str) -> String {
    let host = host();
    for (name, value) in variables {
        host.set_variable(name, value);
    }
    host.set_file("/postern.toml", &format!("{TOOLBOX}{more}"));
    let read = block_on(Settings::read(&host));
    read.err()
        .map(|reason| reason.to_string())
        .unwrap_or_default()
}

#[test]
fn a_secret_that_others_may_know_is_refused_by_its_variable() {
    for (name, value) in [
        ("api_keys", "key1,key2,key3"),
        ("api_keys", "0123456789abcde"),
        ("api_keys", "ci=your-secret-key"),
        ("jwt_secret", "your_jwt_secret"),
        ("jwt_secret", "hunter2"),
        ("jwt_secret", "thirty-one characters are short"),
        ("jwt_secret", "00000000000000000000000000000000000"),
    ] {
        let found = refused(&[(name, value)], "");
        assert!(found.contains(&format!("`{name}`")), "{found}");
        assert!(!found.contains(value), "{found}");
    }
    // On a development server, which its own machine alone reaches, a README's keys do.
    let dev = [
        ("public_url", ""),
        ("dev_key", &*super::world::keys("dev").0),
    ];
    let with_key = [&dev[..], &[("api_keys", "test-key-1,test-key-2")]].concat();
    assert_eq!(refused(&with_key, ""), "");
}

#[test]
fn access_needs_its_team_and_its_tag() {
    let guarded = ("outbound_guard", "on");
    for (variables, told) in [
        (&[TEAM][..], "`policy_aud` is not set"),
        (&[TAG], "`team_domain` is not set"),
        (&[TEAM, ("policy_aud", " , ")], "`policy_aud` is not set"),
        (
            &[guarded, ("team_domain", "http://a.example.com"), TAG],
            "must use https",
        ),
        (
            &[guarded, ("team_domain", "https://10.0.0.1"), TAG],
            "not by an address",
        ),
        (&[TEAM, TAG], "`team_domain` must be"),
        (&[guarded, TEAM, TAG], ""),
        (&[TEAM, TAG, ("client_document_hosts", TEAM.1)], ""),
        (
            &[
                guarded,
                ("team_domain", "https://team.cloudflareaccess.com/"),
                TAG,
            ],
            "",
        ),
    ] {
        let found = refused(variables, "");
        assert!(found.contains(told), "{variables:?}: {found}");
        assert_eq!(found.is_empty(), told.is_empty(), "{variables:?}: {found}");
    }
}

#[test]
fn an_issuer_is_at_a_host_that_this_server_asks() {
    let listed = |hosts| ("client_document_hosts", hosts);
    for (variables, told) in [
        (&[][..], "issuer `corp`: `jwks_uri` names a host"),
        (&[listed("other.example.com")], "`client_document_hosts`"),
        (&[listed("nonsense/")], "`client_document_hosts`"),
        (&[listed("corp.example.com")], ""),
        (&[("outbound_guard", "on")], ""),
    ] {
        let found = refused(variables, ISSUER);
        assert!(found.contains(told), "{variables:?}: {found}");
        assert_eq!(found.is_empty(), told.is_empty(), "{variables:?}: {found}");
    }
}

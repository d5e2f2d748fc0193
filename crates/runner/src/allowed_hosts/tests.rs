//! What an entry opens, and what it does not.

use super::*;

fn entries(list: &[&str]) -> Vec<AllowedHost> {
    list.iter()
        .filter_map(|entry| AllowedHost::parse(entry).expect(entry))
        .collect()
}

#[test]
fn an_entry_opens_its_scheme_host_and_port_only() {
    for (entry, uri, allowed) in [
        ("https://api.example", "https://api.example/x?y", true),
        ("https://api.example/", "https://api.example:443/", true),
        ("https://api.example", "https://API.example/", true),
        ("https://api.example", "http://api.example/", false),
        ("https://api.example", "https://api.example:8443/", false),
        ("https://api.example", "https://api.example.evil/", false),
        ("https://api.example", "https://evil-api.example/", false),
        ("https://api.example", "https://api.example@evil/", false),
        (
            "https://api.example:8443",
            "https://api.example:8443/",
            true,
        ),
        ("http://localhost:*", "http://localhost:9/", true),
        (
            "http://localhost:8000..8002",
            "http://localhost:8001/",
            true,
        ),
        (
            "http://localhost:8000..8002",
            "http://localhost:8002/",
            false,
        ),
        ("https://*.example", "https://a.b.example/", true),
        ("https://*.example", "https://example/", false),
        ("https://*.example", "https://notexample/", false),
        ("https://*", "https://anything/", true),
        ("https://*", "https://c.spin.internal/", true),
        ("https://*", "https://anything:8443/", false),
        ("https://*:*", "https://anything:8443/", true),
        ("*://api.example:443", "https://api.example/", true),
        ("*://*:*", "http://10.0.0.1:7/", true),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000/", true),
        ("http://127.0.0.1:3000", "http://localhost:3000/", false),
        ("http://[::1]:3000", "http://[::1]:3000/", true),
        ("http://[::1]", "http://[::1]/", true),
        ("http://10.0.0.0/8", "http://10.2.3.4/", true),
        ("http://10.0.0.0/8", "http://11.2.3.4/", false),
        ("http://c.spin.internal", "http://c.spin.internal/x", true),
        ("http://*.spin.internal", "http://c.spin.internal/x", true),
        ("http://c.spin.internal", "http://d.spin.internal/x", false),
        ("http://self", "http://self/", false),
    ] {
        let uri: Uri = uri.parse().expect("a URI");
        assert_eq!(allow(&entries(&[entry]), &uri), allowed, "{entry} {uri}");
    }
    assert!(!allow(&[], &Uri::from_static("https://api.example/")));
}

#[test]
fn an_empty_entry_is_skipped_and_opens_nothing() {
    for entry in ["", " ", "https://", "http://"] {
        assert_eq!(AllowedHost::parse(entry), Ok(None), "{entry:?}");
    }
}

#[test]
fn the_application_itself_is_opened_by_self_or_by_everything() {
    for (entry, allowed) in [
        ("http://self", true),
        ("https://self.alt", true),
        ("*://*:*", true),
        ("http://localhost", false),
        ("redis://*", false),
    ] {
        assert_eq!(allow_self(&entries(&[entry])), allowed, "{entry}");
    }
}

#[test]
fn an_entry_that_opens_nothing_sensible_is_refused() {
    for (entry, refused) in [
        ("*", EntryRefused::NoScheme),
        ("api.example", EntryRefused::NoScheme),
        ("ht-tp://a", EntryRefused::Scheme),
        ("://a", EntryRefused::Scheme),
        ("https://a/b", EntryRefused::Path),
        ("https://a.*", EntryRefused::Wildcard),
        ("https://*.*.a", EntryRefused::Wildcard),
        ("https://*a", EntryRefused::Wildcard),
        ("https://*.127.0.0.1", EntryRefused::Wildcard),
        ("https://a b", EntryRefused::Host),
        ("https://:443", EntryRefused::Host),
        ("https://a:b", EntryRefused::Port),
        ("https://a:99999", EntryRefused::Port),
        ("*://a", EntryRefused::NoPort),
        ("ftp://a", EntryRefused::NoPort),
    ] {
        assert_eq!(AllowedHost::parse(entry), Err(refused), "{entry}");
    }
}

#[test]
fn components_are_recognised_by_their_internal_name() {
    let target = |uri: &'static str| chaining_target(&Uri::from_static(uri)).map(str::to_owned);
    assert_eq!(
        target("http://token.spin.internal/x").as_deref(),
        Some("token")
    );
    assert_eq!(target("http://token.spin.internal.example/x"), None);
    assert!(names_component("token.spin.internal:80") && !names_component("example.com:80"));
    let opened = entries(&["http://token.spin.internal", "https://api.example"]);
    assert_eq!(
        opened.iter().find_map(AllowedHost::chained_component),
        Some("token")
    );
}

//! What is printed for a person who debugs holds no secret.
//!
//! *Invariant:* the secrets are random, and looked for in every form in which bytes are printed.
#![expect(
    clippy::unwrap_used,
    reason = "settings that cannot be read have failed the test"
)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use host_memory::MemoryHost;
use jose::{Secret, derive};
use postern_authorization_server::{authorize, login, metadata, register, token};
use proptest::prelude::*;

/// The host in memory never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the host in memory never waits"),
    }
}

/// A host with keys of one master, and those that are secret.
fn host(master: [u8; 32]) -> (MemoryHost, Vec<String>) {
    let (host, master) = (MemoryHost::default(), Secret::new(master));
    let mut secrets = Vec::new();
    for name in [
        "code_key",
        "refresh_key",
        "tx_dev",
        "person_dev",
        "tx_oidc",
        "person_oidc",
        "upstream_oidc",
        "dev_key",
    ] {
        let key = derive::symmetric(&master, name);
        host.set_variable(name, &key);
        secrets.push(key);
    }
    for name in ["registration", "access_token", "assertion", "session"] {
        let (private, public) = derive::signing_pair(&master, name);
        host.set_variable(&format!("{name}_key"), &private);
        host.set_variable(&format!("{name}_public_key"), &public);
        secrets.push(private);
    }
    // A provider's secret is no key of ours, and as secret.
    let secret = derive::symmetric(&master, "oidc_client_secret");
    for (name, value) in [
        ("oidc_client_id", "a-client"),
        ("oidc_client_secret", &secret),
        ("oidc_issuer", "https://id.example"),
        ("oidc_host", "id.example"),
    ] {
        host.set_variable(name, value);
    }
    secrets.push(secret);
    let nothing = "[[server]]\nname = \"toolbox\"\ntoolset = true\n";
    host.set_file(configuration::PATH, nothing);
    (host, secrets)
}

/// A key as text, as a list of numbers, and as hexadecimal digits.
fn forms(entry: &str) -> [String; 3] {
    let (_, text) = entry.split_once(':').unwrap();
    let bytes = jose::decode(text).unwrap();
    let list = format!("{bytes:?}");
    let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [
        text.to_owned(),
        list.trim_matches(['[', ']']).to_owned(),
        hex,
    ]
}

proptest! {
    #[test]
    fn settings_print_no_key(master in any::<[u8; 32]>()) {
        let (host, secrets) = host(master);
        let printed = [
            format!("{:?}", now(token::Settings::read(&host)).unwrap()),
            format!("{:?}", now(login::Settings::of(&host, "dev")).unwrap()),
            format!("{:?}", now(login::Settings::of(&host, "oidc")).unwrap()),
            format!("{:?}", now(authorize::Settings::read(&host)).unwrap()),
            format!("{:?}", now(register::Settings::read(&host)).unwrap()),
            format!("{:?}", now(metadata::Settings::read(&host)).unwrap()),
        ];
        for (printed, secret) in printed.iter().flat_map(|printed| secrets.iter().map(move |secret| (printed, secret))) {
            for form in forms(secret) {
                prop_assert!(!printed.to_lowercase().contains(&form.to_lowercase()), "{printed}");
            }
        }
    }
}

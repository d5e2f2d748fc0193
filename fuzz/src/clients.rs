//! Clients that registered with what they really send, and the server they registered at.

use std::sync::LazyLock;

use jose::{Secret, SigningKeys, VerifyingKeys, derive};
use oauth::registration::{Registered, Registration, RegistrationRefused, register};
use oauth::{Client, Identities, ServerIdentity, Timestamp};

/// What each sends to `/register`, by the name that stands for its id in the seeds.
const BODIES: [(&str, &[u8]); 5] = [
    (
        "claude",
        include_bytes!("../seeds/registration/claude.json"),
    ),
    (
        "cursor",
        include_bytes!("../seeds/registration/cursor.json"),
    ),
    (
        "inspector",
        include_bytes!("../seeds/registration/inspector.json"),
    ),
    (
        "mcp-remote",
        include_bytes!("../seeds/registration/mcp-remote.json"),
    ),
    (
        "vscode",
        include_bytes!("../seeds/registration/vscode.json"),
    ),
];

static KEYS: LazyLock<(SigningKeys<Registration>, VerifyingKeys<Registration>)> =
    LazyLock::new(|| {
        let master = Secret::new(jose::sha256(b"the master of the fuzz targets"));
        let (private, public) = derive::signing_pair(&master, "registration");
        let signing = SigningKeys::parse("registration_key", &private).expect("keys");
        let verifying = VerifyingKeys::parse("registration_public_key", &public).expect("keys");
        (signing, verifying)
    });

static REGISTERED: LazyLock<Vec<(&str, Client)>> = LazyLock::new(|| {
    let known = |(name, body)| {
        let registered = registered(body).expect("a real client may register");
        (
            name,
            client(&registered).expect("a registered client is known"),
        )
    };
    BODIES.into_iter().map(known).collect()
});

/// The server.
pub(crate) static SERVER: LazyLock<ServerIdentity> = LazyLock::new(|| {
    match Identities::read(Some("https://mcp.example.com"), None) {
        Ok(Identities::Public(server)) => Some(server),
        _ => None,
    }
    .expect("an issuer")
});

/// Registers what `body` describes.
pub(crate) fn registered(body: &[u8]) -> Result<Registered, RegistrationRefused> {
    let chance = ([7; 9], Timestamp::from_seconds(1_800_000_000));
    register(body, &KEYS.0, chance)
}

/// The client that an answer of `/register` names.
pub(crate) fn client(registered: &Registered) -> Option<Client> {
    let answer = serde_json::to_value(registered).ok()?;
    Client::registered(answer.get("client_id")?.as_str()?, &KEYS.1).ok()
}

/// The client that a name stands for.
pub(crate) fn named(name: &str) -> Option<Client> {
    let mut all = REGISTERED.iter();
    all.find(|(known, _)| *known == name)
        .map(|(_, client)| client.clone())
}

//! Documents as clients publish them, and as attackers would.

use jose::JwkRefused;
use serde_json::{Value, json};

use super::ClientDocumentRefused as R;
use super::*;
use crate::auth_method::AuthMethod;
use crate::client::{ClientKeys, Credential};

const URL: &str = "https://app.example.com/client.json";

/// A document with these members over the least there must be; `null` takes one away.
fn document(more: &Value) -> Vec<u8> {
    let mut document = json!({
        "client_id": URL,
        "client_name": "An Application",
        "redirect_uris": ["https://app.example.com/callback"],
    });
    for (member, value) in more.as_object().unwrap() {
        match value {
            Value::Null => document.as_object_mut().unwrap().remove(member),
            value => document
                .as_object_mut()
                .unwrap()
                .insert(member.clone(), value.clone()),
        };
    }
    document.to_string().into_bytes()
}

fn documented(document: &[u8]) -> Result<Client, R> {
    let hosts = DocumentHosts::read(true, "").unwrap();
    Client::documented(&DocumentUrl::parse(URL, &hosts).unwrap(), document, &hosts)
}

fn with(more: &Value) -> Result<Client, R> {
    documented(&document(more))
}

fn key() -> Value {
    // RFC 8037 appendix A.2.
    json!({"keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": "1",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }]})
}

#[test]
fn the_least_document_is_a_public_client() {
    let client = with(&json!({})).unwrap();
    assert_eq!(client.id().as_str(), URL);
    assert_eq!(client.name(), Some("An Application"));
    let host = "app.example.com".to_owned();
    assert_eq!(*client.kind(), ClientKind::Document { host });
    assert!(client.authenticates_by(AuthMethod::None));
    assert_eq!(*client.credential(), Credential::None);
    assert!(client.may_use(GrantType::AuthorizationCode));
    assert!(!client.may_use(GrantType::ClientCredentials));
}

#[test]
fn documents_that_clients_publish_are_taken() {
    for more in [
        // An editor: loopback, and a web page that hands the code over.
        json!({
            "client_uri": "https://app.example.com", "application_type": "native",
            "redirect_uris": ["http://127.0.0.1:33418/", "http://localhost/cb", "https://app.example.com/redirect"],
            "grant_types": ["authorization_code", "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code"],
            "response_types": ["code"], "token_endpoint_auth_method": "none",
        }),
        // A service that can do more than a server may ask.
        json!({
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
            "jwks_uri": "https://app.example.com/jwks.json", "scope": "openid mcp:tools",
            "logo_uri": "https://cdn.example.com/logo.png", "tos_uri": "https://app.example.com/t",
            "policy_uri": "http://app.example.com/p", "contacts": ["x@example.com"],
        }),
        json!({"token_endpoint_auth_methods_supported": ["tls_client_auth", "none"]}),
    ] {
        with(&more).unwrap_or_else(|reason| panic!("{reason}: {more}"));
    }
}

#[test]
fn the_strongest_method_that_is_served_and_fits_the_keys_is_taken() {
    let both = json!(["private_key_jwt", "none"]);
    for (more, keys) in [
        (
            json!({"token_endpoint_auth_methods_supported": both, "jwks": key()}),
            true,
        ),
        (
            json!({"token_endpoint_auth_methods_supported": both}),
            false,
        ),
        (
            json!({"token_endpoint_auth_method": "none", "jwks": key()}),
            false,
        ),
        (json!({"jwks": key()}), false),
        (
            json!({
                "token_endpoint_auth_method": "private_key_jwt", "jwks": key(),
                "token_endpoint_auth_methods_supported": ["none"],
            }),
            true,
        ),
    ] {
        let client = with(&more).unwrap();
        let expected = if keys {
            AuthMethod::PrivateKeyJwt
        } else {
            AuthMethod::None
        };
        assert!(client.authenticates_by(expected), "{more}");
        let credential = if keys {
            Credential::Keys(ClientKeys::Inline(key()))
        } else {
            Credential::None
        };
        assert_eq!(*client.credential(), credential, "{more}");
    }
    let only = json!({"token_endpoint_auth_method": "private_key_jwt"});
    assert_eq!(with(&only).unwrap_err(), R::AuthMethod, "there are no keys");
}

#[test]
fn what_is_no_document_of_this_address_is_refused() {
    for text in [
        "",
        "[]",
        "\"x\"",
        "{",
        "null",
        "\u{feff}{}",
        "{\"client_id\":1}x",
    ] {
        assert_eq!(
            documented(text.as_bytes()).unwrap_err(),
            R::Malformed,
            "{text}"
        );
    }
    assert_eq!(documented(b"\xff{}").unwrap_err(), R::Malformed);
    for id in [
        json!(null),
        json!(1),
        json!([URL]),
        json!("https://app.example.com/client.json/"),
        json!("https://app.example.com/client.json?"),
        json!("https://APP.example.com/client.json"),
        json!("https://app.example.com:443/client.json"),
        json!("https://other.example.com/client.json"),
    ] {
        assert_eq!(
            with(&json!({"client_id": id})).unwrap_err(),
            R::ClientId,
            "{id}"
        );
    }
}

#[expect(clippy::too_many_lines, reason = "a table of cases")]
#[test]
fn each_member_is_refused_by_its_name() {
    let uri = |index, reason| R::RedirectUri { index, reason };
    for (more, reason) in [
        (json!({"client_name": null}), R::Name),
        (json!({"client_name": ""}), R::Name),
        (json!({"client_name": " \u{2003}"}), R::Name),
        (json!({"client_name": 1}), R::Name),
        (json!({"client_name": "a\u{0007}b"}), R::Name),
        (json!({"client_name": "n".repeat(81)}), R::Name),
        (json!({"redirect_uris": null}), R::RedirectUris),
        (json!({"redirect_uris": []}), R::RedirectUris),
        (
            json!({"redirect_uris": "https://app.example.com/cb"}),
            R::RedirectUris,
        ),
        (json!({"redirect_uris": [1]}), R::RedirectUris),
        (
            json!({"redirect_uris": vec!["https://app.example.com/"; 17]}),
            R::RedirectUris,
        ),
        (
            json!({"redirect_uris": ["https://app.example.com/", "javascript:alert(1)"]}),
            uri(1, RedirectRefused::UnknownScheme),
        ),
        (
            json!({"redirect_uris": ["http://app.example.com/"]}),
            uri(0, RedirectRefused::PlainHttp),
        ),
        (json!({"client_secret": "s"}), R::Secret("client_secret")),
        (
            json!({"client_secret_expires_at": 0}),
            R::Secret("client_secret_expires_at"),
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            R::SharedSecret,
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt"}),
            R::SharedSecret,
        ),
        (
            json!({"token_endpoint_auth_methods_supported": ["none", "client_secret_post"]}),
            R::SharedSecret,
        ),
        (
            json!({"token_endpoint_auth_method": "tls_client_auth"}),
            R::AuthMethod,
        ),
        (json!({"token_endpoint_auth_method": 1}), R::AuthMethod),
        (
            json!({"token_endpoint_auth_methods_supported": "none"}),
            R::AuthMethod,
        ),
        (json!({"grant_types": ["refresh_token"]}), R::GrantTypes),
        (
            json!({"grant_types": ["client_credentials"]}),
            R::GrantTypes,
        ),
        (json!({"grant_types": []}), R::GrantTypes),
        (json!({"grant_types": "authorization_code"}), R::GrantTypes),
        (json!({"response_types": ["token"]}), R::ResponseTypes),
        (json!({"response_types": []}), R::ResponseTypes),
        (json!({"scope": ["mcp:tools"]}), R::Scope),
        (
            json!({"logo_uri": "javascript:alert(1)"}),
            R::MetadataUri("logo_uri"),
        ),
        (
            json!({"tos_uri": "data:text/html,x"}),
            R::MetadataUri("tos_uri"),
        ),
        (
            json!({"policy_uri": "/policy"}),
            R::MetadataUri("policy_uri"),
        ),
        (json!({"client_uri": 1}), R::MetadataUri("client_uri")),
    ] {
        assert_eq!(with(&more).unwrap_err(), reason, "{more}");
    }
}

#[test]
fn keys_are_public_and_in_one_place_that_may_be_fetched() {
    let private = |more: Value| {
        let mut set = key();
        let members = set["keys"][0].as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        json!({ "jwks": set })
    };
    let bad = |reason| R::Jwks(ForeignKeysRefused::Key { index: 0, reason });
    for (more, reason) in [
        (private(json!({"d": "x"})), bad(JwkRefused::Private("d"))),
        (
            private(json!({"kty": "oct", "k": "x"})),
            bad(JwkRefused::Symmetric),
        ),
        (
            json!({"jwks": {"keys": ["x"]}}),
            bad(JwkRefused::NotAnObject),
        ),
        (
            json!({"jwks": {"keys": []}}),
            R::Jwks(ForeignKeysRefused::NoKey),
        ),
        (json!({"jwks": []}), R::Jwks(ForeignKeysRefused::Malformed)),
        (
            json!({"jwks": key(), "jwks_uri": "https://app.example.com/jwks"}),
            R::JwksTwice,
        ),
        (
            json!({"jwks_uri": "https://169.254.169.254/jwks"}),
            R::JwksUri(DocumentUrlRefused::IpLiteral),
        ),
        (
            json!({"jwks_uri": "https://token.spin.internal/jwks"}),
            R::JwksUri(DocumentUrlRefused::SpecialUse),
        ),
        (
            json!({"jwks_uri": "http://app.example.com/jwks"}),
            R::JwksUri(DocumentUrlRefused::Scheme),
        ),
        (
            json!({"jwks_uri": 1}),
            R::JwksUri(DocumentUrlRefused::Malformed),
        ),
    ] {
        assert_eq!(with(&more).unwrap_err(), reason, "{more}");
    }
}

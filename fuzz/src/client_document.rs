//! Client ID metadata documents, and the addresses they are fetched from.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use std::sync::LazyLock;

use oauth::client_document::{DocumentHosts, DocumentUrl};
use oauth::{AuthMethod, Client, ClientKind};
use url::Url;

const ADDRESS: &str = "https://app.example.com/client.json";

static HOSTS: LazyLock<DocumentHosts> =
    LazyLock::new(|| DocumentHosts::read(true, "").expect("no list"));
static URL: LazyLock<DocumentUrl> =
    LazyLock::new(|| DocumentUrl::parse(ADDRESS, &HOSTS).expect("an address"));

/// A document speaks of its own address alone and is no client with a shared secret; an address
/// that is fetched reads alike to every parser, and leads to no port and no bare name.
pub fn client_document(data: &[u8]) {
    if let Ok(client) = Client::documented(&URL, data, &HOSTS) {
        assert_eq!(client.id().as_str(), ADDRESS);
        assert!(client.name().is_some_and(|name| !name.is_empty()));
        assert!(!client.redirect_uris().is_empty());
        let host = "app.example.com".to_owned();
        assert_eq!(*client.kind(), ClientKind::Document { host });
        for method in [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost] {
            assert!(!client.authenticates_by(method), "everybody reads it");
        }
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(address) = DocumentUrl::parse(text, &HOSTS) {
        assert_eq!(address.as_str(), text);
        let url = Url::parse(text).expect("an address is a URL");
        assert_eq!(
            (url.as_str(), url.scheme(), url.port()),
            (text, "https", None)
        );
        assert!(
            url.domain().is_some_and(|name| name.contains('.')),
            "{text}"
        );
        assert!(url.username().is_empty() && url.fragment().is_none());
    }
}

//! Document URLs: which addresses a stranger may have this server fetch.
//!
//! *Invariant:* a [`DocumentUrl`] names a public host by a name, or a host that the operator
//! listed; it never is an address, however that is spelled.

use std::fmt;

use url::{Host, Url};

use super::hosts::DocumentHosts;
use crate::client::ClientId;
use crate::dot_segment::is_dot_segment;

/// The last labels of names that no public host has. Asking the network for one of them finds
/// nothing, or a machine on the operator's own network.
const SPECIAL_USE: [&str; 16] = [
    // RFC 3172: infrastructure, among it `home.arpa` (RFC 8375) and `ipv4only.arpa` (RFC 8880).
    "arpa",
    // RFC 6761.
    "example",
    "invalid",
    "localhost",
    "test",
    // RFC 6762 §3, and the names of its appendix G that private networks use.
    "corp",
    "home",
    "internal",
    "intranet",
    "lan",
    "local",
    "private",
    // RFC 7686 and RFC 9476: no names of the DNS.
    "alt",
    "onion",
    // ICANN keeps it from the root zone because of private networks.
    "mail",
    // RFC 6303 has resolvers answer for it themselves.
    "localdomain",
];

/// An address that may be fetched because somebody names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentUrl {
    url: Url,
    authority: String,
}

/// Why an address is not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentUrlRefused {
    /// `.` and `..`, also percent-encoded.
    #[error("must not have dot segments")]
    DotSegments,
    /// Nobody serves a fragment.
    #[error("must not have a fragment")]
    Fragment,
    /// Not a name as the DNS has it.
    #[error("must have a host name of letters, digits and hyphens")]
    HostName,
    /// IPv4 in any spelling, or IPv6.
    #[error("must name its host by a name, not by an address")]
    IpLiteral,
    /// Not an absolute URL.
    #[error("is not an absolute URL")]
    Malformed,
    /// A parser reads it as another text: case, escapes, a default port, characters it drops.
    #[error("is not written in its normal form")]
    NotNormal,
    /// Host not listed, where only listed hosts are served.
    #[error("names a host that this server does not accept documents from")]
    NotListed,
    /// A host alone names no document.
    #[error("must have a path")]
    PathMissing,
    /// A port may be that of a service that speaks no HTTP.
    #[error("must not have a port")]
    Port,
    /// Plain HTTP, or something else.
    #[error("must use https")]
    Scheme,
    /// A name without a dot is looked up in the operator's own domains first.
    #[error("must name its host in full, with a domain")]
    SingleLabel,
    /// A name that no public host has.
    #[error("names a host that is not on the public internet")]
    SpecialUse,
    /// More than a client id may have.
    #[error("is longer than 2,000 characters")]
    TooLong,
    /// `https://host.`: the same host under another name.
    #[error("must not end its host name with a dot")]
    TrailingDot,
    /// `https://user@host`: people read the wrong host.
    #[error("must not carry a user name")]
    UserInformation,
}

impl DocumentUrl {
    /// Reads an address that `hosts` allows (draft-ietf-oauth-client-id-metadata-document §3).
    ///
    /// A query is allowed: the draft only advises against it, and it changes nothing here.
    pub fn parse(text: &str, hosts: &DocumentHosts) -> Result<Self, DocumentUrlRefused> {
        if text.len() > ClientId::MAX_LENGTH {
            return Err(DocumentUrlRefused::TooLong);
        }
        let url = Url::parse(text).map_err(|_| DocumentUrlRefused::Malformed)?;
        if url.scheme() != "https" {
            return Err(DocumentUrlRefused::Scheme);
        }
        // What stands before the path is judged as it is written, since parsers tidy it up.
        let authority = text.split(['/', '\\', '?', '#']).nth(2).unwrap_or_default();
        if authority.contains('@') {
            return Err(DocumentUrlRefused::UserInformation);
        }
        let Some(Host::Domain(host)) = url.host() else {
            return Err(DocumentUrlRefused::IpLiteral);
        };
        check_host(host, url.port(), hosts)?;
        if url.fragment().is_some() {
            return Err(DocumentUrlRefused::Fragment);
        }
        if text.split(['/', '\\', '?']).skip(3).any(is_dot_segment) {
            return Err(DocumentUrlRefused::DotSegments);
        }
        if url.path() == "/" {
            return Err(DocumentUrlRefused::PathMissing);
        }
        if url.as_str() != text {
            return Err(DocumentUrlRefused::NotNormal);
        }
        Ok(Self {
            authority: authority.to_owned(),
            url,
        })
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Its host, and its port where the operator listed one: what a person is shown.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl fmt::Display for DocumentUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Whether `host` may be asked. A listed host may be a single label and have its port; for the
/// rest it obeys the rules of all.
fn check_host(
    host: &str,
    port: Option<u16>,
    hosts: &DocumentHosts,
) -> Result<(), DocumentUrlRefused> {
    if host.ends_with('.') {
        return Err(DocumentUrlRefused::TrailingDot);
    }
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(DocumentUrlRefused::HostName);
    }
    let listed = hosts.lists(host, port);
    let last = match host.rsplit_once('.') {
        Some((_, last)) => last,
        None if listed => return Ok(()),
        None => return Err(DocumentUrlRefused::SingleLabel),
    };
    if SPECIAL_USE.contains(&last) {
        return Err(DocumentUrlRefused::SpecialUse);
    }
    match port {
        _ if listed => Ok(()),
        Some(_) => Err(DocumentUrlRefused::Port),
        None if hosts.accepts_any() => Ok(()),
        None => Err(DocumentUrlRefused::NotListed),
    }
}

/// RFC 1123 §2.1.
pub(super) fn is_label(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::DocumentUrlRefused as R;
    use super::*;

    fn parse(text: &str, listed: &str) -> Result<String, R> {
        let hosts = DocumentHosts::read(true, listed).unwrap();
        DocumentUrl::parse(text, &hosts).map(|url| url.authority().to_owned())
    }

    #[test]
    fn an_address_on_the_public_internet_is_fetched_as_it_is_written() {
        for (text, authority) in [
            ("https://app.example.com/client.json", "app.example.com"),
            ("https://app.example.com/a/b/", "app.example.com"),
            ("https://app.example.com//", "app.example.com"),
            ("https://app.example.com/c?v=2", "app.example.com"),
            ("https://app.example.com/a%2Fb", "app.example.com"),
            ("https://app.example.com/...", "app.example.com"),
            (
                "https://xn--bcher-kva.example.com/c",
                "xn--bcher-kva.example.com",
            ),
            ("https://internal.example.com/c", "internal.example.com"),
        ] {
            assert_eq!(parse(text, "").as_deref(), Ok(authority), "{text}");
        }
    }

    #[test]
    fn no_address_is_a_host_in_any_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "0",
            "127.0.0.1.",
            "169.254.169.254",
            "0xa9fea9fe",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fd00::1]",
            "8.8.8.8",
        ] {
            let text = format!("https://{host}/c");
            assert_eq!(parse(&text, ""), Err(R::IpLiteral), "{text}");
        }
        for host in [
            "[fe80::1%25eth0]",
            "[::1",
            "1.2.3.4.5",
            "app.123",
            "256.1.1.1",
            "１２７.０.０.１",
            "127。0。0。1",
            "b\u{fc}cher.example.com",
            "b%C3%BCcher.example.com",
        ] {
            let text = format!("https://{host}/c");
            assert_eq!(parse(&text, ""), Err(R::Malformed), "{text}");
        }
    }

    #[test]
    fn names_of_the_operator_s_own_network_are_refused() {
        for (host, reason) in [
            ("localhost", R::SingleLabel),
            ("LOCALHOST", R::SingleLabel),
            ("metadata", R::SingleLabel),
            ("token", R::SingleLabel),
            ("token.spin.internal", R::SpecialUse),
            ("client-documents.spin.internal", R::SpecialUse),
            ("metadata.google.internal", R::SpecialUse),
            ("printer.local", R::SpecialUse),
            ("a.localhost", R::SpecialUse),
            ("localhost.localdomain", R::SpecialUse),
            ("router.home.arpa", R::SpecialUse),
            ("1.0.0.127.in-addr.arpa", R::SpecialUse),
            ("router.lan", R::SpecialUse),
            ("wiki.corp", R::SpecialUse),
            ("a.test", R::SpecialUse),
            ("a.invalid", R::SpecialUse),
            ("a.example", R::SpecialUse),
            ("abc.onion", R::SpecialUse),
            ("localhost.", R::TrailingDot),
            ("app.example.com.", R::TrailingDot),
            ("token.spin.internal.", R::TrailingDot),
            ("app..example.com", R::HostName),
            ("-a.example.com", R::HostName),
            ("a_b.example.com", R::HostName),
            ("*.example.com", R::HostName),
        ] {
            let text = format!("https://{host}/c");
            assert_eq!(parse(&text, ""), Err(reason), "{text}");
        }
        let long = format!("https://{}.example.com/c", "a".repeat(64));
        assert_eq!(parse(&long, ""), Err(R::HostName));
    }

    #[test]
    fn what_is_not_plainly_a_document_on_a_host_is_refused() {
        for (text, reason) in [
            ("app.example.com/c", R::Malformed),
            ("", R::Malformed),
            ("https://", R::Malformed),
            ("https://a%00.example.com/c", R::Malformed),
            ("http://app.example.com/c", R::Scheme),
            ("file:///etc/passwd", R::Scheme),
            ("javascript:alert(1)", R::Scheme),
            ("https://app.example.com@127.0.0.1/c", R::UserInformation),
            ("https://user:secret@app.example.com/c", R::UserInformation),
            ("https://@app.example.com/c", R::UserInformation),
            ("https://app.example.com\\@127.0.0.1/c", R::NotNormal),
            ("https://127.0.0.1\\@app.example.com/c", R::IpLiteral),
            ("https://app.example.com:8443/c", R::Port),
            ("https://app.example.com:22/c", R::Port),
            ("https://app.example.com:443/c", R::NotNormal),
            ("https://app.example.com:/c", R::NotNormal),
            ("https://app.example.com:0/c", R::Port),
            ("https://app.example.com:65536/c", R::Malformed),
            ("https://app.example.com/c#x", R::Fragment),
            ("https://app.example.com/c#", R::Fragment),
            ("https://app.example.com", R::PathMissing),
            ("https://app.example.com/", R::PathMissing),
            ("https://app.example.com/?c", R::PathMissing),
            ("https://app.example.com/a/../c", R::DotSegments),
            ("https://app.example.com/./c", R::DotSegments),
            ("https://app.example.com/a/%2e%2E/c", R::DotSegments),
            ("https://app.example.com/a/.%2e", R::DotSegments),
            ("HTTPS://app.example.com/c", R::NotNormal),
            ("https://APP.example.com/c", R::NotNormal),
            ("https://app。example.com/c", R::Malformed),
            ("https://app.example.com/ü", R::NotNormal),
            ("https://app.example.com/a b", R::NotNormal),
            (" https://app.example.com/c", R::NotNormal),
            ("https://app.exa\tmple.com/c", R::NotNormal),
            ("https:\\\\app.example.com\\c", R::NotNormal),
            ("https:/app.example.com/c", R::NotNormal),
            ("https:app.example.com/c", R::NotNormal),
        ] {
            assert_eq!(parse(text, ""), Err(reason), "{text:?}");
        }
        let long = format!("https://app.example.com/{}", "x".repeat(1977));
        assert_eq!(parse(&long, ""), Err(R::TooLong));
    }

    #[test]
    fn a_listed_host_may_be_a_single_label_and_have_its_port() {
        let listed = "localhost:4443 intranet, app.example.com:8443";
        for (text, expected) in [
            ("https://localhost:4443/c", Ok("localhost:4443")),
            ("https://intranet/c", Ok("intranet")),
            ("https://app.example.com:8443/c", Ok("app.example.com:8443")),
            ("https://other.example.com/c", Ok("other.example.com")),
            ("https://localhost:4444/c", Err(R::SingleLabel)),
            ("https://localhost/c", Err(R::SingleLabel)),
            ("https://intranet:1/c", Err(R::SingleLabel)),
            ("http://localhost:4443/c", Err(R::Scheme)),
            ("https://localhost:4443", Err(R::PathMissing)),
            ("https://u@localhost:4443/c", Err(R::UserInformation)),
            ("https://localhost:4443/../c", Err(R::DotSegments)),
        ] {
            assert_eq!(
                parse(text, listed).as_deref(),
                expected.as_ref().copied(),
                "{text}"
            );
        }
    }

    #[test]
    fn without_an_outbound_guard_only_listed_hosts_are_asked() {
        let hosts = DocumentHosts::read(false, "app.example.com").unwrap();
        for (text, refused) in [
            ("https://app.example.com/c", None),
            ("https://other.example.com/c", Some(R::NotListed)),
            ("https://a.app.example.com/c", Some(R::NotListed)),
        ] {
            assert_eq!(DocumentUrl::parse(text, &hosts).err(), refused, "{text}");
        }
    }
}

//! Who this server is: its issuer and its resource, byte for byte.
//!
//! *Invariant:* with a public URL there is one identity, whatever a request says of its host;
//! without one, only literal loopback names reached from this machine are identities.

use std::fmt;
use std::net::SocketAddr;

use http::{HeaderMap, header};
use jose::KeyRefused;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::resource::{Resource, Resources};

/// The issuer identifier (RFC 8414 §2): an origin, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Issuer(String);

impl Issuer {
    /// The issuer as it is compared and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether cookies can carry `Secure` and the `__Host-` prefix in every browser.
    ///
    /// Safari refuses both on plain HTTP, even to this machine.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One complete identity of this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerIdentity {
    issuer: Issuer,
}

impl ServerIdentity {
    /// The authorization server.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The MCP endpoint, which is meant where no resource is named.
    #[must_use]
    pub fn resource(&self) -> Resource {
        Resource::at(&self.issuer, Resource::PATHS[0])
    }

    /// The resource at `path`, if there is one.
    #[must_use]
    pub fn resource_at(&self, path: &str) -> Option<Resource> {
        let known = Resource::PATHS.contains(&path);
        known.then(|| Resource::at(&self.issuer, path))
    }

    /// An absolute URL of ours.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// The resource a client named, if it is ours.
    ///
    /// MCP (2026-07-28, authorization) asks servers to take upper-case schemes and hosts too, and
    /// people paste a trailing slash.
    #[must_use]
    pub fn resource_named(&self, name: &str) -> Option<Resource> {
        if name.contains(['#', '?']) {
            return None;
        }
        let url = Url::parse(name).ok()?;
        let canonical = url.as_str().trim_end_matches('/');
        let ours = Resource::PATHS.map(|path| Resource::at(&self.issuer, path));
        ours.into_iter().find(|ours| ours.as_str() == canonical)
    }

    /// Every resource a client named: nothing if one of them is not ours, the MCP endpoint if it
    /// named none, as clients of the 2025-03-26 revision do.
    #[must_use]
    pub fn resources_named(&self, names: &[String]) -> Option<Resources> {
        let named = names.iter().map(|name| self.resource_named(name));
        let named = named.collect::<Option<Vec<_>>>()?;
        Some(Resources::new(named).unwrap_or_else(|| self.resource().into()))
    }
}

/// Why a request reaches no identity of this server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityRefused {
    /// Dev answers loopback names alone.
    #[error(
        "this server answers only to localhost, 127.0.0.1 and [::1]; set the variable `public_url` \
         to serve another name"
    )]
    ForeignHost,
    /// `dev_key` is not one that `postern` makes.
    #[error(transparent)]
    DevKey(#[from] KeyRefused),
    /// A proxy in front of a dev server would lend it to others.
    #[error(
        "this is a development server and takes no forwarded requests; set the variable `public_url`"
    )]
    Forwarded,
    /// The public URL is not an origin.
    #[error(
        "the variable `public_url` must be an origin such as https://mcp.example.com, without a path"
    )]
    MalformedPublicUrl,
    /// Neither a public URL nor dev.
    #[error(
        "set the variable `public_url` to this server's address, such as https://mcp.example.com"
    )]
    NotConfigured,
    /// Dev answers this machine alone.
    #[error(
        "this is a development server and answers only its own machine; set the variable `public_url`"
    )]
    RemotePeer,
    /// The variables that say who this server is cannot be read.
    #[error("the variables `public_url` and `dev_key` cannot be read right now")]
    Unreadable,
    /// Plain HTTP is for this machine only.
    #[error("the variable `public_url` must start with https://")]
    PlainHttp,
}

/// What identities this deployment has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identities {
    /// The one of `public_url`.
    Public(ServerIdentity),
    /// Dev: every loopback name and port is one.
    Loopback,
}

/// What a request tells of where it came from and where it wanted to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoAsked {
    authority: Option<String>,
    peer: Option<SocketAddr>,
    forwarded: bool,
}

/// What proxies and content networks add to a request that they forward. One that adds nothing
/// cannot be told from a browser on this machine.
const FORWARDING: [&str; 8] = [
    "cf-connecting-ip",
    "client-ip",
    "forwarded",
    "true-client-ip",
    "via",
    "x-client-ip",
    "x-real-ip",
    "x-cluster-client-ip",
];

fn is_forwarding(name: &str) -> bool {
    name.starts_with("x-forwarded") || FORWARDING.contains(&name)
}

impl WhoAsked {
    /// Reads a request's head. `authority` is the one of its URI, where HTTP/2 carries the host.
    #[must_use]
    pub fn read(headers: &HeaderMap, authority: Option<&str>) -> Self {
        let text = |value: &http::HeaderValue| value.to_str().ok().map(str::to_owned);
        // The host appends its own spin-* headers after the client's: only the last is true.
        let peer = headers
            .get_all("spin-client-addr")
            .iter()
            .next_back()
            .and_then(text);
        let hosts: Vec<_> = headers.get_all(header::HOST).iter().collect();
        let authority = match hosts.as_slice() {
            [] => authority.map(str::to_owned),
            [host] => text(host),
            _ => None,
        };
        Self {
            authority,
            peer: peer.and_then(|peer| peer.parse().ok()),
            forwarded: headers.keys().any(|name| is_forwarding(name.as_str())),
        }
    }
}

impl Identities {
    /// Reads the two variables that decide.
    pub fn read(public_url: Option<&str>, dev_key: Option<&str>) -> Result<Self, IdentityRefused> {
        match public_url {
            Some(text) if !text.is_empty() => Ok(Self::Public(ServerIdentity {
                issuer: origin(text)?,
            })),
            _ => match dev_key.filter(|key| !key.is_empty()) {
                Some(key) => {
                    jose::check_keys("dev_key", key)?;
                    Ok(Self::Loopback)
                }
                None => Err(IdentityRefused::NotConfigured),
            },
        }
    }

    /// The identity that `request` reaches.
    pub fn reached<B>(
        &self,
        request: &http::Request<B>,
    ) -> Result<ServerIdentity, IdentityRefused> {
        let authority = request.uri().authority().map(http::uri::Authority::as_str);
        self.reached_by(&WhoAsked::read(request.headers(), authority))
    }

    /// The identity that whoever asked reached.
    pub fn reached_by(&self, who: &WhoAsked) -> Result<ServerIdentity, IdentityRefused> {
        match self {
            Self::Public(identity) => Ok(identity.clone()),
            Self::Loopback if who.forwarded => Err(IdentityRefused::Forwarded),
            Self::Loopback
                if !who
                    .peer
                    .is_some_and(|peer| peer.ip().to_canonical().is_loopback()) =>
            {
                Err(IdentityRefused::RemotePeer)
            }
            Self::Loopback => {
                let issuer = who.authority.as_deref().and_then(loopback_issuer);
                Ok(ServerIdentity {
                    issuer: issuer.ok_or(IdentityRefused::ForeignHost)?,
                })
            }
        }
    }

    /// The identity with this name, as another component of this application sent it.
    pub fn named(&self, name: &str) -> Result<ServerIdentity, IdentityRefused> {
        self.vouched(&Issuer(name.to_owned()))
    }

    /// The identity that another component of this application says a request reached.
    pub fn vouched(&self, issuer: &Issuer) -> Result<ServerIdentity, IdentityRefused> {
        match self {
            Self::Public(identity) if identity.issuer == *issuer => Ok(identity.clone()),
            Self::Public(_) => Err(IdentityRefused::ForeignHost),
            Self::Loopback => {
                let ours = issuer
                    .as_str()
                    .strip_prefix("http://")
                    .and_then(loopback_issuer);
                match ours {
                    Some(ours) if ours == *issuer => Ok(ServerIdentity { issuer: ours }),
                    _ => Err(IdentityRefused::ForeignHost),
                }
            }
        }
    }
}

fn origin(public_url: &str) -> Result<Issuer, IdentityRefused> {
    let url = Url::parse(public_url).map_err(|_| IdentityRefused::MalformedPublicUrl)?;
    let origin = url.origin().ascii_serialization();
    if public_url != origin && public_url.strip_suffix('/') != Some(&origin) {
        return Err(IdentityRefused::MalformedPublicUrl);
    }
    let local = origin
        .strip_prefix("http://")
        .is_some_and(|authority| loopback_issuer(authority).is_some());
    if url.scheme() == "https" || local {
        Ok(Issuer(origin))
    } else {
        Err(IdentityRefused::PlainHttp)
    }
}

/// The issuer of a literal loopback authority; nothing for any other name.
fn loopback_issuer(authority: &str) -> Option<Issuer> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if !matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
        return None;
    }
    match port {
        None | Some("80") => Some(Issuer(format!("http://{host}"))),
        Some(port) => {
            let number: u16 = port.parse().ok().filter(|number| *number > 0)?;
            // "03000" and "+3000" parse too, but are not how anybody writes a port.
            (number.to_string() == port).then(|| Issuer(format!("http://{host}:{port}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(host: &str, peers: &[&str], more: &[(&'static str, &str)]) -> WhoAsked {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        for peer in peers {
            headers.append("spin-client-addr", peer.parse().unwrap());
        }
        for (name, value) in more {
            headers.append(*name, value.parse().unwrap());
        }
        WhoAsked::read(&headers, None)
    }

    #[test]
    fn in_dev_every_loopback_name_is_an_identity_of_its_own() {
        let local = ["127.0.0.1:5000"];
        let cases: [(&str, &[&str], Result<&str, IdentityRefused>); 14] = [
            ("localhost:3000", &local, Ok("http://localhost:3000")),
            ("127.0.0.1:3000", &local, Ok("http://127.0.0.1:3000")),
            ("[::1]:3000", &["[::1]:9"], Ok("http://[::1]:3000")),
            ("[::1]", &local, Ok("http://[::1]")),
            ("localhost:80", &local, Ok("http://localhost")),
            (
                "localhost",
                &["[::ffff:127.0.0.1]:5"],
                Ok("http://localhost"),
            ),
            (
                "evil.example:3000",
                &local,
                Err(IdentityRefused::ForeignHost),
            ),
            (
                "localhost.evil.example",
                &local,
                Err(IdentityRefused::ForeignHost),
            ),
            (
                "localhost:3000@evil.example",
                &local,
                Err(IdentityRefused::ForeignHost),
            ),
            ("127.1:3000", &local, Err(IdentityRefused::ForeignHost)),
            ("localhost:0", &local, Err(IdentityRefused::ForeignHost)),
            ("localhost:03000", &local, Err(IdentityRefused::ForeignHost)),
            (
                "localhost:3000",
                &["192.0.2.1:5000"],
                Err(IdentityRefused::RemotePeer),
            ),
            // The client's own header comes first and the host's last.
            (
                "localhost:3000",
                &["127.0.0.1:1", "192.0.2.1:5000"],
                Err(IdentityRefused::RemotePeer),
            ),
        ];
        for (host, peers, expected) in cases {
            let reached = Identities::Loopback.reached_by(&asked(host, peers, &[]));
            assert_eq!(
                reached.map(|identity| identity.issuer.0),
                expected.map(str::to_owned),
                "{host} from {peers:?}"
            );
        }
    }

    #[test]
    fn in_dev_a_request_through_a_proxy_is_refused() {
        for name in [
            "cf-connecting-ip",
            "forwarded",
            "true-client-ip",
            "via",
            "x-forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-server",
            "x-real-ip",
        ] {
            let who = asked("localhost:3000", &["127.0.0.1:5000"], &[(name, "x")]);
            assert_eq!(
                Identities::Loopback.reached_by(&who),
                Err(IdentityRefused::Forwarded),
                "{name}"
            );
        }
    }

    #[test]
    fn the_public_url_is_the_only_identity_whatever_the_request_says() {
        let identities = Identities::read(Some("https://mcp.example.com/"), Some("dev")).unwrap();
        for host in ["localhost:3000", "evil.example"] {
            let identity = identities
                .reached_by(&asked(host, &["127.0.0.1:1"], &[]))
                .unwrap();
            assert_eq!(identity.issuer().as_str(), "https://mcp.example.com");
            assert_eq!(identity.resource().as_str(), "https://mcp.example.com/mcp");
        }
    }

    #[test]
    fn public_urls_that_are_no_origin_are_refused() {
        let cases = [
            (
                "https://mcp.example.com/mcp",
                IdentityRefused::MalformedPublicUrl,
            ),
            (
                "https://MCP.example.com",
                IdentityRefused::MalformedPublicUrl,
            ),
            (
                "https://user@mcp.example.com",
                IdentityRefused::MalformedPublicUrl,
            ),
            (
                "https://mcp.example.com:443",
                IdentityRefused::MalformedPublicUrl,
            ),
            ("mcp.example.com", IdentityRefused::MalformedPublicUrl),
            ("http://mcp.example.com", IdentityRefused::PlainHttp),
            ("ftp://mcp.example.com", IdentityRefused::PlainHttp),
        ];
        for (text, expected) in cases {
            assert_eq!(Identities::read(Some(text), None), Err(expected), "{text}");
        }
        assert!(Identities::read(Some("http://localhost:3000"), None).is_ok());
        assert_eq!(
            Identities::read(Some(""), Some("")),
            Err(IdentityRefused::NotConfigured)
        );
        let key = jose::derive::symmetric(&jose::Secret::new(jose::sha256(b"dev")), "dev");
        assert_eq!(Identities::read(None, Some(&key)), Ok(Identities::Loopback));
        for short in ["key", "k:AAAA"] {
            let refused = Identities::read(None, Some(short));
            assert!(
                matches!(refused, Err(IdentityRefused::DevKey(_))),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn a_resource_may_be_written_in_the_ways_people_write_it() {
        let identity = Identities::read(Some("https://mcp.example.com"), None).unwrap();
        let Identities::Public(identity) = identity else {
            panic!("public")
        };
        for (name, ours) in [
            ("https://mcp.example.com/mcp", true),
            ("HTTPS://MCP.example.com/mcp", true),
            ("https://mcp.example.com/mcp/", true),
            ("https://mcp.example.com:443/mcp", true),
            ("https://mcp.example.com/MCP", false),
            ("https://mcp.example.com", false),
            ("https://mcp.example.com/mcp#x", false),
            ("https://mcp.example.com/mcp?x", false),
            ("https://evil.example/mcp", false),
            ("mcp", false),
        ] {
            assert_eq!(identity.resource_named(name).is_some(), ours, "{name}");
        }
    }
}

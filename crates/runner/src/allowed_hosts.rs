//! `allowed_outbound_hosts`: where a component may send requests.
//!
//! *Invariant:* a request is allowed only when scheme, host and port of one entry all match it.

use http::{Uri, uri::Scheme};
use ipnet::IpNet;
use url::Host;

/// The domain under which components are each other's hosts.
const CHAINING_SUFFIX: &str = ".spin.internal";

/// Why an entry is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EntryRefused {
    #[error("write scheme://host[:port], for instance https://api.example.com")]
    NoScheme,
    #[error("the scheme is a word or *")]
    Scheme,
    #[error("an entry has no path")]
    Path,
    #[error("* stands alone or as the first label: *.example.com")]
    Wildcard,
    #[error("the host is not a name or an address")]
    Host,
    #[error("the port is a number, a range such as 8000..9000, or *")]
    Port,
    #[error("this scheme has no port of its own: write one, or *")]
    NoPort,
}

/// One parsed entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AllowedHost {
    scheme: Option<String>,
    host: HostRule,
    ports: Option<std::ops::Range<u32>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum HostRule {
    Any,
    Itself,
    Under(String),
    Exactly(Host),
    In(IpNet),
}

impl AllowedHost {
    /// Reads one entry whose templates are expanded already. An entry that became empty, or a
    /// scheme without a host, is skipped: it is how an optional endpoint is left out.
    pub(crate) fn parse(entry: &str) -> Result<Option<Self>, EntryRefused> {
        let entry = entry.trim();
        if matches!(entry, "" | "http://" | "https://") {
            return Ok(None);
        }
        let (scheme, rest) = entry.split_once("://").ok_or(EntryRefused::NoScheme)?;
        if scheme != "*" && (scheme.is_empty() || !scheme.chars().all(char::is_alphabetic)) {
            return Err(EntryRefused::Scheme);
        }
        let network = rest.parse::<IpNet>().ok();
        let rest = if network.is_some() {
            rest
        } else {
            rest.strip_suffix('/').unwrap_or(rest)
        };
        if network.is_none() && rest.contains('/') {
            return Err(EntryRefused::Path);
        }
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if network.is_none() && !rest.ends_with(']') => (host, port),
            _ => (rest, ""),
        };
        let host = network.map_or_else(
            || HostRule::parse(host),
            |network| Ok(HostRule::In(network)),
        )?;
        let ports = parse_ports(port, scheme)?;
        Ok(Some(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host,
            ports,
        }))
    }

    /// The component this entry opens by name, if it is a component.
    pub(crate) fn chained_component(&self) -> Option<&str> {
        match &self.host {
            HostRule::Exactly(Host::Domain(domain)) => domain.strip_suffix(CHAINING_SUFFIX),
            _ => None,
        }
    }

    fn allows_scheme(&self, scheme: &str) -> bool {
        self.scheme
            .as_deref()
            .is_none_or(|allowed| allowed == scheme)
    }

    fn allows(&self, scheme: &str, host: &Host, port: u16) -> bool {
        self.allows_scheme(scheme)
            && self.host.allows(host)
            && self
                .ports
                .as_ref()
                .is_none_or(|ports| ports.contains(&u32::from(port)))
    }
}

impl HostRule {
    fn parse(host: &str) -> Result<Self, EntryRefused> {
        match host {
            "*" => return Ok(Self::Any),
            "self" | "self.alt" => return Ok(Self::Itself),
            _ => {}
        }
        let (domain, below) = match host.strip_prefix("*.") {
            Some(domain) => (domain, true),
            None => (host, false),
        };
        if domain.contains('*') {
            return Err(EntryRefused::Wildcard);
        }
        match Host::parse(domain).map_err(|_| EntryRefused::Host)? {
            Host::Domain(domain) if below => Ok(Self::Under(format!(".{domain}"))),
            _ if below => Err(EntryRefused::Wildcard),
            host => Ok(Self::Exactly(host)),
        }
    }

    fn allows(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Exactly(allowed), host) => allowed == host,
            (Self::Under(suffix), Host::Domain(domain)) => domain.ends_with(suffix),
            (Self::In(network), Host::Ipv4(address)) => {
                network.contains(&std::net::IpAddr::V4(*address))
            }
            (Self::In(network), Host::Ipv6(address)) => {
                network.contains(&std::net::IpAddr::V6(*address))
            }
            (Self::Itself | Self::Under(_) | Self::In(_), _) => false,
        }
    }
}

/// Reads the port of an entry; nothing stands for any port.
fn parse_ports(port: &str, scheme: &str) -> Result<Option<std::ops::Range<u32>>, EntryRefused> {
    let number = |text: &str| {
        text.parse::<u16>()
            .map(u32::from)
            .map_err(|_| EntryRefused::Port)
    };
    let single = |port: u32| Some(port..port + 1);
    match port {
        "*" => Ok(None),
        "" => well_known_port(scheme)
            .map(|port| single(u32::from(port)))
            .ok_or(EntryRefused::NoPort),
        range => match range.split_once("..") {
            Some((start, end)) => Ok(Some(number(start)?..number(end)?)),
            None => Ok(single(number(range)?)),
        },
    }
}

fn well_known_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}

/// Whether any entry allows a request to this absolute URI.
pub(crate) fn allow(entries: &[AllowedHost], uri: &Uri) -> bool {
    let scheme = uri.scheme_str().unwrap_or("https");
    let (Some(host), Some(port)) = (
        uri.host(),
        uri.port_u16().or_else(|| well_known_port(scheme)),
    ) else {
        return false;
    };
    Host::parse(host).is_ok_and(|host| {
        entries
            .iter()
            .any(|entry| entry.allows(scheme, &host, port))
    })
}

/// Whether any entry allows a request to the application itself.
pub(crate) fn allow_self(entries: &[AllowedHost]) -> bool {
    let http = [Scheme::HTTP, Scheme::HTTPS];
    entries.iter().any(|entry| {
        matches!(entry.host, HostRule::Any | HostRule::Itself)
            && http
                .iter()
                .any(|scheme| entry.allows_scheme(scheme.as_str()))
    })
}

/// The component a URI addresses inside the application.
pub(crate) fn chaining_target(uri: &Uri) -> Option<&str> {
    uri.host()?.strip_suffix(CHAINING_SUFFIX)
}

/// Whether a `Host` header names a component rather than a site.
pub(crate) fn names_component(host: &str) -> bool {
    host.rsplit_once(':')
        .map_or(host, |(host, _)| host)
        .ends_with(CHAINING_SUFFIX)
}

#[cfg(test)]
mod tests;

//! Hosts of client documents: any on the public internet, or those that an operator lists.
//!
//! *Invariant:* any host is accepted only where something else keeps connections from private
//! networks, since a name says nothing about the address that it leads to.

use super::url::is_label;

/// Where client documents may come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentHosts {
    any: bool,
    listed: Vec<Listed>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    host: String,
    port: Option<u16>,
}

/// Why the list of an operator cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the variable `client_document_hosts` must list hosts such as app.example.com or \
     app.example.com:8443; {0:?} is none"
)]
pub struct HostsRefused(String);

impl DocumentHosts {
    /// Reads the operator's list, for a host with or without an outbound guard. Entries are
    /// separated by spaces or commas.
    pub fn read(guarded: bool, listed: &str) -> Result<Self, HostsRefused> {
        let entries = listed.split([',', ' ', '\n', '\t']);
        let entries = entries.filter(|entry| !entry.is_empty());
        let listed = entries.map(|entry| Listed::parse(entry).ok_or(entry));
        let listed: Result<Vec<_>, _> = listed.collect();
        Ok(Self {
            any: guarded,
            listed: listed.map_err(|entry| HostsRefused(entry.to_owned()))?,
        })
    }

    /// Whether any host on the public internet is accepted.
    #[must_use]
    pub const fn accepts_any(&self) -> bool {
        self.any
    }

    /// Whether the operator listed this host and port.
    pub(super) fn lists(&self, host: &str, port: Option<u16>) -> bool {
        let listed = |entry: &Listed| entry.host == host && entry.port == port;
        self.listed.iter().any(listed)
    }
}

impl Listed {
    fn parse(entry: &str) -> Option<Self> {
        let (host, port) = match entry.split_once(':') {
            Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
            None => (entry, None),
        };
        // A name whose last label is a number is an address in one of its spellings.
        let is_name = host.split('.').all(is_label)
            && host
                .rsplit('.')
                .next()
                .is_some_and(|last| last.bytes().any(|byte| !byte.is_ascii_digit()));
        is_name.then(|| Self {
            host: host.to_owned(),
            // A URL's normal form leaves the default port out.
            port: port.filter(|port| *port != 443),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_hosts_and_perhaps_their_ports() {
        let hosts = DocumentHosts::read(false, "a.example.com, localhost:4443\nb:443").unwrap();
        for (host, port, expected) in [
            ("a.example.com", None, true),
            ("a.example.com", Some(1), false),
            ("localhost", Some(4443), true),
            ("localhost", None, false),
            ("b", None, true),
            ("c", None, false),
        ] {
            assert_eq!(hosts.lists(host, port), expected, "{host} {port:?}");
        }
        assert!(!hosts.accepts_any());
        assert!(DocumentHosts::read(true, "").unwrap().accepts_any());
    }

    #[test]
    fn what_is_no_host_is_refused_by_its_text() {
        for entry in [
            "*",
            "*.example.com",
            "https://a.example.com",
            "a.example.com/c",
            "a.example.com:x",
            "a.example.com:",
            "A.example.com",
            "127.0.0.1",
            "2130706433",
            "[::1]",
            "a.example.com.",
            "u@a.example.com",
        ] {
            let refused = DocumentHosts::read(true, &format!("ok.example.com {entry}"));
            assert_eq!(refused, Err(HostsRefused(entry.to_owned())));
        }
    }
}

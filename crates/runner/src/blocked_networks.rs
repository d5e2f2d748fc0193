//! The networks that no component may connect to.
//!
//! *Invariant:* an IPv4 address inside an IPv6 address is judged as the IPv4 address it reaches.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// A set of networks, and perhaps everything that is not globally reachable.
#[derive(Debug, Clone, Default)]
pub(crate) struct BlockedNetworks {
    networks: Vec<IpNet>,
    private: bool,
}

/// Everything in the IANA special-purpose registries that is not globally reachable, and
/// multicast. The ranges that embed an IPv4 address are judged by that address instead.
const PRIVATE: [&str; 30] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",
    "2001:2::/48",
    "2001:10::/28",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

impl BlockedNetworks {
    /// Reads `block_networks`: `private`, networks and single addresses.
    pub(crate) fn parse(entries: &[String]) -> Result<Self, String> {
        let mut blocked = Self::default();
        for entry in entries {
            if entry == "private" {
                blocked.private = true;
            } else {
                let network = entry
                    .parse()
                    .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
                let refused = |_| {
                    format!(
                        "{entry:?} is not \"private\", an address or a network such as 10.0.0.0/8"
                    )
                };
                blocked.networks.push(network.map_err(refused)?);
            }
        }
        if blocked.private {
            blocked.networks.extend(
                PRIVATE
                    .iter()
                    .filter_map(|network| network.parse::<IpNet>().ok()),
            );
        }
        Ok(blocked)
    }

    /// Whether a connection to this address is prohibited.
    pub(crate) fn blocks(&self, address: IpAddr) -> bool {
        let embedded = match address {
            IpAddr::V6(address) => embedded_ipv4(address).map(IpAddr::V4),
            IpAddr::V4(_) => None,
        };
        let listed = |address: IpAddr| {
            self.networks
                .iter()
                .any(|network| network.contains(&address))
        };
        listed(address) || embedded.is_some_and(listed)
    }
}

/// The IPv4 address that an IPv6 address leads to: mapped and compatible forms, NAT64
/// (RFC 6052), 6to4 (RFC 3056) and ISATAP (RFC 5214).
fn embedded_ipv4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let ipv4 = |high: u16, low: u16| {
        let [[w, x], [y, z]] = [high.to_be_bytes(), low.to_be_bytes()];
        Some(Ipv4Addr::new(w, x, y, z))
    };
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0 | 0xffff) | (0, 0, 0, 0, 0xffff, 0) => ipv4(g, h),
        (0x64, 0xff9b, 0, 0, 0, 0) => ipv4(g, h),
        (0x2002, high, low, ..) => ipv4(high, low),
        (.., 0 | 0x200, 0x5efe) => ipv4(g, h),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocked(entries: &[&str]) -> BlockedNetworks {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        BlockedNetworks::parse(&entries).expect("networks")
    }

    #[test]
    fn every_listed_private_network_is_a_network() {
        assert_eq!(blocked(&["private"]).networks.len(), PRIVATE.len());
    }

    #[test]
    fn private_addresses_are_blocked_in_every_disguise() {
        let private = blocked(&["private"]);
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.31.0.1",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "fe80::5efe:a00:1",
            "fe80::1",
            "fd00::1",
            "2001:db8::1",
            "ff02::1",
            "2001::1",
        ] {
            assert!(private.blocks(address.parse().expect(address)), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_reached() {
        let private = blocked(&["private"]);
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "2002:101:101::1",
        ] {
            assert!(
                !private.blocks(address.parse().expect(address)),
                "{address}"
            );
        }
        let nothing = blocked(&[]);
        assert!(!nothing.blocks("127.0.0.1".parse().expect("an address")));
    }

    #[test]
    fn listed_networks_and_addresses_are_blocked_and_nothing_else() {
        let listed = blocked(&["203.0.112.0/24", "198.51.99.7", "2600:f00d::/32"]);
        for (address, expected) in [
            ("203.0.112.200", true),
            ("203.0.111.1", false),
            ("198.51.99.7", true),
            ("198.51.99.8", false),
            ("2600:f00d::1", true),
            ("::ffff:203.0.112.1", true),
            ("127.0.0.1", false),
        ] {
            assert_eq!(
                listed.blocks(address.parse().expect(address)),
                expected,
                "{address}"
            );
        }
    }
}

//! runtime-config.toml: where no component may connect to.
//!
//! *Invariant:* the components are told of the guard exactly where there is one.

use std::net::IpAddr;

use super::{hold, read};

fn config() -> toml::Table {
    toml::from_str(&read("runtime-config.toml"))
        .unwrap_or_else(|error| panic!("runtime-config.toml: {error}"))
}

fn networks() -> Vec<String> {
    let networks = config()["outbound_networking"]["block_networks"].clone();
    networks.try_into().expect("a list of networks")
}

/// Whether `network`, such as 10.0.0.0/8, holds `address`. An IPv4 address within an IPv6 one is
/// not looked for: not every host does.
fn holds(network: &str, address: IpAddr) -> bool {
    let (base, length) = network.split_once('/').expect("an address and a length");
    let (base, length): (IpAddr, u32) = (
        base.parse().expect("an address"),
        length.parse().expect("a length"),
    );
    let (base, address, width) = match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (
            u128::from(base.to_bits()),
            u128::from(address.to_bits()),
            32,
        ),
        (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    (base ^ address).checked_shr(width - length).unwrap_or(0) == 0
}

fn is_blocked(address: &str) -> bool {
    let address = address.parse().expect(address);
    networks().iter().any(|network| holds(network, address))
}

#[test]
fn special_addresses_are_out_of_reach_in_every_form() {
    let open = [
        "0.0.0.0",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.170",
        "192.0.2.1",
        "192.168.0.1",
        "198.19.255.255",
        "224.0.0.251",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    let open = open.into_iter().filter(|address| !is_blocked(address));
    hold(
        open.map(str::to_owned),
        "Add the networks of these to block_networks in runtime-config.toml:",
    );
}

#[test]
fn public_addresses_are_within_reach() {
    let blocked = [
        "1.1.1.1",
        "9.9.9.9",
        "100.63.255.255",
        "172.32.0.1",
        "2606:4700::1111",
    ];
    let blocked = blocked.into_iter().filter(|address| is_blocked(address));
    hold(
        blocked.map(str::to_owned),
        "A network in runtime-config.toml is too large; these are public:",
    );
}

#[test]
fn the_guard_is_announced_where_it_is() {
    let config = config();
    let providers = config["variables_provider"].as_array().expect("providers");
    let announced = providers
        .iter()
        .filter(|provider| provider["type"].as_str() == Some("static"))
        .filter_map(|provider| provider["values"].get("outbound_guard"))
        .any(|value| value.as_str().is_some_and(|value| !value.is_empty()));
    assert!(announced && !networks().is_empty());
}

//! The port: the one that was asked for, or the next free one if nobody asked.
//!
//! *Invariant:* an address that was asked for is never swapped for another without a yes.

use std::io::{self, ErrorKind, IsTerminal as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use anyhow::{Context as _, Result, bail};

const DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);

/// How many ports after a taken one are tried.
const TRIED: u16 = 100;

/// What is asked for: the address of `--listen`, or the default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) address: SocketAddr,
    explicit: bool,
}

impl Wish {
    /// From `--listen`.
    pub(crate) fn new(listen: Option<SocketAddr>) -> Self {
        Self {
            address: listen.unwrap_or(DEFAULT),
            explicit: listen.is_some(),
        }
    }

    /// Takes the port, or the next free one where that is allowed. It may wait for an answer
    /// from the terminal.
    pub(crate) fn bind(self) -> Result<TcpListener> {
        let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
        self.bind_or(|next| {
            if terminal {
                ask(self.address, next)
            } else {
                Ok(!self.explicit)
            }
        })
    }

    /// `accept` decides whether another address will do.
    fn bind_or(self, accept: impl FnOnce(SocketAddr) -> Result<bool>) -> Result<TcpListener> {
        let address = self.address;
        let error = match TcpListener::bind(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => error,
        };
        if error.kind() != ErrorKind::AddrInUse {
            let kind = error.kind();
            return Err(error).with_context(|| refusal(address, kind));
        }
        let Some(other) = next_free(address) else {
            bail!(
                "port {} and the {TRIED} after it are taken: free one",
                address.port()
            );
        };
        let next = other.local_addr().context("the port has no address")?;
        if !accept(next)? {
            bail!(
                "port {} on {} is taken by another program: stop that, or use --listen {next}",
                address.port(),
                address.ip()
            );
        }
        eprintln!(
            "Port {} is taken; using {} (--listen chooses).",
            address.port(),
            next.port()
        );
        Ok(other)
    }
}

fn refusal(address: SocketAddr, kind: ErrorKind) -> String {
    match kind {
        ErrorKind::PermissionDenied => format!(
            "port {} needs privileges: use one above 1023, for example --listen {}:3000",
            address.port(),
            address.ip()
        ),
        ErrorKind::AddrNotAvailable => format!(
            "{} is no address of this machine: use --listen 127.0.0.1:{}",
            address.ip(),
            address.port()
        ),
        _ => format!("cannot listen on {address}: choose another address with --listen"),
    }
}

fn next_free(taken: SocketAddr) -> Option<TcpListener> {
    let ports = (1..=TRIED).map_while(|step| taken.port().checked_add(step));
    ports
        .filter_map(|port| TcpListener::bind(SocketAddr::new(taken.ip(), port)).ok())
        .next()
}

fn ask(taken: SocketAddr, next: SocketAddr) -> Result<bool> {
    eprint!(
        "Port {} is taken. Use {} instead? [Y/n] ",
        taken.port(),
        next.port()
    );
    let mut answer = String::new();
    let read = io::stdin()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    // No line at all is the end of the input, which is no yes.
    Ok(read > 0
        && matches!(
            answer.trim().to_ascii_lowercase().as_str(),
            "" | "y" | "yes"
        ))
}

/// The origin a person may type: `localhost` only where nobody else answers to that name.
///
/// Browsers and Node try `[::1]` first for `localhost`, so another program that has the same
/// port there would get the request.
pub(crate) fn origin(bound: SocketAddr) -> String {
    let beside = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), bound.port());
    let taken =
        || matches!(TcpListener::bind(beside), Err(error) if error.kind() == ErrorKind::AddrInUse);
    if bound.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) && !taken() {
        return format!("http://localhost:{}", bound.port());
    }
    format!("http://{bound}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken() -> (TcpListener, Wish) {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let wish = Wish::new(Some(holder.local_addr().unwrap()));
        (holder, wish)
    }

    #[test]
    fn the_default_is_port_3000_on_this_machine_alone() {
        assert_eq!(Wish::new(None).address, "127.0.0.1:3000".parse().unwrap());
    }

    #[test]
    fn a_port_that_was_asked_for_and_is_taken_is_refused_with_a_free_one() {
        let (holder, wish) = taken();
        let refused = wish.bind_or(|_| Ok(false)).unwrap_err().to_string();
        let port = holder.local_addr().unwrap().port().to_string();
        assert!(
            refused.contains(&port) && refused.contains("--listen 127.0.0.1:"),
            "{refused}"
        );
    }

    #[test]
    fn where_any_port_will_do_the_next_free_one_is_taken() {
        let (holder, wish) = taken();
        let other = wish.bind_or(|_| Ok(true)).unwrap().local_addr().unwrap();
        assert!(other.port() > holder.local_addr().unwrap().port());
        assert_eq!(other.ip(), wish.address.ip());
    }

    #[test]
    fn an_address_of_another_machine_is_named_as_such() {
        // TEST-NET-1 (RFC 5737) belongs to nobody.
        let wish = Wish::new(Some("192.0.2.1:4000".parse().unwrap()));
        let refused = wish.bind_or(|_| Ok(true)).unwrap_err().to_string();
        assert!(
            refused.contains("192.0.2.1") && refused.contains("127.0.0.1:4000"),
            "{refused}"
        );
    }

    #[test]
    fn a_privileged_port_is_refused_with_the_fix() {
        let address = "127.0.0.1:80".parse().unwrap();
        let refused = refusal(address, ErrorKind::PermissionDenied);
        assert!(refused.contains("port 80") && refused.contains("--listen 127.0.0.1:3000"));
    }

    #[test]
    fn localhost_is_offered_only_where_it_leads_here() {
        let Ok(other) = TcpListener::bind("[::1]:0") else {
            return;
        };
        let port = other.local_addr().unwrap().port();
        let bound = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        assert_eq!(origin(bound), format!("http://127.0.0.1:{port}"));
        drop(other);
        assert_eq!(origin(bound), format!("http://localhost:{port}"));
    }
}

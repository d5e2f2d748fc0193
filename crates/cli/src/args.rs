//! The command line: every command, flag and word of `--help`.
//!
//! *Invariant:* parsing touches neither files nor the network, and no flag takes a key.

pub(crate) mod keys;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Put a sign-in in front of MCP tools.
///
/// Without a command, `postern` does what `postern up` does: it builds the components, makes
/// keys for this machine on the first start, and serves the application in spin.toml.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) up: Up,
}

const EXAMPLES: &str = "\
Examples:
  postern                  build and serve on http://localhost:3000/mcp
  postern up --help        every flag of the server, and where its state lives
  postern init --dev       write keys to .env, so that plain `spin up` works too
  postern keys --help      rotate keys while the server runs, or distrust one";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Up(Up),
    Init(Init),
    Keys(keys::Keys),
}

/// Build the components and serve the application
///
/// Finds spin.toml here or in a folder above, builds the components that are older than their
/// sources, and serves them on this machine until Ctrl-C. Nothing else needs to be installed:
/// the same components and the same manifest run on Spin in production.
#[derive(Debug, Args)]
#[command(after_help = UP_NOTES)]
pub(crate) struct Up {
    /// The manifest, or the folder it is in [default: spin.toml here or in a folder above]
    #[arg(short = 'f', long, visible_alias = "from", value_name = "PATH")]
    pub(crate) manifest: Option<PathBuf>,

    /// Where to listen; port 0 takes any free one [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) listen: Option<SocketAddr>,

    /// Where state lives [default: .postern beside the manifest]
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,

    /// A runtime configuration, as `spin up` takes it: stores, variables providers, blocked
    /// networks [default: runtime-config.toml beside the manifest, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) runtime_config_file: Option<PathBuf>,

    /// Set an application variable, before every other source; may be repeated
    #[arg(long = "variable", value_name = "KEY=VALUE", value_parser = assignment)]
    pub(crate) variables: Vec<(String, String)>,

    /// Serve the components as they were last built
    #[arg(long)]
    pub(crate) skip_build: bool,
}

const UP_NOTES: &str = "\
State:
  .postern/dev.env         keys made on the first start; delete it to start over with new ones
  .postern/logs/           what each component wrote
  .postern/*.db            sign-ins and tokens' records
  target/                  built and compiled components
  A .env beside the manifest that sets SPIN_VARIABLE_PUBLIC_URL or SPIN_VARIABLE_DEV_KEY is
  taken as it is, and no keys are made.

Examples:
  postern up
  postern up --listen 127.0.0.1:4000 --state-dir /tmp/second
  postern up --variable access_token_seconds=60";

/// Write the keys and settings an application needs
///
/// With --dev: random keys for this machine, into a .env beside spin.toml that only you can
/// read. With --from: the settings of another MCP server, as its .dev.vars or .env has them,
/// become ours, and whatever is not taken is told. Both `postern up` and plain `spin up` take
/// them from there.
#[derive(Debug, Args)]
#[command(after_help = INIT_NOTES)]
pub(crate) struct Init {
    /// Make keys for development on this machine
    #[arg(long, conflicts_with_all = ["from", "url"])]
    pub(crate) dev: bool,

    /// The settings to take over, such as ../old-server/.dev.vars; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,

    /// The address of this server, such as `https://mcp.example.com` [default: what the settings
    /// say, else this machine]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// Replace the keys and settings in an existing .env, and add to a postern.toml that was
    /// changed; all other lines stay
    #[arg(long)]
    pub(crate) force: bool,

    /// The manifest, or the folder it is in [default: spin.toml here or in a folder above]
    #[arg(short = 'f', long, value_name = "PATH")]
    pub(crate) manifest: Option<PathBuf>,
}

const INIT_NOTES: &str = "\
Keys and secrets are never printed. New keys end every sign-in made with the old ones; those that
are derived from the COOKIE_ENCRYPTION_KEY of --from are the same every time.

Examples:
  postern init --dev && spin up
  postern init --from ../old-server/.dev.vars
  postern init --from .dev.vars --url https://mcp.example.com";

/// `127.0.0.1:3000`, `[::1]:3000`, and `localhost:3000` for the first of them.
fn address(text: &str) -> Result<SocketAddr, String> {
    if let Some(port) = text.strip_prefix("localhost:") {
        let port = port
            .parse()
            .map_err(|_| format!("`{port}` is not a port (0 to 65535)"))?;
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    text.parse()
        .map_err(|_| "write it as ADDRESS:PORT, for example 127.0.0.1:3000".to_owned())
}

/// `key=value`, with a key that Spin allows as a variable's name.
fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("write it as KEY=VALUE, for example public_url=https://x")?;
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) || !key.chars().all(lower) {
        return Err(format!(
            "`{key}` is no variable: names are lower case, digits and `_`"
        ));
    }
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn no_command_means_up() {
        let cli = Cli::try_parse_from(["postern", "--listen", "localhost:4000"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.up.listen, Some("127.0.0.1:4000".parse().unwrap()));
    }

    #[test]
    fn addresses_and_variables_are_checked_at_the_edge() {
        for bad in [
            "3000",
            "localhost:x",
            "localhost",
            "127.0.0.1",
            "127.0.0.1:99999",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
        for bad in ["a", "A=b", "=b", "a-b=c", "1a=b"] {
            assert!(assignment(bad).is_err(), "{bad}");
        }
        assert_eq!(
            assignment("a_1=b=c"),
            Ok(("a_1".to_owned(), "b=c".to_owned()))
        );
    }
}

//! `postern`: builds the components of spin.toml, makes keys for this machine, and serves.
//!
//! *Invariant:* it prints no secret, and what it serves runs unchanged on Spin.

mod args;
mod build;
mod identity;
mod init;
mod keys;
mod listen;
mod preflight;
mod progress;
mod project;
mod state;
mod stop;
mod up;
mod welcome;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use jiff::Timestamp;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("postern: {}", paragraph(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes in one paragraph, and never a backtrace.
fn paragraph(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        // A message that already quotes its cause does not need it twice.
        if !text.contains(&cause) {
            let separator = if text.is_empty() { "" } else { ": " };
            text = text + separator + &cause;
        }
    }
    text
}

fn run(cli: Cli) -> Result<()> {
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    match cli.command.unwrap_or(Command::Up(cli.up)) {
        Command::Init(init) => {
            print(&init::run(&init, &here)?);
            Ok(())
        }
        Command::Keys(command) => {
            print(&keys::run(&command, &here, clock()?)?);
            Ok(())
        }
        Command::Up(up) => {
            log_to_stderr();
            let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
            let result = runtime.block_on(up::run(up, &here));
            // A prompt or a compilation that is still under way has nobody left to answer to.
            runtime.shutdown_background();
            result
        }
    }
}

/// Prints to a reader that may have closed the pipe, and so has seen enough.
fn print(report: &str) {
    let _ = std::io::stdout().write_all(report.as_bytes());
}

/// The time of this machine, to the second.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where time comes in; commands take it as a parameter"
)]
fn clock() -> Result<Timestamp> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seconds = now.ok().and_then(|now| i64::try_from(now.as_secs()).ok());
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.context("the clock of this machine is not set")
}

/// Errors only, unless `RUST_LOG` asks for more, such as `info` or `postern_runner=debug`.
fn log_to_stderr() {
    let asked = std::env::var_os("RUST_LOG").and_then(|targets| targets.to_str()?.parse().ok());
    let targets = asked.unwrap_or_else(|| Targets::new().with_default(LevelFilter::ERROR));
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(targets)
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_each_cause_once() {
        let error = anyhow::anyhow!("denied")
            .context("cannot read x: denied")
            .context("no keys");
        assert_eq!(paragraph(&error), "no keys: cannot read x: denied");
    }
}

//! What a person reads once settings were taken over.
//!
//! *Invariant:* it names settings and files, never a value but
//! our own address.

use std::fmt::Write as _;
use std::path::Path;

use super::plan::Plan;
use super::take_over::Configuration;

/// What became of each setting, what was written, and what is left to do.
pub(super) fn text(plan: &Plan, env_file: &Path, configuration: &Configuration) -> String {
    let mut text = String::new();
    let names = plan.told.iter().map(|(name, _)| name.len());
    let width = names.max().unwrap_or(0);
    for (name, told) in &plan.told {
        // Writing to a String has no way to fail.
        let _ = writeln!(text, "{name:<width$}  {told}");
    }
    if !plan.told.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "Wrote {}; only you can read it.", env_file.display());
    let whose = match plan.public_url {
        Some(_) => "for a public server",
        None => "for this machine, where test people can sign in too",
    };
    let keys = match plan.master {
        Some(_) => "Its keys are derived from COOKIE_ENCRYPTION_KEY",
        None => "Its keys are random",
    };
    let _ = writeln!(text, "{keys}, and {whose}.");
    match configuration {
        Configuration::Enough => {}
        Configuration::Written => text.push_str("Wrote postern.toml beside it.\n"),
        Configuration::Theirs(addition) => {
            let _ = write!(
                text,
                "postern.toml was changed by somebody and stays as it is. Add to it, or let \
                 --force do that:\n\n{}\n",
                addition.trim_end()
            );
        }
    }
    text.push_str("\nWhat is left:\n");
    for left in &plan.left {
        let _ = writeln!(text, "- {left}");
    }
    text.push_str(match plan.public_url {
        Some(_) => "- Start it with `spin up`, or `postern up`, behind TLS.\n",
        None => {
            "- Start it with `postern up`; on another port, such as one that is registered \
             already, with `postern up --listen 127.0.0.1:8788`.\n"
        }
    });
    text
}

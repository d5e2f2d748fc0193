//! `postern keys …`: its commands, flags and every word of their `--help`.
//!
//! *Invariant:* a key is named by its id; no flag takes a secret.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use crate::keys::purpose_names;

/// Show, rotate and distrust the keys that everything is made with
///
/// Each purpose has keys of its own, as a list: the first makes, all of them verify. That is why
/// a key can be replaced while the server runs and nobody is signed out.
#[derive(Debug, Args)]
#[command(after_help = KEYS_NOTES)]
pub(crate) struct Keys {
    #[command(subcommand)]
    pub(crate) command: KeysCommand,
}

const KEYS_NOTES: &str = "\
Examples:
  postern keys show
  postern keys rotate --help     the four steps of a rotation, and what each wait is for
  postern keys distrust KID      after a leak: refuse what this key made, from now on";

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    Show(KeyFile),
    Rotate(Rotate),
    Distrust(Distrust),
}

/// List the keys of each purpose by their ids
///
/// Says which key makes, which only verify what was made before, and which waits to be promoted.
/// Secrets are never shown.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  postern keys show --env-file /etc/postern/env")]
pub(crate) struct KeyFile {
    /// The file that holds the keys [default: .env beside the manifest, or dev.env in the state
    /// folder where that holds none]
    #[arg(long, value_name = "PATH")]
    pub(crate) env_file: Option<PathBuf>,

    /// The manifest, or the folder it is in [default: spin.toml here or in a folder above]
    #[arg(short = 'f', long, alias = "from", value_name = "PATH")]
    pub(crate) manifest: Option<PathBuf>,

    /// Where state lives [default: .postern beside the manifest]
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
}

/// Replace keys in four steps, while the server runs and nobody is signed out
///
/// Instances do not change keys at the same moment, and what an old key made is still out there
/// when a new one takes over. So a new key is known everywhere before anything is made with it,
/// and an old one is known until nothing that it made is left:
///
///   1. `add` puts a new key behind the others. It verifies; nothing is made with it yet.
///
///   2. Wait until every instance has restarted with the new file, and five minutes more if
///      others read /.well-known/jwks.json, which they may keep that long. An instance that
///      does not know a key refuses what it made, and people are signed out.
///
///   3. `promote` puts the new key first. Everything is made with it; the old one verifies.
///      Give every instance the new file again.
///
///   4. `retire` drops the old keys, once what they made has ended: after ten minutes for
///      codes, sign-ins under way and assertions, access_token_seconds (15 minutes) for access
///      tokens, grant_seconds (180 days) for refresh tokens. It refuses to before; `show` says
///      how much is left. Give every instance the new file once more.
///
/// Old registration keys stay until `retire --purpose registration` names them, since a client
/// remembers its id for as long as it is installed.
#[derive(Debug, Args)]
#[command(after_help = ROTATE_NOTES, verbatim_doc_comment)]
pub(crate) struct Rotate {
    #[command(subcommand)]
    pub(crate) step: RotateStep,
}

const ROTATE_NOTES: &str = "\
Each step changes the file alone: whole or not at all, readable by its owner, with its other
lines as they were. The moments of `add` and `promote` are kept in it as comments; leave them.

Examples:
  postern keys rotate add
  postern keys rotate promote
  postern keys rotate retire";

#[derive(Debug, Subcommand)]
pub(crate) enum RotateStep {
    Add(Add),
    Promote(Promote),
    Retire(Retire),
}

/// Step 1: add a new key that verifies, and with which nothing is made yet
///
/// Then give every instance the new file and restart it, one after the other; only when the last
/// one has restarted, go on with `promote`. An instance that has not read the new key refuses
/// what is made with it, and its users are signed out.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  postern keys rotate add --purpose refresh --purpose code")]
pub(crate) struct Add {
    #[command(flatten)]
    pub(crate) purposes: Purposes,
    #[command(flatten)]
    pub(crate) file: KeyFile,
}

/// Step 3, after the wait: make everything with the key that was added; the old one still verifies
///
/// Run it when every running instance has read the file that `add` wrote.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  postern keys rotate promote")]
pub(crate) struct Promote {
    #[command(flatten)]
    pub(crate) purposes: Purposes,
    #[command(flatten)]
    pub(crate) file: KeyFile,
}

/// Step 4: drop the old keys, once nothing that was made with them is needed
///
/// Without --purpose it drops those whose time has come, names the others with the time that is
/// left, and keeps registration keys. With --purpose it is all of those or none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postern keys rotate retire
  postern keys rotate retire --purpose registration    clients from before register again")]
pub(crate) struct Retire {
    #[command(flatten)]
    pub(crate) purposes: Purposes,

    /// Do not wait: what the old keys made is refused from now on
    #[arg(long)]
    pub(crate) now: bool,

    #[command(flatten)]
    pub(crate) file: KeyFile,
}

/// Which purposes a step is for.
#[derive(Debug, Args)]
pub(crate) struct Purposes {
    /// Only for this purpose; may be repeated [default: every purpose but `dev`, and to retire
    /// also but `registration`]
    #[arg(
        long = "purpose",
        value_name = "NAME",
        value_parser = PossibleValuesParser::new(purpose_names())
    )]
    pub(crate) named: Vec<String>,
}

/// Remove a key at once, wherever it is, and say what stops working
///
/// For a key that somebody else may have. No purpose is left without a key: the one that waits or
/// an old one takes over, or else a new one. Nothing is refused before the instances have
/// restarted with the new file, so restart all of them right away.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  postern keys distrust m3Kx_9aQ")]
pub(crate) struct Distrust {
    /// The id of the key, as `postern keys show` lists it
    // Clap would repeat what it refuses, and that may be the key itself: it takes any text.
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    pub(crate) kid: String,

    #[command(flatten)]
    pub(crate) file: KeyFile,
}

//! What `postern keys …` says: what was done, what comes next, and when.
//!
//! *Invariant:* every line is made of purposes, ids of keys and times; no secret comes this far.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use jiff::Timestamp;
use jose::Kid;

use super::held::Held;
use super::keyring::Keyring;
use super::purposes::{Purpose, Wait};
use super::records::Record;
use super::steps::{Changed, Distrusted, Retired, TooEarly};

/// Two units are enough to plan with.
const UNITS: [(u64, &str); 4] = [
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
];

/// A time in words, rounded down to its two largest units.
fn span(mut seconds: u64) -> String {
    let mut words = Vec::new();
    for (length, unit) in UNITS {
        let count = seconds / length;
        seconds %= length;
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            words.push(format!("{count} {unit}{plural}"));
        } else if !words.is_empty() {
            break;
        }
    }
    words.truncate(2);
    words.join(" ")
}

/// Lines of a purpose and what there is to say of it.
fn table(rows: impl IntoIterator<Item = (&'static Purpose, String)>) -> String {
    let lines = rows
        .into_iter()
        .map(|(purpose, text)| format!("  {:13} {text}\n", purpose.name));
    lines.collect()
}

fn kids(changed: &[Changed]) -> String {
    let rows = changed.iter();
    table(rows.map(|(purpose, kid)| (*purpose, kid.to_string())))
}

fn wait(wait: &Wait, seconds: Option<u64>) -> String {
    match seconds {
        Some(seconds) if seconds > 0 => format!("{}: {}", span(seconds), wait.words),
        _ => wait.words.to_owned(),
    }
}

/// `postern keys show`.
pub(super) fn show(path: &Path, keys: &Keyring, now: Timestamp) -> Result<String> {
    let mut text = format!("Keys in {}\n", path.display());
    for held in &keys.held {
        let mut rows = String::new();
        for kid in held.kids() {
            let _ = writeln!(rows, "  {kid:16} {}", role(keys, held, kid, now)?);
        }
        let _ = write!(text, "\n{}\n{rows}", held.purpose.name);
    }
    Ok(text)
}

fn role(keys: &Keyring, held: &Held, kid: &Kid, now: Timestamp) -> Result<String> {
    let since = match keys.records.of(kid) {
        Some(Record::Added(at)) => format!(" (added {at})"),
        Some(Record::Promoted(at)) => format!(" (since {at})"),
        None => String::new(),
    };
    if held.makers().next() == Some(kid) {
        return Ok(format!("makes{since}"));
    }
    if keys.waiting(held) == Some(kid) {
        return Ok(format!("verifies, and waits to be promoted{since}"));
    }
    let end = match keys.too_early(held, now)? {
        Some(TooEarly::Left(seconds)) => format!("may be retired in {}", span(seconds)),
        Some(TooEarly::Unrecorded) => {
            let seconds = held.purpose.wait.seconds(&keys.lifetimes()?);
            format!("keep it for {}", wait(&held.purpose.wait, seconds))
        }
        None => match held.purpose.wait.seconds(&keys.lifetimes()?) {
            Some(_) => "may be retired".to_owned(),
            None => format!("keep it {}", held.purpose.wait.words),
        },
    };
    Ok(format!("verifies; {end}"))
}

/// `postern keys rotate add`.
pub(super) fn added(path: &Path, added: &[Changed]) -> String {
    format!(
        "Added a key that verifies, and with which nothing is made yet:\n{}\n\
         Now give {} to every instance and restart them, one after the other.\n\
         When the last one has restarted (and five minutes later, if others read\n\
         /.well-known/jwks.json), take the next step: postern keys rotate promote\n",
        kids(added),
        path.display()
    )
}

/// `postern keys rotate promote`.
pub(super) fn promoted(path: &Path, keys: &Keyring, promoted: &[Changed]) -> Result<String> {
    let lifetimes = keys.lifetimes()?;
    let waits = promoted.iter().map(|(purpose, _)| {
        let seconds = purpose.wait.seconds(&lifetimes);
        (*purpose, wait(&purpose.wait, seconds))
    });
    Ok(format!(
        "Promoted; from the next restart on, everything is made with these keys:\n{}\n\
         Now give {} to every instance and restart them, one after the other.\n\
         The old keys still verify. Count from the last restart how long each is needed:\n{}\n\
         After that, take the next step: postern keys rotate retire\n",
        kids(promoted),
        path.display(),
        table(waits)
    ))
}

fn kept(retired: &Retired) -> String {
    let rows = retired.kept.iter().map(|(purpose, why)| {
        let text = match why {
            TooEarly::Left(seconds) => format!("{} left", span(*seconds)),
            TooEarly::Unrecorded => format!(
                "the file does not say since when another key makes; needed for {}",
                purpose.wait.words
            ),
        };
        (*purpose, text)
    });
    table(rows)
}

/// Why nothing was retired.
pub(super) fn too_early(retired: &Retired) -> String {
    format!(
        "it is too early to retire the old keys, since what they made is still in use:\n{}\
         Wait, name other purposes with --purpose NAME, or end it now with --now",
        kept(retired)
    )
}

/// `postern keys rotate retire`.
pub(super) fn retired(path: &Path, retired: &Retired) -> String {
    if retired.dropped.is_empty() {
        return "There is no old key to retire.\n".to_owned();
    }
    let mut text = format!("Retired:\n{}", kids(&retired.dropped));
    if !retired.kept.is_empty() {
        let _ = write!(text, "\nKept, because it is too early:\n{}", kept(retired));
    }
    let _ = write!(
        text,
        "\nNow give {} to every instance and restart them; what these keys made is refused then.\n",
        path.display()
    );
    text
}

/// `postern keys distrust`.
pub(super) fn distrusted(path: &Path, kid: &Kid, distrusted: &[Distrusted]) -> String {
    let lost = distrusted
        .iter()
        .map(|it| (it.purpose, it.purpose.loss.to_owned()));
    let mut text = format!(
        "Removed {kid}. As soon as an instance restarts with {}:\n{}",
        path.display(),
        table(lost)
    );
    let makers = distrusted.iter().filter_map(|it| {
        let known = if it.fresh { ", which is new" } else { "" };
        let maker = it.maker.as_ref()?;
        Some((it.purpose, format!("is made with {maker}{known}")))
    });
    text += &table(makers);
    if distrusted.iter().any(|it| it.fresh) {
        text += "\nRestart all instances together: one that does not know the new key refuses \
                 what is made with it.\n";
    } else {
        text += "\nRestart every instance now: until then each goes on trusting the key.\n";
    }
    text
}

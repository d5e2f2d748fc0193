//! Progress: a bar on a terminal, plain lines elsewhere.
//!
//! *Invariant:* it writes to stderr alone, so that stdout holds nothing but the result.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often the bar moves while nothing happens, so that a long step does not look stuck.
const TICK: Duration = Duration::from_millis(120);

/// One stage of work with a known or unknown number of steps.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Starts a stage; `title` is all that plain output shows of its beginning.
    pub(crate) fn start(title: &'static str) -> Self {
        if !std::io::stderr().is_terminal() {
            eprintln!("{title}");
            return Self { bar: None };
        }
        let bar = ProgressBar::new_spinner().with_prefix(title);
        bar.set_style(style("{spinner} {prefix} {wide_msg}"));
        bar.enable_steady_tick(TICK);
        Self { bar: Some(bar) }
    }

    /// Whether the stage is shown as a bar, which wants to know how much there is to do.
    pub(crate) fn is_bar(&self) -> bool {
        self.bar.is_some()
    }

    /// Says how many steps there are.
    pub(crate) fn expect(&self, steps: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(u64::try_from(steps).unwrap_or(u64::MAX));
            bar.set_style(style(
                "{spinner} {prefix} [{bar:24}] {pos}/{len} {elapsed} {wide_msg}",
            ));
        }
    }

    /// Moves the bar.
    pub(crate) fn step(&self, done: usize, name: &str) {
        if let Some(bar) = &self.bar {
            let done = u64::try_from(done).unwrap_or(u64::MAX);
            bar.set_position(bar.length().map_or(done, |all| done.min(all)));
            bar.set_message(name.to_owned());
        }
    }

    /// Prints a line above the bar.
    pub(crate) fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A template that does not parse falls back to the plain bar: no look is worth a failure.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_steps_than_expected_do_not_overflow_the_bar() {
        let progress = Progress {
            bar: Some(ProgressBar::hidden()),
        };
        progress.expect(2);
        progress.step(3, "x");
        assert_eq!(progress.bar.as_ref().unwrap().position(), 2);
    }
}

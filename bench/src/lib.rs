//! Load and latency of the whole application: every case in one process, in turns.
//!
//! *Invariant:* an answer that is not the expected one ends the run, so nothing fast and wrong is
//! ever counted.
//!
//! The load generator is hyper's own client on kept connections with `hdrhistogram`: libraries
//! for load tests (`goose`, `rlt`) bring their own command line, reports and a heavier client, and
//! the load shares the cores with what it measures. Of a noisy machine only ratios can be
//! believed, and only those of cases that took turns. The identity provider answers in the load
//! generator's process too: what it spends is in no row.

mod application;
mod case;
mod flow;
mod load;
mod measure;
mod streams;
mod table;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::time::Duration;

use tokio::runtime;

use crate::application::Application;
use crate::case::Cases;
pub use crate::measure::Unmeasured;
use crate::measure::{Measured, Process};
pub use crate::streams::{Streams, idle_streams};
use crate::table::Serving;
pub use crate::table::Table;

/// How long to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    rounds: u32,
    turn: Duration,
}

impl Effort {
    /// About a minute.
    pub const FULL: Self = Self {
        rounds: 30,
        turn: Duration::from_millis(250),
    };
    /// Shows that everything answers.
    pub const QUICK: Self = Self {
        rounds: 5,
        turn: Duration::from_millis(150),
    };
}

/// Builds what is to be measured, starts it once, and lets all cases take turns.
///
/// # Errors
/// When something does not build, start, or answer as expected.
pub fn run(effort: Effort) -> Result<Table, Unmeasured> {
    // One thread: the load generator leaves the other core to the server.
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Unmeasured::System("the runtime", error))?;
    let application = Application::start()?;
    runtime.block_on(measure(&application, effort))
}

async fn measure(application: &Application, effort: Effort) -> Result<Table, Unmeasured> {
    let process = Process::new(application.host().pid());
    let idle = application.host().resident_bytes();
    let mut cases = Cases::new(application).await?;
    let mut found: BTreeMap<&'static str, Vec<Measured>> = BTreeMap::new();
    // The first round warms up.
    cases.round(&process, effort.turn / 2).await?;
    let is_watched = std::io::stderr().is_terminal();
    for round in 1..=effort.rounds {
        if is_watched {
            eprint!("\rround {round} of {} ", effort.rounds);
        }
        for (case, measured) in cases.round(&process, effort.turn).await? {
            found.entry(case).or_default().push(measured);
        }
    }
    if is_watched {
        eprintln!();
    }
    let resident = application.host().resident_bytes();
    let serving = Serving {
        start: application.start_time(),
        resident: idle.zip(resident),
    };
    Ok(Table::new(found, serving))
}

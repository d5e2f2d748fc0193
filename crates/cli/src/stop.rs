//! Ctrl-C and SIGTERM: the first ends cleanly, the second at once.
//!
//! *Invariant:* once this exists, no signal ends the process half way through a file.

use anyhow::{Context as _, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What shells report for a process that Ctrl-C ended: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

/// The signals that ask this process to end.
pub(crate) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// Takes the signals over from their default, which is to end at once.
    pub(crate) fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for Ctrl-C");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for a signal, says what happens, and lets the next signal end the process.
    pub(crate) async fn requested(mut self) {
        self.next().await;
        eprintln!("\nFinishing open requests. Ctrl-C again ends at once.");
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(INTERRUPTED);
        });
    }
}

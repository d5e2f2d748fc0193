//! Events as lines of JSON on the component's standard output, which Spin keeps as its log.

use host::{Audit, Event};

use crate::SpinHost;

impl Audit for SpinHost {
    fn record(&self, event: Event) {
        if let Ok(line) = serde_json::to_string(&event) {
            println!("{line}");
        }
    }
}

/// What the host said when it failed: for the operator's log, never for an answer.
pub(crate) fn unavailable(what: &str, reason: &dyn std::fmt::Display) -> host::Unavailable {
    eprintln!("{what}: {reason}");
    host::Unavailable
}

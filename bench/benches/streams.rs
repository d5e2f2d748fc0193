//! Prints what a thousand idle streams cost: `cargo bench -p bench --bench streams`.
//!
//! *Invariant:* a missed budget is printed, and only a measurement that cannot be taken fails.

use std::process::ExitCode;

fn main() -> ExitCode {
    match bench::idle_streams() {
        Ok(streams) => {
            print!("{streams}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

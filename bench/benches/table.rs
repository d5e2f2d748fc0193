//! Prints the table: `cargo bench -p bench --bench table`, or with `-- --quick` a smoke test of ten seconds.
//!
//! *Invariant:* a missed budget is printed, and only a measurement that cannot be taken fails.

use std::process::ExitCode;

use bench::Effort;

fn main() -> ExitCode {
    // Cargo itself passes `--bench`.
    let arguments = std::env::args().skip(1).filter(|text| text != "--bench");
    let mut effort = Effort::FULL;
    for argument in arguments {
        if argument != "--quick" {
            eprintln!("bench: `{argument}` is unknown; there is `--quick`");
            return ExitCode::FAILURE;
        }
        effort = Effort::QUICK;
    }
    match bench::run(effort) {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

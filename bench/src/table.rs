//! The table: medians over the rounds, and the budgets of the design.
//!
//! *Invariant:* a ratio is taken within each round before the median, so that a noise that lasts
//! longer than a round is on both sides of it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::case::{
    ALL, BARE_HOP, CHAINED, COMPOSED, DISCOVER, EMPTY_COMPONENT, PROVIDER, REFRESH, SERVER_HOP,
    SIGN_IN,
};
use crate::measure::{Measured, cpu, milliseconds};

/// The throughput of a case in relation to another's, and the least that was promised.
const RATIOS: [(&str, &str, Option<f64>); 4] = [
    (DISCOVER, EMPTY_COMPONENT, Some(0.55)),
    (COMPOSED, EMPTY_COMPONENT, Some(0.45)),
    (CHAINED, BARE_HOP, Some(0.70)),
    // What of that is the gateway's: the other side reads and answers the same message.
    (CHAINED, SERVER_HOP, None),
];
/// Milliseconds of a core of the server, by what it does.
const CPU: [(&str, f64); 3] = [(SIGN_IN, 5.0), (PROVIDER, 5.0), (REFRESH, 3.0)];
/// What one such sign-in is made of; whose CPU the provider takes is not the server's.
const PROVIDER_ASKS: &str = "5 requests by browser and client, 2 between components, 1 to the \
     provider for tokens";
/// Milliseconds from the compile cache.
const START: f64 = 1000.0;
/// MiB before the first request.
const IDLE: f64 = 150.0;

/// What a run found.
#[derive(Debug)]
pub struct Table {
    found: BTreeMap<&'static str, Vec<Measured>>,
    serving: Serving,
}

/// What was found of the process itself.
#[derive(Debug)]
pub(crate) struct Serving {
    /// From its start, with everything compiled, until it served.
    pub(crate) start: Duration,
    /// Resident bytes when idle and after the run.
    pub(crate) resident: Option<(u64, u64)>,
}

impl Table {
    pub(crate) const fn new(
        found: BTreeMap<&'static str, Vec<Measured>>,
        serving: Serving,
    ) -> Self {
        Self { found, serving }
    }

    fn rounds(&self, case: &str) -> &[Measured] {
        self.found.get(case).map_or(&[], Vec::as_slice)
    }

    /// The median over the rounds of what `figure` reads from each.
    fn figure(&self, case: &str, figure: impl Fn(&Measured) -> f64) -> Option<f64> {
        median(self.rounds(case).iter().map(figure).collect())
    }

    fn ratio(&self, case: &str, base: &str) -> Option<f64> {
        let pairs = self.rounds(case).iter().zip(self.rounds(base));
        median(
            pairs
                .map(|(case, base)| case.per_second() / base.per_second())
                .collect(),
        )
    }

    fn row(&self, out: &mut fmt::Formatter<'_>, case: &str) -> fmt::Result {
        let per_second = self.figure(case, Measured::per_second);
        let latency = |quantile| self.figure(case, |round| round.latency(quantile));
        let cpu = cpu(self.rounds(case));
        writeln!(
            out,
            "{case:<30}{:>10}{:>10}{:>10}{:>10}",
            Figure(per_second, 0),
            Figure(latency(0.5), 2),
            Figure(latency(0.99), 2),
            Figure(cpu, 3),
        )
    }

    fn budgets(&self) -> Vec<Budget> {
        let ratios = RATIOS.map(|(case, base, least)| {
            let ratio = self.ratio(case, base);
            let promised = least.map_or_else(String::new, |least| format!(" >= {least:.2}"));
            Budget {
                what: format!("{case} / {base}{promised}"),
                found: ratio,
                is_met: least.map(|least| ratio.is_some_and(|ratio| ratio >= least)),
            }
        });
        let at_most = |what: String, found: Option<f64>, most: f64| Budget {
            what,
            found,
            is_met: Some(found.is_some_and(|found| found <= most)),
        };
        let spent = CPU.map(|(case, most)| {
            let found = cpu(self.rounds(case));
            at_most(format!("{case}, CPU-ms <= {most}"), found, most)
        });
        let idle = self.serving.resident.map(|(idle, _)| mib(idle));
        ratios
            .into_iter()
            .chain(spent)
            .chain([
                at_most(
                    format!("start with everything compiled, ms <= {START}"),
                    Some(milliseconds(self.serving.start)),
                    START,
                ),
                at_most(format!("resident when idle, MiB <= {IDLE}"), idle, IDLE),
            ])
            .collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{:<30}{:>10}{:>10}{:>10}{:>10}",
            "", "req/s", "p50 ms", "p99 ms", "CPU-ms"
        )?;
        for case in ALL {
            self.row(out, case)?;
        }
        writeln!(out, "\n{PROVIDER}: {PROVIDER_ASKS}")?;
        if let Some((idle, loaded)) = self.serving.resident {
            let (idle, loaded) = (mib(idle), mib(loaded));
            writeln!(out, "resident: {idle:.0} MiB idle, {loaded:.0} MiB after")?;
        }
        writeln!(out)?;
        for Budget {
            what,
            found,
            is_met,
        } in self.budgets()
        {
            write!(out, "{what:<60}{:>10}", Figure(found, 2))?;
            match is_met {
                Some(true) => writeln!(out, "  met")?,
                Some(false) => writeln!(out, "  missed")?,
                None => writeln!(out)?,
            }
        }
        Ok(())
    }
}

/// A promise of the design.
struct Budget {
    what: String,
    found: Option<f64>,
    is_met: Option<bool>,
}

/// A number with its decimals, or a dash where this system does not tell.
struct Figure(Option<f64>, usize);

impl fmt::Display for Figure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self
            .0
            .map_or_else(|| "-".to_owned(), |number| format!("{number:.*}", self.1));
        out.pad(&text)
    }
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let upper = numbers.len() / 2;
    let lower = numbers.len().checked_sub(1)? / 2;
    Some(f64::midpoint(*numbers.get(lower)?, *numbers.get(upper)?))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no process has as many bytes as a double has integers"
)]
pub(crate) fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::latencies;

    /// A round of one second with so many answers, which took two CPU-seconds.
    fn round(answers: u64) -> Measured {
        let mut latencies = latencies().unwrap();
        latencies.saturating_record_n(1000, answers);
        Measured {
            elapsed: Duration::from_secs(1),
            latencies,
            cpu: Some(Duration::from_secs(2)),
        }
    }

    fn table(figures: &[(&'static str, &[u64])]) -> Table {
        let rounds = |answers: &[u64]| answers.iter().copied().map(round).collect();
        let found = figures
            .iter()
            .map(|(case, answers)| (*case, rounds(answers)));
        let serving = Serving {
            start: Duration::from_millis(500),
            resident: Some((100 << 20, 200 << 20)),
        };
        Table::new(found.collect(), serving)
    }

    #[test]
    fn the_median_is_in_the_middle() {
        for (numbers, expected) in [
            (vec![], None),
            (vec![3.0], Some(3.0)),
            (vec![3.0, 1.0], Some(2.0)),
            (vec![9.0, 1.0, 2.0], Some(2.0)),
        ] {
            assert_eq!(median(numbers.clone()), expected, "{numbers:?}");
        }
    }

    #[test]
    fn a_machine_that_slows_down_halfway_changes_no_ratio() {
        let table = table(&[
            (EMPTY_COMPONENT, &[10_000, 10_000, 1000]),
            (DISCOVER, &[6000, 6000, 600]),
            (COMPOSED, &[4000, 4000, 400]),
        ]);
        assert_eq!(table.ratio(DISCOVER, EMPTY_COMPONENT), Some(0.6));
        let verdicts: Vec<_> = table
            .budgets()
            .iter()
            .filter_map(|budget| budget.is_met)
            .collect();
        assert_eq!(
            verdicts,
            [true, false, false, false, false, false, true, true]
        );
    }

    #[test]
    fn what_was_not_measured_is_a_dash_and_no_promise_kept() {
        let text = table(&[(REFRESH, &[1000])]).to_string();
        let line = |what: &str| text.lines().rfind(|line| line.contains(what)).unwrap();
        assert!(line(COMPOSED).ends_with("-  missed"), "{text}");
        assert!(line(REFRESH).ends_with("2.00  met"), "{text}");
    }
}

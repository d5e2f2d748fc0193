//! What one turn of a case found: answers, latencies, and what they cost the server.
//!
//! *Invariant:* time is that of the server's whole process, not of the load generator.

use std::io;
use std::time::{Duration, Instant};

use harness::host::StartFailed;
use hdrhistogram::Histogram;

/// Latencies of one turn, in microseconds.
pub(crate) type Latencies = Histogram<u64>;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Unmeasured {
    /// The application does not start.
    #[error(transparent)]
    Start(#[from] StartFailed),
    /// The manifest or the binary of the product is not what the bench builds on.
    #[error("{0}")]
    Manifest(&'static str),
    /// A connection broke.
    #[error("{0}: {1}")]
    Connection(&'static str, hyper::Error),
    /// A histogram could not be made.
    #[error(transparent)]
    Histogram(#[from] hdrhistogram::CreationError),
    /// A request could not be made.
    #[error(transparent)]
    Request(http::Error),
    /// The system refused something.
    #[error("{0}: {1}")]
    System(&'static str, io::Error),
    /// A journey ended early.
    #[error("a sign-in by a provider: {0}")]
    Step(&'static str),
    /// An answer is not the expected one.
    #[error("{case} was answered with {status}: {body}")]
    Answer {
        /// What was measured.
        case: &'static str,
        /// The status.
        status: http::StatusCode,
        /// The body.
        body: String,
    },
}

/// One turn.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// The latency of every answer, in microseconds.
    pub(crate) latencies: Latencies,
    /// What the server spent, where the system tells (Linux).
    pub(crate) cpu: Option<Duration>,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        count(&self.latencies) / self.elapsed.as_secs_f64()
    }

    /// In milliseconds, below which `quantile` of the answers arrived.
    pub(crate) fn latency(&self, quantile: f64) -> f64 {
        milliseconds(Duration::from_micros(
            self.latencies.value_at_quantile(quantile),
        ))
    }
}

/// Milliseconds of a core per answer over all turns: the system counts in hundredths of a second,
/// which is too coarse for one.
pub(crate) fn cpu(turns: &[Measured]) -> Option<f64> {
    let spent: Option<Duration> = turns.iter().map(|turn| turn.cpu).sum();
    let answers: f64 = turns.iter().map(|turn| count(&turn.latencies)).sum();
    (answers > 0.0).then_some(milliseconds(spent?) / answers)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no turn has as many answers as a double has integers"
)]
fn count(latencies: &Latencies) -> f64 {
    latencies.len() as f64
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A turn that is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    began: Instant,
    cpu: Option<Duration>,
    until: Instant,
}

/// The server's process.
#[derive(Debug)]
pub(crate) struct Process {
    stat: String,
}

impl Process {
    pub(crate) fn new(pid: u32) -> Self {
        Self {
            stat: format!("/proc/{pid}/stat"),
        }
    }

    /// User and system time of all its threads so far.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        let ticks = ticks(&std::fs::read_to_string(&self.stat).ok()?)?;
        let per_second = rustix::param::clock_ticks_per_second();
        Some(Duration::from_millis(ticks * 1000 / per_second))
    }

    pub(crate) fn begin(&self, turn: Duration) -> Turn {
        let began = now();
        Turn {
            began,
            cpu: self.cpu(),
            until: began + turn,
        }
    }

    pub(crate) fn end(&self, turn: Turn, latencies: Latencies) -> Measured {
        let cpu = self.cpu().zip(turn.cpu);
        Measured {
            elapsed: turn.began.elapsed(),
            latencies,
            cpu: cpu.map(|(after, before)| after.saturating_sub(before)),
        }
    }
}

impl Turn {
    pub(crate) fn is_over(&self) -> bool {
        now() >= self.until
    }
}

/// proc_pid_stat(5): utime and stime are the 14th and 15th field; the second is a name in
/// parentheses, which may hold spaces.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut field = || fields.next()?.parse::<u64>().ok();
    Some(field()? + field()?)
}

#[expect(clippy::disallowed_methods, reason = "the clock is what is read here")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// No answer takes longer, as far as a table can tell.
const LONGEST: u64 = 60_000_000;

/// No latencies yet; three digits of each will be kept.
pub(crate) fn latencies() -> Result<Latencies, Unmeasured> {
    Ok(Histogram::new_with_max(LONGEST, 3)?)
}

/// Waits for an answer and records how long that took.
pub(crate) async fn record<T>(latencies: &mut Latencies, answer: impl Future<Output = T>) -> T {
    let asked = now();
    let answer = answer.await;
    let micros = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
    latencies.saturating_record(micros);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_process_is_found_behind_any_name() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 3 4 20 0 9 0 100";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("7 (postern) S 1"), None);
    }

    #[test]
    fn this_process_takes_time() {
        let process = Process::new(std::process::id());
        let turn = process.begin(Duration::from_secs(60));
        while process.cpu() == turn.cpu {
            std::hint::black_box((0..100_000_u64).sum::<u64>());
        }
        let mut latencies = latencies().unwrap();
        latencies.saturating_record(1500);
        latencies.saturating_record(1500);
        let measured = process.end(turn, latencies);
        assert!((measured.latency(0.5) - 1.5).abs() < 0.01, "{measured:?}");
        let cpu = cpu(&[measured.clone(), measured]);
        assert!(cpu.is_some_and(|cpu| cpu >= 5.0), "{cpu:?}");
    }
}

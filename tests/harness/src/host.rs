//! A host under test: `postern up`, or `spin up` when `POSTERN_SPIN` names a Spin binary.
//!
//! *Invariant:* no host outlives the test process, and none listens beyond loopback.

mod build;
mod options;
mod output;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub use build::{build, probes};
pub use options::{Kind, Options};
use output::{Output, Started};

/// The first start on a machine compiles every component.
const START: Duration = Duration::from_secs(120);
const STOP: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// Why there is no host.
#[derive(Debug, thiserror::Error)]
pub enum StartFailed {
    /// The process could not be made.
    #[error("{program} does not start: {source}")]
    Spawn {
        /// What was to be run.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The process ended before it served; this is what a refusal looks like.
    #[error("the host ended with {status}:\n{output}")]
    Ended {
        /// Its exit status.
        status: ExitStatus,
        /// Everything it printed.
        output: String,
    },
    /// The process runs and serves nothing.
    #[error("the host does not serve after {} seconds:\n{output}", START.as_secs())]
    Silent {
        /// Everything it printed.
        output: String,
    },
}

/// A running host; dropping it ends the process.
#[derive(Debug)]
pub struct Host {
    child: Child,
    watchdog: Child,
    address: SocketAddr,
    output: Output,
    state_dir: PathBuf,
    /// Holds what the options did not place themselves; removed with the host.
    _scratch: TempDir,
}

impl Host {
    /// Starts a host and waits until it serves. `postern` is the binary that Cargo built
    /// (`env!("CARGO_BIN_EXE_postern")`).
    ///
    /// # Errors
    /// [`StartFailed::Ended`] carries what the host says about a refused manifest or setting.
    pub fn start(postern: impl AsRef<Path>, options: &Options) -> Result<Self, StartFailed> {
        let kind = Kind::of_this_run();
        let program = kind.program(postern.as_ref());
        let failed = |source| StartFailed::Spawn {
            program: program.clone(),
            source,
        };
        let scratch = TempDir::new().map_err(failed)?;
        let state_dir = options
            .state_dir
            .clone()
            .unwrap_or_else(|| scratch.path().join("state"));
        let mut command = Command::new(&program);
        options
            .apply(&mut command, &state_dir, scratch.path())
            .and_then(|()| Ok(command.arg("--listen").arg(listen(&kind)?.to_string())))
            .map_err(failed)?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let watchdog = watchdog(child.id()).map_err(failed)?;
        let (output, started) = Output::of(&mut child);
        let mut host = Self {
            child,
            watchdog,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            output,
            state_dir,
            _scratch: scratch,
        };
        match started.recv_timeout(START) {
            Ok(Started::Serving(address)) => host.address = address,
            Ok(Started::Ended) => {
                let status = host.child.wait().map_err(failed)?;
                return Err(StartFailed::Ended {
                    status,
                    output: host.output.whole(),
                });
            }
            Err(_) => {
                return Err(StartFailed::Silent {
                    output: host.output.text(),
                });
            }
        }
        Ok(host)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path that starts with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The id of the serving process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it keeps its stores.
    #[must_use]
    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// Everything it printed so far.
    #[must_use]
    pub fn output(&self) -> String {
        self.output.text()
    }

    /// The memory that is resident, where the system tells (Linux).
    #[must_use]
    pub fn resident_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    }

    /// Asks the process to end (SIGTERM) and returns at once.
    pub fn terminate(&self) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // A process that has ended already is what was asked for.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    /// Asks the process to end and waits until it has.
    ///
    /// # Errors
    /// When it does not end in time; it is killed then.
    pub fn stop(self) -> io::Result<ExitStatus> {
        self.terminate();
        self.wait()
    }

    /// Waits until the process has ended, as it was asked to.
    ///
    /// # Errors
    /// When it does not end in time; it is killed then.
    pub fn wait(mut self) -> io::Result<ExitStatus> {
        for _ in 0..STOP.as_millis() / POLL.as_millis() {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(POLL);
        }
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the host does not end",
        ))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Both may have ended; there is nothing to do about it here.
        let _ = self.child.kill().and_then(|()| self.child.wait());
        let _ = self.watchdog.kill().and_then(|()| self.watchdog.wait());
    }
}

/// Postern picks a free port by itself; for Spin one is found first.
fn listen(kind: &Kind) -> io::Result<SocketAddr> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    match kind {
        Kind::Postern => Ok(any),
        Kind::Spin(_) => TcpListener::bind(any)?.local_addr(),
    }
}

/// Statics are never dropped, so a host shared by tests needs somebody who sees this process end:
/// the pipe closes, however that happened.
fn watchdog(pid: u32) -> io::Result<Child> {
    Command::new("sh")
        .args([
            "-c",
            "cat >/dev/null; kill -KILL \"$0\" 2>/dev/null",
            &pid.to_string(),
        ])
        .stdin(Stdio::piped())
        .spawn()
}

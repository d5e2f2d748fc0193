//! A thousand streams over HTTP with SSE that wait, and what waiting costs.
//!
//! *Invariant:* between the first stream and the last, ordinary calls are served: a stream that
//! pinned what serves them would show as memory.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use harness::events::Events;
use harness::{HttpWeb, Streaming as _, Web as _, World};
use http::{Request, StatusCode, header};
use serde_json::json;
use tokio::runtime;
use tokio::time::sleep;

use crate::application::Application;
use crate::measure::{Process, Unmeasured, milliseconds, now};
use crate::table::mib;

const STREAMS: usize = 1000;
/// Streams that are opened at once, with as many calls beside each.
const AT_ONCE: usize = 10;
const CALLS: usize = 10;
/// So many streams are told something, one after the other.
const TOLD: usize = 50;

/// Nobody is at work any more.
const SETTLED: Duration = Duration::from_secs(11);
const WATCHED: Duration = Duration::from_secs(20);

// What was promised.
const MOST_MIB: f64 = 250.0;
const MOST_PERCENT: f64 = 5.0;
const MOST_MILLISECONDS: f64 = 2000.0;

/// What was found.
#[derive(Debug)]
pub struct Streams {
    resident: Option<u64>,
    cpu: Option<Duration>,
    slowest: Duration,
}

/// An open stream, and where its client posts.
struct Session {
    events: Events,
    endpoint: String,
}

/// Opens a thousand streams, watches them idle, and tells some of them something.
///
/// # Errors
/// When something does not build, start, or answer as expected.
pub fn idle_streams() -> Result<Streams, Unmeasured> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Unmeasured::System("the runtime", error))?;
    let application = Application::start()?;
    runtime.block_on(measure(&application))
}

async fn measure(application: &Application) -> Result<Streams, Unmeasured> {
    let host = application.host();
    let process = Process::new(host.pid());
    let issuer = format!("http://localhost:{}", host.address().port());
    let world = World::new(HttpWeb::new(issuer)).await;
    let token = world.tokens("ada").await.access;
    let mut sessions = Vec::new();
    while sessions.len() < STREAMS {
        let calls = (0..AT_ONCE * CALLS).map(|_| post(&world.web, "/mcp", &token, StatusCode::OK));
        let streams = (0..AT_ONCE).map(|_| open(&world.web, &token));
        for called in join_all(calls).await {
            called?;
        }
        for stream in join_all(streams).await {
            sessions.push(stream?);
        }
    }
    sleep(SETTLED).await;
    let before = process.cpu();
    sleep(WATCHED).await;
    let after = process.cpu();
    let mut slowest = Duration::ZERO;
    for session in sessions.iter_mut().step_by(STREAMS / TOLD) {
        let asked = now();
        post(&world.web, &session.endpoint, &token, StatusCode::ACCEPTED).await?;
        session.events.message().await;
        slowest = slowest.max(asked.elapsed());
    }
    Ok(Streams {
        resident: host.resident_bytes(),
        cpu: after
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before)),
        slowest,
    })
}

async fn open(web: &HttpWeb, token: &str) -> Result<Session, Unmeasured> {
    let request = Request::get("/sse")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Bytes::new())
        .map_err(Unmeasured::Request)?;
    let answer = web.open(request).await;
    let status = answer.status();
    if status != StatusCode::OK {
        return Err(Unmeasured::Answer {
            case: "a stream",
            status,
            body: String::new(),
        });
    }
    let mut events = answer.into_body();
    let endpoint = events.next().await.data;
    Ok(Session { events, endpoint })
}

async fn post(
    web: &HttpWeb,
    endpoint: &str,
    token: &str,
    expected: StatusCode,
) -> Result<(), Unmeasured> {
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "add", "arguments": {"a": 23, "b": 19}},
    });
    let request = Request::post(endpoint)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(message.to_string()))
        .map_err(Unmeasured::Request)?;
    let answer = web.send(request).await;
    if answer.status() == expected {
        return Ok(());
    }
    Err(Unmeasured::Answer {
        case: "a message",
        status: answer.status(),
        body: String::from_utf8_lossy(answer.body()).into_owned(),
    })
}

impl fmt::Display for Streams {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |cpu: Duration| 100.0 * cpu.as_secs_f64() / WATCHED.as_secs_f64();
        for (what, found, most) in [
            ("resident, MiB", self.resident.map(mib), MOST_MIB),
            (
                "of a core when idle, %",
                self.cpu.map(percent),
                MOST_PERCENT,
            ),
            (
                "slowest answer, ms",
                Some(milliseconds(self.slowest)),
                MOST_MILLISECONDS,
            ),
        ] {
            let verdict = match found {
                Some(found) if found <= most => "met",
                Some(_) => "missed",
                None => "not told by this system",
            };
            let found = found.map_or_else(|| "-".to_owned(), |found| format!("{found:.1}"));
            writeln!(
                out,
                "{STREAMS} streams, {what} <= {most:<10}{found:>10}  {verdict}"
            )?;
        }
        Ok(())
    }
}

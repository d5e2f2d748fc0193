//! Faults that are none of OAuth's, laid over a true answer.

use bytes::Bytes;

use crate::answer::{Answer, When};
use crate::endpoint::Endpoint;
use crate::quirk::{Fault, Quirk};
use crate::state::State;

/// Where a redirect leads that nobody should follow.
pub(crate) const ELSEWHERE: &str = "/elsewhere";
const MIB: usize = 1024 * 1024;

/// The fault of an endpoint, if it is due.
pub(crate) fn of(state: &mut State, endpoint: Endpoint) -> Option<Fault> {
    state.due(|quirk| match quirk {
        Quirk::Broken(broken, fault) if *broken == endpoint => Some(fault.clone()),
        _ => None,
    })
}

/// An answer with a fault.
pub(crate) fn lay(fault: &Fault, base: &str, answer: Answer) -> Answer {
    let retry = |status, text, seconds: &u32| {
        Answer::page(status, text).header("retry-after", seconds.to_string())
    };
    match fault {
        Fault::InternalError => Answer::page(500, "Internal Server Error"),
        Fault::Unavailable(seconds) => retry(503, "Service Unavailable", seconds),
        Fault::TooManyRequests(seconds) => retry(429, "Too Many Requests", seconds),
        Fault::Slow(time) => Answer {
            when: When::After(*time),
            ..answer
        },
        Fault::Silent => Answer {
            when: When::Never,
            ..answer
        },
        Fault::Huge => Answer {
            body: padded(&answer.body),
            ..answer
        },
        Fault::NotJson => Answer::page(200, "We will be back soon"),
        Fault::Redirect => Answer::redirect(format!("{base}{ELSEWHERE}")),
    }
}

/// The same JSON, after much space.
fn padded(body: &Bytes) -> Bytes {
    let mut padded = vec![b' '; MIB];
    padded.extend_from_slice(body);
    padded.into()
}

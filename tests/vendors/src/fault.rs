//! Faults that are none of OAuth's.
//!
//! *Invariant:* a request that is not answered truly was not obeyed: its code or refresh token is
//! as good as before.

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

/// What is answered instead of doing what was asked, if this is such a fault.
pub(crate) fn instead(fault: &Fault, base: &str) -> Option<Answer> {
    let retry = |status, text, seconds: &u32| {
        Answer::page(status, text).header("retry-after", seconds.to_string())
    };
    Some(match fault {
        Fault::InternalError => Answer::page(500, "Internal Server Error"),
        Fault::Unavailable(seconds) => retry(503, "Service Unavailable", seconds),
        Fault::TooManyRequests(seconds) => retry(429, "Too Many Requests", seconds),
        Fault::Silent => Answer {
            when: When::Never,
            ..Answer::page(500, "Never sent")
        },
        Fault::NotJson => Answer::page(200, "We will be back soon"),
        Fault::Redirect => Answer::redirect(format!("{base}{ELSEWHERE}")),
        Fault::Slow(_) | Fault::Huge => return None,
    })
}

/// A true answer, with a fault that one can lay over it.
pub(crate) fn lay(fault: &Fault, answer: Answer) -> Answer {
    match fault {
        Fault::Slow(time) => Answer {
            when: When::After(*time),
            ..answer
        },
        Fault::Huge => Answer {
            body: padded(&answer.body),
            ..answer
        },
        _ => answer,
    }
}

/// The same JSON, after much space.
fn padded(body: &Bytes) -> Bytes {
    let mut padded = vec![b' '; MIB];
    padded.extend_from_slice(body);
    padded.into()
}

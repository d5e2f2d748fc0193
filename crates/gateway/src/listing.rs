//! What all lists over several servers have in common.
//!
//! *Invariant:* one server that fails hides nothing of the others; nothing to show at all is a
//! failure.

use host::{Audit, Event};
use mcp::{Refused, Request};

use crate::exchange::Exchange;

/// Our lists have one page, so no cursor was ever given out.
pub(crate) fn one_page(request: &Request<'_>) -> Result<(), Refused> {
    match request.params.cursor {
        None => Ok(()),
        Some(_) => Err(Refused::CursorUnknown),
    }
}

/// The lists of those servers that answered.
pub(crate) fn of_who_answers<H: Audit, T>(
    exchange: &Exchange<'_, H>,
    found: Vec<Result<T, Refused>>,
) -> Result<Vec<T>, Refused> {
    let mut lists = Vec::new();
    let mut failure = None;
    for list in found {
        match list {
            Ok(list) => lists.push(list),
            Err(refused) => {
                let event = Event::new("server.failed").because(&refused);
                exchange.host.record(event);
                failure = Some(refused);
            }
        }
    }
    match failure {
        Some(refused) if lists.is_empty() => Err(refused),
        Some(_) | None => Ok(lists),
    }
}

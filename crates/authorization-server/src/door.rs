//! What a person sees whose request no flow gets to see.
//!
//! *Invariant:* it is a page like any other, with the headers of one.

use bytes::Bytes;
use http::{Response, StatusCode};
use pages::{Advice, Refusal};

/// The page of a request that is too large, does not read, or meets a server without settings.
#[must_use]
pub fn page(status: StatusCode, reason: &str) -> Response<Bytes> {
    let (title, advice) = match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            ("This server is not set up yet", Advice::TellTheOperator)
        }
        _ => ("This sign-in cannot go on", Advice::StartAgain),
    };
    let refusal = Refusal {
        title,
        happened: reason,
        advice,
        flow: None,
    };
    pages::refusal(status, &refusal)
}

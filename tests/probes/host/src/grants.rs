//! What the manifest gives a component: variables, files, an environment.
//!
//! *Invariant:* a refusal is shown as the host worded it.

use http::StatusCode;
use spin_sdk::{http::Request, variables};

use crate::answer::{self, Answer, parameter};

/// A variable of this component.
pub(crate) async fn variable(request: &Request) -> Answer {
    let name = parameter(request, "name").unwrap_or_default();
    match variables::get(name).await {
        Ok(value) => answer::text(StatusCode::OK, value),
        Err(error) => answer::text(StatusCode::NOT_FOUND, format!("{error:?}")),
    }
}

/// A file by its path.
pub(crate) fn read(request: &Request) -> Answer {
    match std::fs::read(parameter(request, "path").unwrap_or_default()) {
        Ok(bytes) => answer::text(StatusCode::OK, bytes),
        Err(error) => answer::text(StatusCode::NOT_FOUND, error.to_string()),
    }
}

/// Writes a file by its path.
pub(crate) fn write(request: &Request) -> Answer {
    match std::fs::write(parameter(request, "path").unwrap_or_default(), "changed") {
        Ok(()) => answer::text(StatusCode::OK, "written"),
        Err(error) => answer::text(StatusCode::FORBIDDEN, error.to_string()),
    }
}

/// The names in the process environment.
pub(crate) fn environment() -> Answer {
    answer::json(&std::env::vars().map(|(name, _)| name).collect::<Vec<_>>())
}

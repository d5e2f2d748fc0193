//! What is wrong with a value, in words for whoever has to put it right.
//!
//! *Invariant:* a value that was sent is never repeated.

use boon::{ErrorKind, ValidationError};

/// The faults at the bottom of an error, in the order they were found.
pub(super) fn collect(error: &ValidationError<'_, '_>, faults: &mut Vec<String>) {
    for cause in &error.causes {
        collect(cause, faults);
    }
    if error.causes.is_empty() {
        let place = error.instance_location.to_string();
        let place = place.trim_start_matches('/').replace('/', ".");
        let words = words(&error.kind);
        let fault = if place.is_empty() {
            words
        } else {
            format!("`{place}` {words}")
        };
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
}

fn words(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::AdditionalProperties { got } => {
            format!("has what it must not have: {}", quoted(got))
        }
        ErrorKind::Const { want } => format!("must be {want}"),
        ErrorKind::Enum { want } => {
            let want: Vec<String> = want.iter().map(ToString::to_string).collect();
            format!("must be one of {}", want.join(", "))
        }
        ErrorKind::ExclusiveMaximum { want, .. } => format!("must be less than {want}"),
        ErrorKind::ExclusiveMinimum { want, .. } => format!("must be more than {want}"),
        ErrorKind::Format { want, .. } => format!("must be of the format {want}"),
        ErrorKind::Maximum { want, .. } => format!("must be {want} at most"),
        ErrorKind::Minimum { want, .. } => format!("must be {want} at least"),
        ErrorKind::MultipleOf { want, .. } => format!("must be a multiple of {want}"),
        ErrorKind::Pattern { want, .. } => format!("must match the pattern {want}"),
        ErrorKind::Required { want } => format!("must have {}", quoted(want)),
        ErrorKind::Type { got, want } => {
            let want: Vec<String> = want.iter().map(|want| want.to_string()).collect();
            format!("must be of type {}, not {got}", want.join(" or "))
        }
        // The others say how many, or which rule of the schema, and nothing of the value.
        other => other.to_string(),
    }
}

fn quoted(names: &[impl AsRef<str>]) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    names.join(", ")
}

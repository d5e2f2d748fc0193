//! Segments of a path that mean another path.
//!
//! *Invariant:* what looks like one to any browser is one here.

/// `.` and `..`, also percent-encoded (URL Standard, single-dot and double-dot URL path segments).
pub(crate) fn is_dot_segment(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    matches!(plain.as_str(), "." | "..")
}

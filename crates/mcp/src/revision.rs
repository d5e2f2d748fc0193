//! Revisions of the protocol, and the two eras they fall into.
//!
//! *Invariant:* a revision is one we serve; a date we do not know stays text.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A revision of the protocol that this server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Revision {
    /// HTTP+SSE, which old libraries still ask for over Streamable HTTP.
    #[serde(rename = "2024-11-05")]
    V2024_11_05,
    /// Streamable HTTP, with batches and without a version header.
    #[serde(rename = "2025-03-26")]
    V2025_03_26,
    /// No more batches; a version header; structured output.
    #[serde(rename = "2025-06-18")]
    V2025_06_18,
    /// The last one that begins with `initialize`.
    #[serde(rename = "2025-11-25")]
    V2025_11_25,
    /// Stateless: every request says for itself what it needs.
    #[serde(rename = "2026-07-28")]
    V2026_07_28,
}

/// Whether a message belongs to a session that began with `initialize`, or stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// Up to 2025-11-25.
    Legacy,
    /// From 2026-07-28.
    Modern,
}

impl Revision {
    /// What is advertised, newest first.
    ///
    /// 2024-11-05 is answered where a client asks for it, and never offered: its own transport is
    /// another one.
    pub const ADVERTISED: [Self; 4] = [
        Self::V2026_07_28,
        Self::V2025_11_25,
        Self::V2025_06_18,
        Self::V2025_03_26,
    ];

    const ALL: [Self; 5] = [
        Self::V2024_11_05,
        Self::V2025_03_26,
        Self::V2025_06_18,
        Self::V2025_11_25,
        Self::V2026_07_28,
    ];

    /// What a client speaks that does not say (2025-06-18, Transports, Protocol Version Header).
    pub const ASSUMED: Self = Self::V2025_03_26;

    const LATEST_LEGACY: Self = Self::V2025_11_25;

    /// The revision of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|revision| revision.as_str() == text)
    }

    /// The revision's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// The era it falls into.
    #[must_use]
    pub const fn era(self) -> Era {
        match self {
            Self::V2024_11_05 | Self::V2025_03_26 | Self::V2025_06_18 | Self::V2025_11_25 => {
                Era::Legacy
            }
            Self::V2026_07_28 => Era::Modern,
        }
    }

    /// Whether a body may be an array of messages: 2025-06-18 removed that.
    #[must_use]
    pub const fn has_batches(self) -> bool {
        matches!(self, Self::V2024_11_05 | Self::V2025_03_26)
    }

    /// What `initialize` answers to a client that asks for `wanted` (Lifecycle, Version
    /// Negotiation): the same if we speak it, else the latest that has an `initialize` at all.
    #[must_use]
    pub fn negotiate(wanted: &str) -> Self {
        Self::parse(wanted)
            .filter(|revision| revision.era() == Era::Legacy)
            .unwrap_or(Self::LATEST_LEGACY)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Whether `text` is a date of the modern era, known to us or not.
pub(crate) fn is_modern_date(text: &str) -> bool {
    let date = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    // Dates in this form sort as text.
    date && text >= Revision::V2026_07_28.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_the_revision_it_asks_for_or_the_latest_that_can_be_initialized() {
        for (wanted, answered) in [
            ("2024-11-05", "2024-11-05"),
            ("2025-03-26", "2025-03-26"),
            ("2025-06-18", "2025-06-18"),
            ("2025-11-25", "2025-11-25"),
            ("2026-07-28", "2025-11-25"),
            ("2099-01-01", "2025-11-25"),
            ("1.0", "2025-11-25"),
        ] {
            assert_eq!(Revision::negotiate(wanted).as_str(), answered, "{wanted}");
        }
    }

    #[test]
    fn only_dates_from_the_first_modern_one_are_modern() {
        for (text, modern) in [
            ("2026-07-28", true),
            ("2027-01-01", true),
            ("2026-07-27", false),
            ("2025-11-25", false),
            ("DRAFT-2026", false),
            ("zzzz-zz-zz", false),
            ("2026-07-281", false),
            ("", false),
        ] {
            assert_eq!(is_modern_date(text), modern, "{text}");
        }
    }

    #[test]
    fn a_name_reads_back_and_serializes_as_itself() {
        for revision in Revision::ALL {
            assert_eq!(Revision::parse(revision.as_str()), Some(revision));
            let json = format!("\"{revision}\"");
            assert_eq!(serde_json::to_string(&revision).unwrap(), json);
            assert_eq!(serde_json::from_str::<Revision>(&json).unwrap(), revision);
        }
    }
}

//! A request's body that has not been read yet, as a port.
//!
//! *Invariant:* nobody's body is read before it is known that they may send one.

use bytes::Bytes;

/// Why a body is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyRefused {
    /// Larger than the endpoint takes.
    #[error("the body is larger than this endpoint takes")]
    TooLarge,
    /// It broke off.
    #[error("the body could not be read")]
    Unreadable,
}

/// A body on its way.
pub trait Body {
    /// All of it, if it is at most `limit` bytes; of a larger one no more than that is read.
    async fn whole(self, limit: usize) -> Result<Bytes, BodyRefused>;
}

impl Body for Bytes {
    async fn whole(self, limit: usize) -> Result<Self, BodyRefused> {
        if self.len() > limit {
            Err(BodyRefused::TooLarge)
        } else {
            Ok(self)
        }
    }
}

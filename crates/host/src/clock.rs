//! The time, as a port.
//!
//! *Invariant:* this is the only way a flow learns what time it is.

use std::time::Duration;

use oauth::Timestamp;

/// A clock that all instances of a deployment share to within seconds.
pub trait Clock {
    /// The moment. It may step back; nobody may be signed out by that.
    fn now(&self) -> Timestamp;

    /// Lets others go on for about this long.
    async fn pause(&self, time: Duration);
}

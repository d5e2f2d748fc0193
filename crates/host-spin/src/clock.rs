//! The host's wall clock.

use std::time::SystemTime;

use host::Clock;
use oauth::Timestamp;

use crate::SpinHost;

impl Clock for SpinHost {
    #[expect(clippy::disallowed_methods, reason = "this is the port itself")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

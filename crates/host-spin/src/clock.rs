//! The host's wall clock.

use std::time::{Duration, SystemTime};

use host::Clock;
use oauth::Timestamp;
use spin_sdk::wasip3::clocks::monotonic_clock;

use crate::SpinHost;

impl Clock for SpinHost {
    #[expect(clippy::disallowed_methods, reason = "this is the port itself")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    async fn pause(&self, time: Duration) {
        monotonic_clock::wait_for(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)).await;
    }
}

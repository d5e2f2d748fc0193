//! Files that the manifest mounts, through the standard library.

use host::Configuration;

use crate::SpinHost;

impl Configuration for SpinHost {
    async fn file(&self, path: &str) -> Option<String> {
        // Files are mounted before the first request, so this waits for no device.
        std::fs::read_to_string(path)
            .inspect_err(|error| eprintln!("{path}: {error}"))
            .ok()
    }
}

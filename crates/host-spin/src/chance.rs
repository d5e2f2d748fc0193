//! The host's random bytes (`wasi:random`).

use host::Entropy;

use crate::SpinHost;

impl Entropy for SpinHost {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Without randomness nothing safe can be answered: the host turns this into a 500.
            std::process::abort();
        }
    }
}

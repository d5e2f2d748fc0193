//! Randomness, as a port.
//!
//! *Invariant:* this is the only way a flow gets a random byte.

/// A source nobody can predict.
pub trait Entropy {
    /// Fills `bytes`. A host that cannot must end the request rather than return.
    fn fill(&self, bytes: &mut [u8]);

    /// So many random bytes.
    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

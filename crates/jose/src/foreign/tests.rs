//! Tokens and key sets of others, good and bad.

mod sets;
mod signer;
mod tokens;

//! The keys of an application: one per purpose, derived from a master that nobody keeps.
//!
//! *Invariant:* a key is never printed, and none is made where an operator provides them.

mod dev;
mod env_file;
mod purposes;
mod ring;

pub(crate) use dev::load_or_create;
pub(crate) use env_file::EnvFile;
pub(crate) use purposes::DEV_KEY;
pub(crate) use ring::KeySet;

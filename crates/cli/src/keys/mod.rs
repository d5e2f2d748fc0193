//! The keys of an application: one per purpose, derived from a master that nobody keeps.
//!
//! *Invariant:* a key is never printed, and none is made where an operator provides them.

mod command;
mod dev;
mod env_file;
mod held;
mod keyring;
mod purposes;
mod records;
mod report;
mod ring;
mod steps;
#[cfg(test)]
mod tests;

pub(crate) use command::run;
pub(crate) use dev::load_or_create;
pub(crate) use env_file::{EnvFile, env_name};
pub(crate) use purposes::{DEV_KEY, purpose_names};
pub(crate) use ring::KeySet;

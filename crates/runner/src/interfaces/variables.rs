//! `spin:variables@3.0.0` and its WASI 0.2 predecessor.
//!
//! *Invariant:* a component reads its own names only.

use wasmtime::component::Accessor;

use super::Data;
use crate::{
    bindings::{variables, variables_p2},
    guest::{Grants, Guest},
};

impl Grants {
    fn variable(&self, name: &str) -> Result<String, variables::Error> {
        let lowercase = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(lowercase) {
            return Err(variables::Error::InvalidName(format!(
                "{name:?}: use lower-case letters, digits and _"
            )));
        }
        let undefined = || {
            variables::Error::Undefined(format!("no variable for {:?}.{name:?}", self.component))
        };
        self.variables.get(name).cloned().ok_or_else(undefined)
    }
}

impl variables::Host for Guest {
    fn convert_error(&mut self, error: variables::Error) -> wasmtime::Result<variables::Error> {
        Ok(error)
    }
}

impl variables::HostWithStore<Guest> for Data {
    async fn get(
        accessor: &Accessor<Guest, Self>,
        name: String,
    ) -> Result<String, variables::Error> {
        accessor.with(|mut access| access.get().grants.variable(&name))
    }
}

impl variables_p2::Host for Guest {
    async fn get(&mut self, name: String) -> Result<String, variables_p2::Error> {
        self.grants.variable(&name).map_err(|error| match error {
            variables::Error::InvalidName(reason) => variables_p2::Error::InvalidName(reason),
            variables::Error::Undefined(reason) => variables_p2::Error::Undefined(reason),
            variables::Error::Provider(reason) => variables_p2::Error::Provider(reason),
            variables::Error::Other(reason) => variables_p2::Error::Other(reason),
        })
    }

    fn convert_error(
        &mut self,
        error: variables_p2::Error,
    ) -> wasmtime::Result<variables_p2::Error> {
        Ok(error)
    }
}

//! The host's side of the interfaces in `wit/`.
//!
//! *Invariant:* a store, database or variable that the manifest does not grant is refused.

mod key_value;
mod sqlite;
mod variables;

use wasmtime::component::{HasSelf, Linker};

use crate::{bindings, guest::Guest};

/// The name under which a composed dependency's environment is imported: an empty one.
pub(crate) const ISOLATED_ENVIRONMENT: &str = "postern:isolated/environment";

/// How the generated code finds its data in a store.
type Data = HasSelf<Guest>;

/// Adds everything that a component may import.
pub(crate) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi::p3::add_to_linker(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    wasmtime_wasi_http::p3::add_to_linker(linker)?;
    bindings::key_value::add_to_linker::<_, Data>(linker, |guest| guest)?;
    bindings::sqlite::add_to_linker::<_, Data>(linker, |guest| guest)?;
    bindings::variables::add_to_linker::<_, Data>(linker, |guest| guest)?;
    bindings::key_value_p2::add_to_linker::<_, Data>(linker, |guest| guest)?;
    bindings::variables_p2::add_to_linker::<_, Data>(linker, |guest| guest)?;

    let mut environment = linker.instance(&format!("{ISOLATED_ENVIRONMENT}@0.2.0"))?;
    environment.func_wrap("get-environment", |_, (): ()| {
        Ok((Vec::<(String, String)>::new(),))
    })?;
    environment.func_wrap("get-arguments", |_, (): ()| Ok((Vec::<String>::new(),)))?;
    environment.func_wrap("initial-cwd", |_, (): ()| Ok((None::<String>,)))
}

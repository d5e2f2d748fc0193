//! The interfaces beyond WASI, generated from `wit/`.
//!
//! *Invariant:* an error of these interfaces is a value for the guest, never a trap.

mod generated {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "postern:runner/host",
        imports: { default: async | trappable },
        with: {
            "spin:key-value/key-value.store": crate::key_value::OpenStore,
            "spin:sqlite/sqlite.connection": crate::sqlite::Connection,
            "fermyon:spin/key-value.store": crate::key_value::OpenStore,
        },
        trappable_error_type: {
            "spin:key-value/key-value.error" => spin::key_value::key_value::Error,
            "spin:sqlite/sqlite.error" => spin::sqlite::sqlite::Error,
            "spin:variables/variables.error" => spin::variables::variables::Error,
            "fermyon:spin/key-value.error" => fermyon::spin::key_value::Error,
            "fermyon:spin/variables.error" => fermyon::spin::variables::Error,
        },
    });
}

pub(crate) use generated::{
    fermyon::spin::{key_value as key_value_p2, variables as variables_p2},
    spin::{key_value::key_value, sqlite::sqlite, variables::variables},
};

//! JSON Schema 2020-12, by the crate `boon`.
//!
//! *Invariant:* nothing is fetched: a `$ref` that leaves the schema makes it no schema (2026-07-28,
//! Tools, Security Considerations).

mod fault;

use std::error::Error;
use std::fmt;

use boon::{Compiler, Draft, SchemaIndex, Schemas, UrlLoader};
use serde_json::Value;

/// More than this nobody reads.
const MOST_FAULTS: usize = 5;

/// Where a schema is to itself, so that what it refers to within is found.
const HERE: &str = "schema:/itself";

/// A schema that values can be held against.
pub(crate) struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

/// Text or value that is no schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON Schema that stands by itself")]
pub(crate) struct NoSchema;

/// There is nothing but the schema.
struct Nowhere;

impl UrlLoader for Nowhere {
    fn load(&self, _url: &str) -> Result<Value, Box<dyn Error>> {
        Err(NoSchema.into())
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Schema(…)")
    }
}

impl Schema {
    pub(crate) fn of(schema: &Value) -> Result<Self, NoSchema> {
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.use_loader(Box::new(Nowhere));
        let added = compiler.add_resource(HERE, schema.clone());
        added.map_err(|_| NoSchema)?;
        let mut schemas = Schemas::new();
        let index = compiler.compile(HERE, &mut schemas).map_err(|_| NoSchema)?;
        Ok(Self { schemas, index })
    }

    /// What is wrong with `value`, in sentences that name the place and what must be there.
    pub(crate) fn check(&self, value: &Value) -> Result<(), Vec<String>> {
        let Err(error) = self.schemas.validate(value, self.index) else {
            return Ok(());
        };
        let mut faults = Vec::new();
        fault::collect(&error, &mut faults);
        faults.truncate(MOST_FAULTS);
        Err(faults)
    }
}

#[cfg(test)]
mod tests;

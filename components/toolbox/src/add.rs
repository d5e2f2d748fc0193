//! `add`: the sum of two numbers.

use crate::arguments::Arguments;
use crate::tool::{Caller, NUMBER_SCHEMA, Outcome, Tool};

pub(crate) const TOOL: Tool = Tool {
    name: "add",
    title: "Add",
    description: "Adds two numbers.",
    input_schema: r#"{"type":"object","properties":{"a":{"type":"number","description":"The first number"},"b":{"type":"number","description":"The second number"}},"required":["a","b"]}"#,
    output_schema: Some(NUMBER_SCHEMA),
    call: add,
};

fn add(_: &Caller, arguments: &str) -> Result<Outcome, String> {
    let arguments = Arguments::read(arguments)?;
    Outcome::number(arguments.number("a")? + arguments.number("b")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_three_and_nineteen_are_forty_two() {
        let outcome = add(&Caller::default(), r#"{"a":23,"b":19}"#).unwrap();
        assert_eq!(outcome.text, "42");
        assert_eq!(outcome.structured.as_deref(), Some(r#"{"result":42}"#));
    }
}

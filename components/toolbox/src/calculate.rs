//! `calculate`: one of the four operations on two numbers.

use crate::arguments::Arguments;
use crate::tool::{Caller, NUMBER_SCHEMA, Outcome, Tool};

pub(crate) const TOOL: Tool = Tool {
    name: "calculate",
    title: "Calculate",
    description: "Adds, subtracts, multiplies or divides two numbers.",
    input_schema: r#"{"type":"object","properties":{"operation":{"type":"string","enum":["add","subtract","multiply","divide"],"description":"What to do with the numbers"},"a":{"type":"number","description":"The first number"},"b":{"type":"number","description":"The second number"}},"required":["operation","a","b"]}"#,
    output_schema: Some(NUMBER_SCHEMA),
    call: calculate,
};

type Operation = fn(f64, f64) -> f64;

const OPERATIONS: [(&str, Operation); 4] = [
    ("add", |a, b| a + b),
    ("subtract", |a, b| a - b),
    ("multiply", |a, b| a * b),
    ("divide", |a, b| a / b),
];

fn calculate(_: &Caller, arguments: &str) -> Result<Outcome, String> {
    let arguments = Arguments::read(arguments)?;
    let operation = arguments.choice("operation", &OPERATIONS)?;
    let (a, b) = (arguments.number("a")?, arguments.number("b")?);
    let result = operation(a, b);
    // Division alone turns finite numbers into none by something other than their size.
    if b == 0.0 && !result.is_finite() {
        return Err("Error: Cannot divide by zero".to_owned());
    }
    Outcome::number(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_operations_and_what_they_refuse() {
        let told = |json: &str| calculate(&Caller::default(), json).map(|outcome| outcome.text);
        for (json, expected) in [
            (r#"{"operation":"add","a":23,"b":19}"#, Ok("42")),
            (r#"{"operation":"subtract","a":1,"b":0.5}"#, Ok("0.5")),
            (r#"{"operation":"multiply","a":6,"b":7}"#, Ok("42")),
            (r#"{"operation":"divide","a":84,"b":2}"#, Ok("42")),
            (r#"{"operation":"multiply","a":6,"b":0}"#, Ok("0")),
            (
                r#"{"operation":"divide","a":1,"b":0}"#,
                Err("Error: Cannot divide by zero"),
            ),
            (
                r#"{"operation":"divide","a":0,"b":0}"#,
                Err("Error: Cannot divide by zero"),
            ),
            (
                r#"{"operation":"multiply","a":1e308,"b":10}"#,
                Err("Error: The result is too large for a number"),
            ),
            (
                r#"{"operation":"power","a":1,"b":1}"#,
                Err("Error: `operation` must be one of add, subtract, multiply, divide"),
            ),
            (
                r#"{"a":1,"b":1}"#,
                Err("Error: `operation` must be one of add, subtract, multiply, divide"),
            ),
            (
                r#"{"operation":"add","a":1}"#,
                Err("Error: `b` is missing; it must be a number"),
            ),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(told(json), expected, "{json}");
        }
    }
}

//! A tool that goes on as a task, and does then whatever it is told to.

use std::time::Duration;

use host_memory::MemoryHost;
use mcp::{Refused, ToolOutput};
use serde_json::{Map, Value, json};

use crate::{Answer, AsTask, Context, Interrupted, Question, Questions};

const WITHIN: Duration = Duration::from_secs(20);

fn question(message: &str) -> Question {
    let schema = json!({
        "type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}},
    });
    Question::elicit(message, schema)
}

fn number(answer: Option<&Answer>) -> i64 {
    let content = answer.and_then(|answer| answer.accepted()?.get("n")?.as_i64());
    content.unwrap_or_default()
}

pub(super) async fn call(
    context: &Context<MemoryHost>,
    arguments: &Map<String, Value>,
) -> Result<ToolOutput, Interrupted> {
    let what = arguments.get("do").and_then(Value::as_str).unwrap_or("");
    if what == "ask first" {
        let answers = context.ask(Questions::one("a", question("A?")).bound())?;
        context.run_as_task(AsTask::required(WITHIN))?;
        return Ok(ToolOutput::text(number(answers.get("a")).to_string()));
    }
    context.run_as_task(match what {
        "only as a task" => AsTask::required(WITHIN),
        _ => AsTask::optional(WITHIN),
    })?;
    match what {
        "ask" => {
            let both = Questions::one("a", question("A?")).and("b", question("B?"));
            let first = context.ask(both.bound())?;
            let last = context.ask(Questions::one("c", question("C?")))?;
            let answers = [first.get("a"), first.get("b"), last.get("c")];
            let sum: i64 = answers.into_iter().map(number).sum();
            return Ok(ToolOutput::text(sum.to_string()));
        }
        "refuse" => return Err(Refused::Failed("has no more of it").into()),
        "fail" => return Ok(ToolOutput::failure("It went wrong")),
        "never end" => context.sleep(Duration::from_hours(2)).await,
        _ => {
            context.sleep(Duration::from_secs(2)).await;
            context.progress(1.0, 2.0);
            context.sleep(Duration::from_secs(3)).await;
        }
    }
    Ok(ToolOutput::text("done"))
}

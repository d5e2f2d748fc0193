//! A script of key-value calls, given as JSON and run on one store.
//!
//! *Invariant:* every call is reported, the failed ones too.

use serde::Deserialize;
use serde_json::{Value, json};
use spin_sdk::{
    http::{Error, Request, body::IncomingBodyExt},
    key_value::{self, Store},
};

use crate::answer::{self, Answer};

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Step {
    Get { key: String },
    Set { key: String, value: String },
    Delete { key: String },
    Exists { key: String },
    Keys,
}

/// Runs the steps in the body on the store named in the query.
pub(crate) async fn run(request: Request) -> Answer {
    let label = answer::parameter(&request, "store").unwrap_or_else(|| "default".to_owned());
    let body = request.into_body().bytes().await?;
    let steps: Vec<Step> =
        serde_json::from_slice(&body).map_err(|e| Error::other(e.to_string()))?;
    let store = match Store::open(&label).await {
        Ok(store) => store,
        Err(error) => return answer::json(&json!([failed(&error)])),
    };
    let mut outcomes = Vec::new();
    for step in steps {
        outcomes.push(
            perform(&store, step)
                .await
                .unwrap_or_else(|error| failed(&error)),
        );
    }
    answer::json(&outcomes)
}

async fn perform(store: &Store, step: Step) -> Result<Value, key_value::Error> {
    Ok(match step {
        Step::Get { key } => {
            let value = store.get(key).await?;
            json!({ "value": value.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) })
        }
        Step::Set { key, value } => {
            store.set(key, value).await?;
            json!({ "set": true })
        }
        Step::Delete { key } => {
            store.delete(key).await?;
            json!({ "deleted": true })
        }
        Step::Exists { key } => json!({ "exists": store.exists(key).await? }),
        Step::Keys => {
            let mut keys = store.get_keys().await.collect().await?;
            keys.sort();
            json!({ "keys": keys })
        }
    })
}

fn failed(error: &key_value::Error) -> Value {
    json!({ "error": format!("{error:?}") })
}

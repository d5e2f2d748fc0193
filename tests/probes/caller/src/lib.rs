//! Calls the composed toolset by the last segment of the path, and shows its own rights beside.
//!
//! *Invariant:* it adds nothing to what the dependency answers.
#![cfg(target_family = "wasm")]

use bindings::probe::toolset::tools;
use http::{Response, StatusCode, header::CONTENT_LENGTH};
use spin_sdk::http::{FullBody, Request};

mod bindings {
    wit_bindgen::generate!({ world: "caller", path: "../toolset/wit" });
}

const GREETING: &str = "/files/greeting.txt";

#[spin_sdk::http_service]
async fn answer(request: Request) -> Response<FullBody<bytes::Bytes>> {
    let action = request.uri().path().rsplit('/').next().unwrap_or_default();
    let (status, text) = match action {
        "add" => (StatusCode::OK, tools::add(19, 23).await.to_string()),
        "count" => (StatusCode::OK, tools::count().to_string()),
        "trap" => {
            tools::trap();
            (StatusCode::OK, "a trap returned".to_owned())
        }
        "reach" => (StatusCode::OK, format!("{:?}", tools::reach())),
        "own-environment" => (
            StatusCode::OK,
            format!("{:?}", std::env::vars().collect::<Vec<_>>()),
        ),
        "own-file" => (
            StatusCode::OK,
            format!("{:?}", std::fs::read_to_string(GREETING)),
        ),
        _ => (StatusCode::NOT_FOUND, format!("no action named {action}")),
    };
    let length = text.len();
    let mut response = Response::new(FullBody::new(bytes::Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    response
}

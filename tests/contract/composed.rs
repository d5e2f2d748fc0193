//! A component with a dependency plugged in when the application is loaded.

use std::path::Path;

use harness::host::{Host, Options, StartFailed, probes};
use reqwest::StatusCode;

use super::{SHARED, WASM, get, get_by, manifest, start, steady};
use crate::POSTERN;

#[tokio::test]
async fn a_composed_dependency_is_called() {
    assert_eq!(get(&SHARED, "/composed/add").await.text, "42");
}

#[tokio::test]
async fn a_trap_in_a_dependency_is_500_and_the_next_request_is_fine() {
    // Everybody in the instance shares its fate: the shared host's other tests would too.
    let host = start(&probes());
    for _ in 0..3 {
        let reply = get(&host, "/composed/trap").await;
        assert_eq!(
            (reply.status, reply.text.as_str()),
            (StatusCode::INTERNAL_SERVER_ERROR, "")
        );
        assert_eq!(get(&host, "/composed/add").await.text, "42");
    }
}

#[tokio::test]
async fn a_dependency_lives_as_long_as_its_instance() {
    let (host, client) = (start(&probes()), steady());
    for called in ["1", "2", "3"] {
        let get = async |path| get_by(&client, &host, path).await.text;
        assert_eq!(get("/composed/add").await, "42");
        assert_eq!(get("/composed/count").await, called);
    }
}

#[tokio::test]
async fn a_dependency_inherits_no_environment() {
    assert!(
        get(&SHARED, "/composed/own-environment")
            .await
            .text
            .contains("INHERITED")
    );
    assert_eq!(get(&SHARED, "/composed/reach").await.text, "[]");
}

/// Spin composes it and denies the file; the runner refuses it by the name of what it imports.
#[tokio::test]
async fn a_dependency_that_wants_files_gets_none() {
    assert_eq!(
        get(&SHARED, "/composed/own-file").await.text,
        "Ok(\"hello from a file\\n\")"
    );
    let dependency = Path::new(WASM).join("probe_greedy.wasm");
    let more = format!(
        "files = [{{ source = \"greeting.txt\", destination = \"/files/greeting.txt\" }}]\n\
         [component.only.dependencies]\n\
         \"probe:toolset/tools@0.1.0\" = {{ path = {dependency:?} }}"
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("greeting.txt"), "hello").unwrap();
    let file = folder.path().join("spin.toml");
    std::fs::write(&file, manifest("probe_caller.wasm", &more)).unwrap();
    match Host::start(POSTERN, &Options::new(file)) {
        Ok(host) => {
            assert_eq!(get(&host, "/own-file").await.text, "Ok(\"hello\")");
            assert_eq!(get(&host, "/reach").await.text, "[]");
        }
        Err(StartFailed::Ended { output, .. }) => {
            assert!(output.contains("wasi:filesystem"), "{output}");
        }
        Err(other) => unreachable!("{other}"),
    }
}

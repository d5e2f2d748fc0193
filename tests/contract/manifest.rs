//! What a host refuses to serve, and how it says so.

use std::path::Path;

use harness::host::{Host, Options, StartFailed, probes};

use super::{WASM, manifest};
use crate::POSTERN;

/// What the host says when it does not start.
fn refusal(text: &str, change: impl FnOnce(Options) -> Options) -> String {
    // The probes' components, whatever their manifest says.
    drop(probes());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spin.toml");
    std::fs::write(&file, text).unwrap();
    match Host::start(POSTERN, &change(Options::new(file))) {
        Err(StartFailed::Ended { status, output }) => {
            assert!(!status.success(), "{output}");
            output
        }
        Ok(_) => unreachable!("this was served:\n{text}"),
        Err(other) => unreachable!("{other}"),
    }
}

#[test]
fn a_mistake_in_the_manifest_is_refused_by_name() {
    for (more, named) in [
        ("colour = \"red\"", "colour"),
        ("[component.only.limits]\nmemory = 1", "limits"),
        ("[trigger.kafka]\ntopic = \"x\"", "kafka"),
        ("key_value_stores = [\"nowhere\"]", "nowhere"),
        ("sqlite_databases = [\"nowhere\"]", "nowhere"),
        (
            "[component.only.variables]\nx = \"{{ undeclared }}\"",
            "undeclared",
        ),
        ("allowed_outbound_hosts = [\"example.com\"]", "example.com"),
        (
            "files = [{ source = \"gone.txt\", destination = \"/gone\" }]",
            "gone",
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\ncomponent = \"missing\"",
            "missing",
        ),
    ] {
        let output = refusal(&manifest("probe_empty.wasm", more), |options| options);
        assert!(output.contains(named), "{more}\n{output}");
    }
}

#[test]
fn a_required_variable_without_a_value_is_named() {
    let more = "[component.only.variables]\nkey = \"{{ signing_key }}\"\n\
                [variables]\nsigning_key = { required = true, secret = true }";
    let output = refusal(&manifest("probe_empty.wasm", more), |options| options);
    assert!(output.contains("signing_key"), "{output}");
}

#[test]
fn a_component_that_is_not_there_is_named() {
    let output = refusal(&manifest("probe_nobody.wasm", ""), |options| options);
    assert!(output.contains("probe_nobody.wasm"), "{output}");
}

#[test]
fn a_component_without_its_dependency_is_refused() {
    let output = refusal(&manifest("probe_caller.wasm", ""), |options| options);
    assert!(output.contains("probe:toolset/tools"), "{output}");
}

#[test]
fn a_dependency_that_does_not_fit_is_refused() {
    let dependency = Path::new(WASM).join("probe_empty.wasm");
    let more = format!(
        "[component.only.dependencies]\n\"probe:toolset/tools@0.1.0\" = {{ path = {dependency:?} }}"
    );
    let output = refusal(&manifest("probe_caller.wasm", &more), |options| options);
    assert!(output.contains("probe:toolset/tools"), "{output}");
}

#[test]
fn an_unknown_key_in_the_runtime_configuration_is_refused_by_name() {
    let text = manifest("probe_empty.wasm", "");
    let output = refusal(&text, |options| options.runtime_config("typo = 1\n"));
    assert!(output.contains("typo"), "{output}");
}

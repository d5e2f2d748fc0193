//! The architecture, held by tests: who may know whom, what each component may do, how large
//! things grow, and that the documents tell the truth.
//!
//! *Invariant:* every rule reads the project itself (manifests, sources, built components), and
//! every failure names the place and the remedy.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what several rules share fails as a test does"
)]

mod architecture {
    mod budgets;
    mod capabilities;
    mod catalogue;
    mod directions;
    mod documents;
    mod evidence;
    mod manifest;
    mod names;
    mod networks;
    mod sources;
    mod supply;
    mod wasm;
    mod workspace;

    use std::path::Path;

    /// The folder of the workspace.
    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
    }

    /// Reads a file of the workspace by its path from the root.
    fn read(path: &str) -> String {
        std::fs::read_to_string(root().join(path))
            .unwrap_or_else(|error| panic!("{path} cannot be read: {error}"))
    }

    /// Fails with every fault at once, under what to do about them.
    #[track_caller]
    fn hold(faults: impl IntoIterator<Item = String>, remedy: &str) {
        let faults: Vec<String> = faults.into_iter().collect();
        assert!(faults.is_empty(), "{remedy}\n  {}\n", faults.join("\n  "));
    }
}

//! The public routes of a `spin.toml`.
//!
//! *Invariant:* the longest matching route wins, as on Spin.

use serde::Deserialize;

#[derive(Deserialize)]
struct Manifest {
    trigger: Triggers,
}

#[derive(Deserialize)]
struct Triggers {
    http: Vec<Trigger>,
}

#[derive(Deserialize)]
struct Trigger {
    route: toml::Value,
    component: String,
}

/// Routes and who answers them.
pub(crate) struct Routes(Vec<(String, String)>);

impl Routes {
    /// Reads a manifest.
    ///
    /// # Panics
    /// If it is none.
    #[must_use]
    pub(crate) fn read(manifest: &str) -> Self {
        let manifest: Manifest = toml::from_str(manifest).expect("spin.toml");
        let public =
            |trigger: Trigger| Some((trigger.route.as_str()?.to_owned(), trigger.component));
        let mut routes: Vec<_> = manifest
            .trigger
            .http
            .into_iter()
            .filter_map(public)
            .collect();
        // An exact route counts in full, a wildcard for what comes before it.
        routes.sort_by_key(|(route, _)| std::cmp::Reverse(route.trim_end_matches("/...").len()));
        Self(routes)
    }

    /// The component that answers `path`; nobody's name where there is none.
    #[must_use]
    pub(crate) fn component(&self, path: &str) -> &str {
        let answers = |route: &str| match route.strip_suffix("/...") {
            Some(prefix) => path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            None => route == path,
        };
        self.0
            .iter()
            .find(|(route, _)| answers(route))
            .map_or("", |(_, component)| component)
    }
}

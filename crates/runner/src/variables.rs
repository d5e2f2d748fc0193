//! The values of application variables and of what components see of them.
//!
//! *Invariant:* all values are settled before the first request, and no message quotes one.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use crate::{
    LoadRefused,
    manifest::{Manifest, Variable},
    template::{self, TemplateRefused},
};

/// The environment variable that sets an application variable.
pub(crate) fn env_name(variable: &str) -> String {
    format!("SPIN_VARIABLE_{}", variable.to_ascii_uppercase())
}

/// Where values come from, highest precedence first, as in Spin 4.1: the command line, the
/// runtime configuration's providers in order, the environment, the dotenv file, the defaults.
pub(crate) struct Sources<'a> {
    pub(crate) command_line: &'a BTreeMap<String, String>,
    pub(crate) providers: &'a [BTreeMap<String, String>],
    pub(crate) environment: &'a (dyn Fn(&str) -> Option<String> + Sync),
    pub(crate) env_file: HashMap<String, String>,
}

impl Sources<'_> {
    fn value(&self, name: &str, variable: &Variable) -> Option<String> {
        let env_name = env_name(name);
        let provided = || {
            self.providers
                .iter()
                .find_map(|provider| provider.get(name))
                .cloned()
        };
        self.command_line
            .get(name)
            .cloned()
            .or_else(provided)
            .or_else(|| (self.environment)(&env_name))
            .or_else(|| self.env_file.get(&env_name).cloned())
            .or_else(|| variable.default.clone())
    }

    /// Settles every variable of the application.
    pub(crate) fn settle(
        &self,
        manifest: &Manifest,
    ) -> Result<BTreeMap<String, String>, LoadRefused> {
        let mut values = BTreeMap::new();
        let mut names = Vec::new();
        for (name, variable) in &manifest.variables {
            match self.value(name, variable) {
                Some(value) => drop(values.insert(name.clone(), value)),
                None => names.push(name.clone()),
            }
        }
        if names.is_empty() {
            Ok(values)
        } else {
            Err(LoadRefused::MissingVariables { names })
        }
    }
}

/// Reads a dotenv file; one that is not there is an empty one, as for Spin.
pub(crate) fn read_env_file(path: &Path) -> Result<HashMap<String, String>, LoadRefused> {
    let entries = match dotenvy::from_path_iter(path) {
        Ok(entries) => entries,
        Err(error) if error.not_found() => return Ok(HashMap::new()),
        Err(error) => return Err(env_file_refused(path, &error)),
    };
    entries
        .map(|entry| entry.map_err(|error| env_file_refused(path, &error)))
        .collect()
}

fn env_file_refused(path: &Path, error: &dotenvy::Error) -> LoadRefused {
    // The display of a parse error quotes the line, which may hold a secret.
    let reason = match error {
        dotenvy::Error::LineParse(line, at) => {
            let name = line.split('=').next().filter(|_| line.contains('='));
            format!(
                "the value of {} goes wrong at character {at}",
                name.unwrap_or("a line without =")
            )
        }
        dotenvy::Error::Io(error) => error.to_string(),
        _ => "it is not a dotenv file".to_owned(),
    };
    LoadRefused::EnvFile {
        path: path.to_owned(),
        reason,
    }
}

/// What one component sees: its own names, expanded from the application's.
pub(crate) fn of_component(
    templates: &BTreeMap<String, String>,
    values: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, (String, TemplateRefused)> {
    templates
        .iter()
        .map(
            |(name, template)| match template::expand(template, values) {
                Ok(value) => Ok((name.clone(), value)),
                Err(refused) => Err((name.clone(), refused)),
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(variables: &str) -> Manifest {
        toml::from_str(&format!(
            "spin_manifest_version = 2\napplication = {{ name = \"a\" }}\ntrigger = {{ http = [] }}\n[variables]\n{variables}"
        ))
        .expect("a manifest")
    }

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_highest_source_wins() {
        let manifest = manifest("v = { default = \"default\" }");
        let providers = [map(&[("v", "first")]), map(&[("v", "second")])];
        let all = |level: usize| {
            let sources = Sources {
                command_line: &if level < 1 {
                    map(&[("v", "cli")])
                } else {
                    map(&[])
                },
                providers: providers
                    .get(level.saturating_sub(1)..)
                    .filter(|_| level < 3)
                    .unwrap_or_default(),
                environment: &|name| {
                    (level < 4 && name == "SPIN_VARIABLE_V").then(|| "env".to_owned())
                },
                env_file: if level < 5 {
                    HashMap::from([("SPIN_VARIABLE_V".to_owned(), "file".to_owned())])
                } else {
                    HashMap::new()
                },
            };
            sources.settle(&manifest).expect("a value").remove("v")
        };
        let expected = ["cli", "first", "second", "env", "file", "default"];
        for (level, value) in expected.iter().enumerate() {
            assert_eq!(all(level).as_deref(), Some(*value), "level {level}");
        }
    }

    #[test]
    fn missing_required_variables_are_all_named() {
        let manifest = manifest(
            "b_key = { required = true }\na = { required = true }\nc = { default = \"\" }",
        );
        let none = Sources {
            command_line: &map(&[]),
            providers: &[],
            environment: &|_| None,
            env_file: HashMap::new(),
        };
        let refused = none
            .settle(&manifest)
            .expect_err("nothing is set")
            .to_string();
        assert!(
            refused.contains("a, b_key") && refused.contains("SPIN_VARIABLE_B_KEY"),
            "{refused}"
        );
    }

    #[test]
    fn a_broken_env_file_is_refused_without_quoting_the_value() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(".env");
        assert_eq!(read_env_file(&path).expect("no file"), HashMap::new());
        std::fs::write(&path, "SPIN_VARIABLE_A=\"x y\"\n# note\n").expect("a file");
        assert_eq!(
            read_env_file(&path).expect("a file")["SPIN_VARIABLE_A"],
            "x y"
        );
        std::fs::write(&path, "SPIN_VARIABLE_A=hunter2 'unclosed\n").expect("a file");
        let refused = read_env_file(&path)
            .expect_err("an unclosed quote")
            .to_string();
        assert!(
            refused.contains("SPIN_VARIABLE_A") && !refused.contains("hunter2"),
            "{refused}"
        );
    }

    #[test]
    fn a_component_sees_its_own_names_only() {
        let values = map(&[("key", "k"), ("other", "o")]);
        let seen = of_component(&map(&[("mine", "<{{ key }}>")]), &values);
        assert_eq!(seen, Ok(map(&[("mine", "<k>")])));
        let refused = of_component(&map(&[("mine", "{{ gone }}")]), &values);
        assert_eq!(
            refused,
            Err(("mine".into(), TemplateRefused::Unknown("gone".into())))
        );
    }
}

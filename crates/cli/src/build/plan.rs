//! What is to be built: cargo packages, and the folder their files are expected in.
//!
//! *Invariant:* the manifest's paths decide where files go, whatever `CARGO_TARGET_DIR` says.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::project::{Module, Project};

/// The Rust target of every component.
pub(super) const TARGET: &str = "wasm32-wasip2";

/// The work that a manifest implies.
#[derive(Debug)]
pub(super) struct Plan {
    /// What cargo makes.
    pub(super) outputs: Vec<Output>,
    /// What something else makes.
    pub(super) prebuilt: Vec<Module>,
    /// What to pass as `--target-dir`.
    pub(super) target_dir: PathBuf,
}

/// A file that cargo makes from a package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Output {
    pub(super) package: String,
    pub(super) wasm: PathBuf,
}

impl Plan {
    pub(super) fn new(project: &Project) -> Result<Self> {
        let mut plan = Self {
            outputs: Vec::new(),
            prebuilt: Vec::new(),
            target_dir: project.root.join("target"),
        };
        for module in &project.modules {
            let Some(target_dir) = target_dir(&module.wasm) else {
                plan.prebuilt.push(module.clone());
                continue;
            };
            if !plan.outputs.is_empty() && plan.target_dir != target_dir {
                bail!(
                    "{} names files of two target folders, {} and {}: build all into one",
                    project.manifest.display(),
                    plan.target_dir.display(),
                    target_dir.display()
                );
            }
            target_dir.clone_into(&mut plan.target_dir);
            plan.outputs.push(Output {
                package: package(module),
                wasm: module.wasm.clone(),
            });
        }
        Ok(plan)
    }

    /// The names for `-p`.
    pub(super) fn packages(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|output| output.package.as_str())
    }

    /// Where cargo puts what it makes.
    pub(super) fn release_folder(&self) -> PathBuf {
        self.target_dir.join(TARGET).join("release")
    }
}

/// `T` of `T/wasm32-wasip2/release/x.wasm`; anything else is not cargo's.
fn target_dir(wasm: &Path) -> Option<&Path> {
    let release = wasm.parent().filter(|folder| folder.ends_with("release"))?;
    let target = release.parent().filter(|folder| folder.ends_with(TARGET))?;
    target.parent()
}

/// The package that the build command names with `-p`, or the one called like the file.
fn package(module: &Module) -> String {
    let command = module.command.as_deref().unwrap_or_default();
    let mut words = command.split_whitespace();
    while let Some(word) = words.next() {
        let named = match word {
            "-p" | "--package" => words.next(),
            _ => word.strip_prefix("--package="),
        };
        if let Some(name) = named {
            return name.to_owned();
        }
    }
    // Cargo names a library's file with `_` where the package has `-`.
    let stem = module.wasm.file_stem().unwrap_or_default();
    stem.to_string_lossy().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, Option<&str>)]) -> Project {
        let module = |(file, command): &(&str, Option<&str>)| Module {
            wasm: Path::new("/app").join(file),
            command: command.map(str::to_owned),
        };
        Project {
            manifest: "/app/spin.toml".into(),
            root: "/app".into(),
            variables: Vec::new(),
            served: 1,
            configuration: None,
            modules: files.iter().map(module).collect(),
        }
    }

    #[test]
    fn packages_come_from_the_command_or_from_the_file() {
        let cases = [
            (
                "login.wasm",
                Some("cargo build --release -p sign-in"),
                "sign-in",
            ),
            (
                "login.wasm",
                Some("cargo build --package=sign-in"),
                "sign-in",
            ),
            ("login.wasm", Some("cargo build --release"), "login"),
            ("client_documents.wasm", None, "client-documents"),
        ];
        for (file, command, package) in cases {
            let file = format!("target/wasm32-wasip2/release/{file}");
            let plan = Plan::new(&project(&[(&file, command)])).unwrap();
            assert_eq!(plan.outputs[0].package, package);
            assert_eq!(plan.target_dir, Path::new("/app/target"));
        }
    }

    #[test]
    fn files_outside_a_target_folder_are_left_to_others() {
        let plan = Plan::new(&project(&[("dist/app.wasm", Some("npm run build"))])).unwrap();
        assert!(plan.outputs.is_empty());
        assert_eq!(plan.prebuilt[0].command.as_deref(), Some("npm run build"));
    }

    #[test]
    fn two_target_folders_are_refused() {
        let files = [
            ("target/wasm32-wasip2/release/a.wasm", None),
            ("other/wasm32-wasip2/release/b.wasm", None),
        ];
        let refused = Plan::new(&project(&files)).unwrap_err().to_string();
        assert!(
            refused.contains("/app/target") && refused.contains("/app/other"),
            "{refused}"
        );
    }
}

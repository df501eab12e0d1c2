//! The workspace in which the crates are built beside the models, and the programs that run there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::crates::JudgedCrate;

/// A failure, as the user reads it.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// Sections of a manifest that a crate's tests need. The models use none of them.
const TEST_SECTIONS: [&str; 4] = ["[dev-dependencies", "[[test]]", "[[bench]]", "[[example]]"];

/// The workspace of the models.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    target: PathBuf,
    cargo_athena: PathBuf,
    /// The crate's folder in the registry.
    source: PathBuf,
}

impl Workspace {
    /// Writes the workspace: a copy of a crate, and this package's models of it. Those of other crates are left out:
    /// inputs would be made of their literals, and cargo-mutants builds them once per mutant.
    pub(crate) fn new(one: &JudgedCrate) -> Result<Self> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let debug = program.parent().ok_or("this program is in no folder")?;
        let cargo_athena = debug.join(format!("cargo-athena{}", std::env::consts::EXE_SUFFIX));
        if !cargo_athena.is_file() {
            return Err(format!(
                "{} is missing: cargo build -p cargo-athena",
                cargo_athena.display()
            ));
        }
        let temporary = debug.parent().unwrap_or(debug).join("tmp");
        let root = temporary.join("strength");
        // The tests of `cargo athena import` build the same dependencies.
        let target = temporary.join("projects");
        remove(&root)?;
        let source = match one.version {
            None => registry_folder(own, one)?,
            Some(version) => fetched_folder(&temporary.join("fetch"), one, version)?,
        };
        let to = root.join(one.name);
        copy(&source, &to, &["tests", "benches", "examples", "Cargo.toml.orig", "Cargo.lock"])?;
        let own_manifest = read(&source.join("Cargo.toml"))?;
        write(&to.join("Cargo.toml"), &without_tests(&own_manifest))?;
        let repository = own.parent().and_then(Path::parent).unwrap_or(own);
        write(&root.join("Cargo.toml"), &manifest(one))?;
        write(&root.join("models/Cargo.toml"), &models_manifest(one, repository))?;
        write(&root.join("models/tests/athena.rs"), "athena_rt::main!(models);\n")?;
        let file = format!("{}.rs", one.module);
        let text = read(&own.join("models").join(&file))?;
        write(&root.join("models/src").join(file), &text)?;
        write(&root.join("models/src/lib.rs"), &format!("pub mod {};\n", one.module))?;
        // The versions of this repository, so that dependencies are built once.
        let lock = read(&repository.join("Cargo.lock"))?;
        write(&root.join("Cargo.lock"), &lock)?;
        Ok(Self { root, target, cargo_athena, source })
    }

    /// The crate as it is in the registry, with its tests, in a workspace of its own.
    pub(crate) fn with_own_tests(&self, one: &JudgedCrate) -> Result<PathBuf> {
        let to = self.root.join("own").join(one.name);
        remove(&to)?;
        copy(&self.source, &to, &["Cargo.toml.orig"])?;
        let manifest = read(&self.source.join("Cargo.toml"))?;
        write(&to.join("Cargo.toml"), &format!("{manifest}\n[workspace]\n"))?;
        Ok(to)
    }

    /// Runs `cargo athena`, which must succeed. Returns stdout.
    pub(crate) fn athena(&self, arguments: &[&str]) -> Result<String> {
        self.both(arguments).map(|(out, _)| out)
    }

    /// Runs `cargo athena`, which must succeed. Returns stdout and stderr.
    pub(crate) fn both(&self, arguments: &[&str]) -> Result<(String, String)> {
        let mut command = Command::new(&self.cargo_athena);
        command.arg("athena").args(arguments);
        let output = self.run(command, &self.root)?;
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (said(&output.stdout), said(&output.stderr));
        if output.status.success() {
            return Ok((out, err));
        }
        Err(format!("cargo athena {}:\n{out}{err}", arguments.join(" ")))
    }

    /// Runs `cargo athena`, which must succeed. Returns what a session shows: stdout, or what it says to the user if
    /// that is empty.
    pub(crate) fn shown(&self, arguments: &[&str]) -> Result<String> {
        let (out, err) = self.both(arguments)?;
        if !out.is_empty() {
            return Ok(out);
        }
        // Cargo's own lines are indented and begin with a capital letter, or are about a manifest.
        let is_cargo = |line: &str| {
            let is_indented = line.starts_with(' ');
            is_indented && line.trim_start().starts_with(char::is_uppercase)
                || line.contains("Cargo.toml: ")
        };
        let lines = err.lines().filter(|line| !is_cargo(line));
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }

    /// Runs a program in a folder.
    pub(crate) fn run(&self, mut command: Command, folder: &Path) -> Result<Output> {
        command
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .envs([("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")])
            // In CI `record` refuses to run.
            .env_remove("CI");
        command.output().map_err(|error| format!("{command:?}: {error}"))
    }

    /// The ids of a crate's models.
    pub(crate) fn models(&self, one: &JudgedCrate) -> Result<Vec<String>> {
        let prefix = format!("models::{}::", one.module);
        let text = self.athena(&["list", "--format", "json"])?;
        let list = parse(&text)?;
        let all = list["models"].as_array().or(list.as_array()).cloned().unwrap_or_default();
        let ids = all.iter().filter_map(|model| model["id"].as_str());
        Ok(ids.filter(|id| id.starts_with(&prefix)).map(str::to_owned).collect())
    }
}

/// A JSON document that a program printed.
pub(crate) fn parse(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| format!("{error}: {text}"))
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Copies a folder without what has one of these names.
fn copy(from: &Path, to: &Path, without: &[&str]) -> Result<()> {
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if without.iter().any(|it| name == *it) {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            copy(&path, &to.join(name), without)?;
        } else {
            fs::create_dir_all(to)
                .and_then(|()| fs::read(&path))
                // Files of the registry may be read-only.
                .and_then(|bytes| fs::write(to.join(name), bytes))
                .map_err(failed)?;
        }
    }
    Ok(())
}

/// Where cargo keeps the sources of a crate that is not a dependency of this repository.
fn fetched_folder(folder: &Path, one: &JudgedCrate, version: &str) -> Result<PathBuf> {
    remove(folder)?;
    let dependency = format!("{} = \"={version}\"", one.name);
    let manifest = format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\n[dependencies]\n{dependency}\n[workspace]\n"
    );
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&folder.join("src/lib.rs"), "")?;
    folder_of(one, folder, &[])
}

/// Where cargo keeps the sources of a dependency of this package.
fn registry_folder(own: &Path, one: &JudgedCrate) -> Result<PathBuf> {
    folder_of(one, own, &["--locked"])
}

fn folder_of(one: &JudgedCrate, own: &Path, more: &[&str]) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1"]).args(more).current_dir(own);
    let output = command.output().map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let metadata = parse(&String::from_utf8_lossy(&output.stdout))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let folder = packages
        .filter(|package| package["name"] == one.name && !package["source"].is_null())
        .filter_map(|package| Path::new(package["manifest_path"].as_str()?).parent())
        .next_back();
    folder.map(Path::to_owned).ok_or_else(|| format!("{} is not in Cargo.lock", one.name))
}

fn manifest(one: &JudgedCrate) -> String {
    let name = one.name;
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\"{name}\", \"models\"]\nexclude = [\"own\"]\n"
    )
}

fn models_manifest(one: &JudgedCrate, repository: &Path) -> String {
    let (name, runtime) = (one.name, repository.join("athena-rt"));
    format!(
        "[package]\nname = \"models\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[[test]]\nname = \"athena\"\nharness = false\n[dependencies]\nathena-rt.path = \"{}\"\n{name}.path = \"../{name}\"\n",
        runtime.display().to_string().replace('\\', "/")
    )
}

/// A manifest without the sections that only tests need.
fn without_tests(manifest: &str) -> String {
    let mut skip = false;
    let mut text = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            skip = TEST_SECTIONS.iter().any(|section| line.starts_with(section));
        }
        if !skip {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

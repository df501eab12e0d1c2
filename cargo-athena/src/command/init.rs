//! `cargo athena init`

use std::fs;
use std::path::{Path, PathBuf};

use athena_protocol::Exit;
use athena_protocol::files::{self, Transaction};
use cargo_metadata::{DependencyKind, Metadata, Package, TargetKind};

use crate::cargo_toml::{CargoToml, inline};
use crate::cli;
use crate::console::{print, print_status};
use crate::dependency;
use crate::error::{Error, Result};
use crate::gaps::has_models;
use crate::options::{BuildOptions, OutputOptions};
use crate::starter::{is_template, starter, test_models, test_runner};
use crate::target::{RUNTIME, TEST_TARGET};
use crate::workspace::{metadata, selected_packages};

/// Sets a package up: adds the dependency, a runner and a first model. Existing files are kept.
pub(crate) fn run(verb: &cli::Init, output: &OutputOptions) -> Result<Exit> {
    let metadata = metadata(&verb.manifest)?;
    let package = selected_package(&metadata, verb.package.as_ref())?;
    let root: &Path = package.manifest_path.parent().map_or(Path::new("."), AsRef::as_ref);
    if let Some(recovery) = files::recover(root).map_err(Error::file_error)? {
        print_status(&format!("note: {}", recovery.text(root)));
        // The manifest may be another one now.
        return run(verb, output);
    }
    let plan = plan(&metadata, package, verb)?;
    write(root, &plan.files)?;
    if !output.quiet {
        if plan.files.is_empty() {
            print(&format!("package `{}` is already set up; nothing was changed\n", package.name))?;
        }
        for line in plan.done.iter().chain(&plan.advice) {
            print(&format!("{line}\n"))?;
        }
    }
    Ok(Exit::Success)
}

/// The files to write, and the messages about them.
#[derive(Debug, Default)]
struct SetupPlan {
    files: Vec<(PathBuf, String)>,
    done: Vec<String>,
    advice: Vec<String>,
}

impl SetupPlan {
    fn write(&mut self, path: PathBuf, text: String, done: String) {
        self.files.push((path, text));
        self.done.push(done);
    }
}

fn plan(metadata: &Metadata, package: &Package, verb: &cli::Init) -> Result<SetupPlan> {
    let root: &Path = package.manifest_path.parent().map_or(Path::new(""), AsRef::as_ref);
    let mut plan = SetupPlan::default();
    let mut manifest = CargoToml::read(package.manifest_path.as_std_path())?;
    let mut changes = Vec::new();

    let RuntimeDependency { name, is_dev, added, moved } =
        depend(metadata, package, verb, &mut manifest)?;
    changes.extend(added);
    let runtime = name.replace('-', "_");

    let library = target(package, &[TargetKind::Lib, TargetKind::RLib, TargetKind::DyLib]);
    let binary = target(package, &[TargetKind::Bin]);
    if let Some(library) = library {
        let runner = declared_path(package).unwrap_or_else(|| root.join("tests/athena.rs"));
        if !runner.exists() {
            let shown = relative_path(&runner, root);
            let (text, done) = if is_dev {
                let next = format!("next: {}cargo athena run scale", cd_prefix(root));
                plan.advice.push(next);
                let done = format!("wrote {shown}: a model to start from, and its runner");
                (test_models(&runtime, &library.name), done)
            } else {
                let done = format!("wrote {shown}: the runner of the library's models");
                (test_runner(&runtime, &library.name), done)
            };
            plan.write(runner, text, done);
        }
        if manifest.declare_test()? {
            changes.push(format!("[[test]] name = \"{TEST_TARGET}\", harness = false"));
        }
        if !is_dev {
            add_first_model(&mut plan, library.src_path.as_std_path(), root, &runtime, "")?;
        }
    } else if is_dev {
        return Err(Error::usage(format!(
            "package `{}` has no library, whose functions models in tests/ could call",
            package.name
        ))
        .help("move its code to src/lib.rs, or run `cargo athena init` without --dev"));
    } else if let Some(binary) = binary {
        let main = format!("\n{runtime}::main!();\n");
        let path = binary.src_path.as_std_path();
        let text = fs::read_to_string(path).map_err(|error| Error::unreadable(path, error))?;
        if is_template(&text) || calls_main(root, &runtime) {
            add_first_model(&mut plan, path, root, &runtime, &main)?;
        } else {
            let shown = relative_path(path, root);
            plan.advice.push(format!(
                "next: {shown} has a `main` of its own. Keep it, put models into src/lib.rs, and run \
                 `cargo athena init` again; or replace it by `{runtime}::main!();`"
            ));
            if !has_models(root) {
                plan.advice.push(format!("A model is, for example\n\n{}", starter(&runtime)));
            }
        }
    } else {
        return Err(Error::usage(format!(
            "package `{}` has neither a library nor a binary that could hold models",
            package.name
        )));
    }

    plan.advice.extend(untested_targets(package, &runtime, library.is_some()));
    let added = match &changes[..] {
        [] => None,
        changes => Some(format!("added to Cargo.toml: {}", changes.join("; "))),
    };
    let done: Vec<String> = moved.into_iter().chain(added).collect();
    if !done.is_empty() {
        let path = package.manifest_path.clone().into_std_path_buf();
        let is_local = done.iter().any(|line| has_absolute_path(line));
        plan.write(path, manifest.text(), done.join("\n"));
        if is_local {
            plan.advice.push(
                "the path in Cargo.toml is one of this machine; for others name a folder relative to \
                 this one, or a repository: cargo athena init --path ../athena-rt"
                    .to_owned(),
            );
        }
    }
    Ok(plan)
}

/// The dependency on `athena-rt` in a manifest.
struct RuntimeDependency {
    name: String,
    is_dev: bool,
    /// The line that was added, and the message about one that comes from elsewhere now.
    added: Option<String>,
    moved: Option<String>,
}

/// Adds the dependency, or sets where it comes from if the flags say so.
fn depend(
    metadata: &Metadata,
    package: &Package,
    verb: &cli::Init,
    manifest: &mut CargoToml,
) -> Result<RuntimeDependency> {
    let root: &Path = package.manifest_path.parent().map_or(Path::new(""), AsRef::as_ref);
    let workspace = metadata.workspace_root.as_std_path();
    let normal = dependency(package, DependencyKind::Normal);
    let development = dependency(package, DependencyKind::Development);
    if let (true, Some(name)) = (verb.dev, &normal) {
        return Err(Error::usage(format!("`{name}` is in [dependencies] of Cargo.toml already"))
            .help("for a dev-dependency only, remove it from there first"));
    }
    let is_dev = verb.dev || (normal.is_none() && development.is_some());
    let table = if is_dev { "dev-dependencies" } else { "dependencies" };
    if let Some(name) = normal.or(development) {
        let mut moved = None;
        if verb.source.is_given() {
            let source = dependency::resolve(&verb.source, root, workspace)?;
            if manifest.set_source(table, &name, &source)? {
                moved = Some(format!("changed in Cargo.toml: {name} = {source}"));
            }
        }
        return Ok(RuntimeDependency { name, is_dev, added: None, moved });
    }
    let alias = CargoToml::read(&workspace.join("Cargo.toml"))?.workspace_alias();
    let source = match alias {
        Some(_) => inline([("workspace", true.into())]),
        None => dependency::resolve(&verb.source, root, workspace)?,
    };
    let name = alias.unwrap_or_else(|| RUNTIME.to_owned());
    let place = if is_dev { " in [dev-dependencies]" } else { "" };
    let added = Some(format!("{name} = {source}{place}"));
    manifest.add_dependency(table, &name, source)?;
    Ok(RuntimeDependency { name, is_dev, added, moved: None })
}

/// Whether a line of a manifest, such as `athena-rt = { path = "/home/me/athena-rt" }`, names a folder of
/// this machine.
fn has_absolute_path(line: &str) -> bool {
    let path = line.split_once("path = \"").and_then(|(_, rest)| rest.split_once('"'));
    path.is_some_and(|(path, _)| Path::new(path).is_absolute())
}

/// Replaces cargo's template by the first model, or shows a model to paste.
fn add_first_model(
    plan: &mut SetupPlan,
    path: &Path,
    root: &Path,
    runtime: &str,
    after: &str,
) -> Result<()> {
    if has_models(root) {
        return Ok(());
    }
    let text = fs::read_to_string(path).map_err(|error| Error::unreadable(path, error))?;
    let model = starter(runtime);
    if is_template(&text) {
        let done = format!("wrote {}: a model to start from", relative_path(path, root));
        plan.write(path.to_owned(), format!("{model}{after}"), done);
        plan.advice.push(format!("next: {}cargo athena run scale", cd_prefix(root)));
    } else {
        plan.advice
            .push(format!("next: write a model in {}, for example\n", relative_path(path, root)));
        plan.advice.push(model);
    }
    Ok(())
}

/// The step into the package, if the working directory is outside of it.
fn cd_prefix(root: &Path) -> String {
    let here = std::env::current_dir().and_then(fs::canonicalize);
    let there = fs::canonicalize(root);
    match (here, there) {
        (Ok(here), Ok(there)) if !here.starts_with(&there) => {
            let way = pathdiff::diff_paths(&there, here).unwrap_or(there);
            format!("cd {} && ", way.display())
        }
        _ => String::new(),
    }
}

/// The selected package, otherwise the one in the working directory.
fn selected_package<'a>(metadata: &'a Metadata, spec: Option<&String>) -> Result<&'a Package> {
    let build =
        BuildOptions { package: spec.cloned().into_iter().collect(), ..BuildOptions::default() };
    let selected = selected_packages(metadata, &build)?;
    let packages = metadata.workspace_packages();
    let mut packages = packages.into_iter().filter(|package| selected.contains(&package.id.repr));
    match (packages.next(), packages.next()) {
        (Some(package), None) => Ok(package),
        (None, _) => Err(Error::usage("the working directory has no package")
            .help("create one with a model: cargo athena new my-models")),
        (Some(one), Some(other)) => Err(Error::usage("more than one package is meant").help(
            format!("choose one: cargo athena init -p {}, or -p {}, ..", one.name, other.name),
        )),
    }
}

/// The name under which a package depends on `athena-rt` in this way.
fn dependency(package: &Package, kind: DependencyKind) -> Option<String> {
    let mut all = package.dependencies.iter();
    let found = all.find(|dependency| dependency.name == RUNTIME && dependency.kind == kind)?;
    Some(found.rename.clone().unwrap_or_else(|| found.name.clone()))
}

fn target<'a>(package: &'a Package, kinds: &[TargetKind]) -> Option<&'a cargo_metadata::Target> {
    package.targets.iter().find(|target| target.kind.iter().any(|kind| kinds.contains(kind)))
}

/// The path of the test target in the manifest.
fn declared_path(package: &Package) -> Option<PathBuf> {
    let test = package
        .targets
        .iter()
        .find(|target| target.name == TEST_TARGET && target.kind.contains(&TargetKind::Test))?;
    Some(test.src_path.clone().into())
}

/// Advice for targets that are runners, or become one, and that plain `cargo test` does not run.
fn untested_targets(package: &Package, runtime: &str, has_library: bool) -> Vec<String> {
    let call = format!("{runtime}::main!");
    let is_runner = |target: &&cargo_metadata::Target| {
        let is = |kind: &TargetKind| target.kind.contains(kind);
        let calls = || fs::read_to_string(&target.src_path).is_ok_and(|text| text.contains(&call));
        (is(&TargetKind::Test) && target.name == TEST_TARGET)
            || (is(&TargetKind::Bin) && (!has_library || calls()))
            || (is(&TargetKind::Example) && calls())
    };
    let targets = package.targets.iter().filter(|target| !target.test).filter(is_runner);
    targets
        .map(|target| {
            let kind = target.kind.first().map(ToString::to_string).unwrap_or_default();
            format!(
                "note: plain `cargo test` does not replay the cases of models in {kind} `{}`: set \
                 `test = true` for it in Cargo.toml",
                target.name
            )
        })
        .collect()
}

/// Whether a source file of the package calls `main!`.
fn calls_main(root: &Path, runtime: &str) -> bool {
    let call = format!("{runtime}::main!");
    walkdir::WalkDir::new(root.join("src"))
        .into_iter()
        .filter_map(std::result::Result::ok)
        .any(|entry| fs::read_to_string(entry.path()).is_ok_and(|text| text.contains(&call)))
}

fn relative_path(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// Writes all files, or none.
fn write(root: &Path, files: &[(PathBuf, String)]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let mut transaction = Transaction::begin(root).map_err(Error::file_error)?;
    for (path, text) in files {
        let old = match fs::read_to_string(path) {
            Ok(old) => Some(old),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::unreadable(path, error)),
        };
        transaction.write(path, old.as_deref(), text);
    }
    let notes = transaction.commit().map_err(Error::file_error)?;
    for note in notes {
        print_status(&format!("note: {note}"));
    }
    Ok(())
}

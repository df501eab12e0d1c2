//! Builds every command line of cargo.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::options::{BuildOptions, ColorChoice, ManifestOptions, OutputOptions};
use crate::target::{Target, TargetKind};

/// A command for the cargo that started us, or for the one on the path.
pub(crate) fn command(arguments: impl IntoIterator<Item = OsString>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// Like [`command`], in the directory that the flags name.
pub(crate) fn command_for(
    manifest: &ManifestOptions,
    arguments: impl IntoIterator<Item = OsString>,
) -> Command {
    let mut command = command(arguments);
    let base = manifest.base.as_ref();
    if let Some((cargo, name)) = base.and_then(|base| base.toolchain.as_ref()) {
        let mut other = Command::new(cargo);
        other.args(command.get_args()).env("RUSTUP_TOOLCHAIN", name).env_remove("CARGO");
        command = other;
    }
    if let Some(base) = base {
        // A configuration can name one folder for all builds. In it the programs of the two sides
        // would pass for each other: cargo leaves the folder of a workspace out of its hashes.
        command.env("CARGO_BUILD_BUILD_DIR", &base.folder);
    }
    if let Some(wrapper) = &manifest.wrapper {
        command.env("RUSTC_WORKSPACE_WRAPPER", &wrapper.program);
        if wrapper.calls_users {
            command.env("RUSTC_WRAPPER", &wrapper.program);
        }
        command.env(&wrapper.variable.0, &wrapper.variable.1);
    }
    if let Some(directory) = &manifest.directory {
        command.current_dir(directory);
        // Cargo takes a relative path from its working directory.
        let home = env::var_os("CARGO_HOME").filter(|home| Path::new(home).is_relative());
        if let Some(home) = home.and_then(|home| std::path::absolute(home).ok()) {
            command.env("CARGO_HOME", home);
        }
    }
    command
}

/// The compiler that cargo uses, in the directory that the flags name.
pub(crate) fn rustc(manifest: &ManifestOptions, configured: Option<PathBuf>) -> Command {
    let toolchain = manifest.base.as_ref().and_then(|base| base.toolchain.as_ref());
    let chosen = env::var_os("RUSTC").filter(|path| !path.is_empty()).map(PathBuf::from);
    // The compiler of the same toolchain, without the detour over rustup.
    let beside = || {
        let cargo = PathBuf::from(env::var_os("CARGO").filter(|_| toolchain.is_none())?);
        let rustc = cargo.with_file_name(format!("rustc{}", env::consts::EXE_SUFFIX));
        rustc.is_file().then_some(rustc)
    };
    let path = chosen.or(configured).or_else(beside).unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(path);
    if let Some((_, name)) = toolchain {
        command.env("RUSTUP_TOOLCHAIN", name);
    }
    if let Some(directory) = &manifest.directory {
        command.current_dir(directory);
    }
    command
}

/// `cargo metadata` for the workspace's own packages, without resolving dependencies.
pub(crate) fn metadata(manifest: &ManifestOptions) -> Vec<OsString> {
    let mut arguments = Arguments::new("metadata");
    arguments.flag("--no-deps", true);
    arguments.option("--format-version", Some("1"));
    arguments.manifest(manifest);
    arguments.0
}

/// `cargo build` for these targets, all of which exist.
pub(crate) fn build(
    build: &BuildOptions,
    output: &OutputOptions,
    targets: &[Target],
) -> Vec<OsString> {
    let mut arguments = Arguments::new("build");
    arguments.option("--message-format", Some("json-render-diagnostics"));
    arguments.output(output);
    for package in distinct(targets.iter().map(|target| target.package_id.as_str())) {
        arguments.option("--package", Some(package));
    }
    for (flag, kind) in [
        ("--bin", TargetKind::Bin),
        ("--example", TargetKind::Example),
        ("--test", TargetKind::Test),
    ] {
        let of_kind = targets.iter().filter(|target| target.kind == kind);
        for name in distinct(of_kind.map(|target| target.name.as_str())) {
            arguments.option(flag, Some(name));
        }
    }
    for features in &build.features {
        arguments.option("--features", Some(features));
    }
    if let Some(feature) = build.runtime_feature {
        for runtime in distinct(targets.iter().map(|target| target.runtime.as_str())) {
            arguments.option("--features", Some(&format!("{runtime}/{feature}")));
        }
    }
    arguments.flag("--all-features", build.all_features);
    arguments.flag("--no-default-features", build.no_default_features);
    arguments.flag("--release", build.release);
    arguments.option("--profile", build.profile.as_ref());
    arguments.option("--target", build.target.as_ref());
    arguments.option("--target-dir", build.target_dir.as_ref());
    arguments.option("--jobs", build.build_jobs.as_ref());
    arguments.manifest(&build.manifest);
    arguments.0
}

/// `cargo clean` for these packages, as they were built.
pub(crate) fn clean(build: &BuildOptions, packages: &BTreeSet<String>) -> Vec<OsString> {
    let mut arguments = Arguments::new("clean");
    for package in packages {
        arguments.option("--package", Some(package));
    }
    arguments.flag("--release", build.release);
    arguments.option("--profile", build.profile.as_ref());
    arguments.option("--target", build.target.as_ref());
    arguments.option("--target-dir", build.target_dir.as_ref());
    arguments.manifest(&build.manifest);
    arguments.0
}

/// `cargo new`
pub(crate) fn new(
    folder: &Path,
    name: Option<&str>,
    is_library: bool,
    output: &OutputOptions,
) -> Vec<OsString> {
    let mut arguments = Arguments::new("new");
    arguments.output(output);
    arguments.option("--name", name);
    arguments.flag(if is_library { "--lib" } else { "--bin" }, true);
    arguments.path(folder);
    arguments.0
}

struct Arguments(Vec<OsString>);

impl Arguments {
    fn new(verb: &str) -> Self {
        Self(vec![verb.into()])
    }

    fn flag(&mut self, name: &str, set: bool) {
        if set {
            self.0.push(name.into());
        }
    }

    fn option(&mut self, name: &str, value: Option<impl AsRef<OsStr>>) {
        if let Some(value) = value {
            self.0.push(name.into());
            self.0.push(value.as_ref().into());
        }
    }

    fn path(&mut self, path: &Path) {
        self.0.push("--".into());
        self.0.push(path.into());
    }

    fn output(&mut self, output: &OutputOptions) {
        for _ in 0..output.verbose {
            self.flag("-v", true);
        }
        self.flag("--quiet", output.quiet);
        let color = output.color.map(|color| match color {
            ColorChoice::Auto => "auto",
            ColorChoice::Always => "always",
            ColorChoice::Never => "never",
        });
        self.option("--color", color);
    }

    fn manifest(&mut self, manifest: &ManifestOptions) {
        self.option("--manifest-path", manifest.manifest_path.as_ref());
        self.flag("--locked", manifest.locked);
        self.flag("--offline", manifest.offline);
        self.flag("--frozen", manifest.frozen);
        for value in &manifest.config {
            self.option("--config", Some(value));
        }
        for flag in &manifest.unstable {
            self.option("-Z", Some(flag));
        }
    }
}

/// Removes duplicates and keeps the order.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(package: &str, kind: TargetKind, name: &str) -> Target {
        Target {
            package: package.into(),
            package_id: format!("id+{package}"),
            root: "/p".into(),
            kind,
            name: name.into(),
            is_tested: true,
            runtime: "athena-rt".into(),
        }
    }

    fn text(arguments: &[OsString]) -> String {
        arguments.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_build_names_each_package_and_target_once() {
        let targets = [
            target("a", TargetKind::Test, "athena"),
            target("a", TargetKind::Bin, "tool"),
            target("b", TargetKind::Test, "athena"),
            target("b", TargetKind::Example, "show"),
        ];
        assert_eq!(
            text(&build(&BuildOptions::default(), &OutputOptions::default(), &targets)),
            "build --message-format json-render-diagnostics --package id+a --package id+b \
             --bin tool --example show --test athena"
        );
    }

    #[test]
    fn a_build_never_asks_for_a_kind_that_is_not_there() {
        let line = text(&build(
            &BuildOptions::default(),
            &OutputOptions::default(),
            &[target("a", TargetKind::Bin, "a")],
        ));
        assert!(!line.contains("--test") && !line.contains("--example"), "{line}");
    }

    #[test]
    fn cargos_own_flags_reach_cargo() {
        let flags = BuildOptions {
            features: vec!["x,y".into()],
            no_default_features: true,
            profile: Some("fast".into()),
            target_dir: Some("t".into()),
            build_jobs: Some("2".into()),
            manifest: ManifestOptions {
                manifest_path: Some("m/Cargo.toml".into()),
                offline: true,
                ..ManifestOptions::default()
            },
            ..BuildOptions::default()
        };
        let output = OutputOptions { color: Some(ColorChoice::Never), verbose: 2, quiet: false };
        assert_eq!(
            text(&build(&flags, &output, &[])),
            "build --message-format json-render-diagnostics -v -v --color never --features x,y \
             --no-default-features --profile fast --target-dir t --jobs 2 \
             --manifest-path m/Cargo.toml --offline"
        );
    }

    #[test]
    fn a_feature_of_the_runtime_has_the_name_of_the_dependency_in_each_package() {
        let flags = BuildOptions { runtime_feature: Some("strength"), ..BuildOptions::default() };
        let renamed = Target { runtime: "rt".into(), ..target("b", TargetKind::Bin, "b") };
        let targets = [target("a", TargetKind::Bin, "a"), renamed];
        let line = text(&build(&flags, &OutputOptions::default(), &targets));
        assert!(line.ends_with("--features athena-rt/strength --features rt/strength"), "{line}");
    }

    #[test]
    fn metadata_resolves_nothing() {
        let manifest = ManifestOptions { locked: true, ..ManifestOptions::default() };
        assert_eq!(text(&metadata(&manifest)), "metadata --no-deps --format-version 1 --locked");
    }
}

//! The packages and targets of a build that a commit has.

use crate::options::BuildOptions;
use crate::workspace::Workspace;

/// Removes packages and targets that are named and do not exist.
pub(super) fn drop_missing(build: &BuildOptions) -> Option<BuildOptions> {
    let everything = BuildOptions {
        workspace: true,
        package: Vec::new(),
        exclude: Vec::new(),
        bin: Vec::new(),
        example: Vec::new(),
        test: Vec::new(),
        ..build.clone()
    };
    let is_there = |one: BuildOptions| Workspace::load(&one).is_ok();
    let known = |names: &[String], with: &dyn Fn(Vec<String>) -> BuildOptions| -> Vec<String> {
        let there = names.iter().filter(|name| is_there(with(vec![(*name).clone()])));
        there.cloned().collect()
    };
    let all = || everything.clone();
    let kept = BuildOptions {
        package: known(&build.package, &|package| BuildOptions {
            workspace: false,
            package,
            ..all()
        }),
        exclude: known(&build.exclude, &|exclude| BuildOptions { exclude, ..all() }),
        bin: known(&build.bin, &|bin| BuildOptions { bin, ..all() }),
        example: known(&build.example, &|example| BuildOptions { example, ..all() }),
        test: known(&build.test, &|test| BuildOptions { test, ..all() }),
        ..build.clone()
    };
    let named = |build: &BuildOptions| {
        let targets = build.bin.len() + build.example.len() + build.test.len();
        (!build.package.is_empty(), targets > 0 || build.bins || build.examples)
    };
    // Without any name left, cargo would select all.
    (named(&kept) == named(build)).then_some(kept)
}

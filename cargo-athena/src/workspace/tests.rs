//! Tests of the selection, with recorded metadata of cargo.

use super::*;

/// Loads a workspace with `app` (lib, two bins, an example, the test target) and `tools` (a bin),
/// both of which use athena-rt, and `other`, which does not.
fn load(build: &BuildOptions) -> Result<Workspace> {
    Workspace::select(&metadata(), build)
}

fn metadata() -> Metadata {
    MetadataCommand::parse(include_str!("../../tests/data/metadata.json")).unwrap()
}

fn chosen(build: &BuildOptions) -> Vec<String> {
    let workspace = load(build).unwrap();
    workspace
        .selected()
        .flat_map(|package| &package.targets)
        .map(|target| format!("{}/{}", target.package, target.name))
        .collect()
}

#[test]
fn only_direct_dependents_count_by_the_real_name() {
    let workspace = load(&BuildOptions { workspace: true, ..BuildOptions::default() }).unwrap();
    let names: Vec<_> = workspace.packages.iter().map(|package| &package.name).collect();
    assert_eq!(names, ["app", "tools"]);
}

#[test]
fn the_default_is_cargos_and_leaves_out_what_features_or_settings_do() {
    assert_eq!(chosen(&BuildOptions::default()), ["app/app", "app/show", "app/athena"]);
    let features = vec!["extra".to_owned()];
    assert_eq!(
        chosen(&BuildOptions { features, ..BuildOptions::default() }),
        ["app/app", "app/special", "app/show", "app/athena"]
    );
    assert!(!load(&BuildOptions::default()).unwrap().packages[0].complete);
}

#[test]
fn packages_are_selected_by_name_pattern_version_and_exclusion() {
    let package =
        |spec: &str| BuildOptions { package: vec![spec.into()], ..BuildOptions::default() };
    assert_eq!(chosen(&package("tools")), ["tools/tools"]);
    assert_eq!(chosen(&package("too*")), ["tools/tools"]);
    assert_eq!(chosen(&package("tools@0.1.0")), ["tools/tools"]);
    assert_eq!(load(&package("tools@9.0.0")).unwrap_err().exit().code(), 2);
    assert_eq!(load(&package("tool")).unwrap_err().exit().code(), 2);
    let exclude = vec!["app".to_owned()];
    assert_eq!(
        chosen(&BuildOptions { workspace: true, exclude, ..BuildOptions::default() }),
        ["tools/tools"]
    );
}

#[test]
fn target_flags_select_only_what_they_name() {
    let examples = BuildOptions { examples: true, ..BuildOptions::default() };
    assert_eq!(chosen(&examples), ["app/show"]);
    let test = BuildOptions { test: vec!["athena".into()], ..BuildOptions::default() };
    assert_eq!(chosen(&test), ["app/athena"]);
    assert!(load(&test).unwrap().narrowed);
    let missing = BuildOptions { bin: vec!["nope".into()], ..BuildOptions::default() };
    assert_eq!(load(&missing).unwrap_err().exit().code(), 2);
}

#[test]
fn settings_in_the_manifest_leave_targets_out_and_must_name_real_ones() {
    let mut metadata = metadata();
    let app = metadata.packages.iter_mut().find(|package| package.name == "app").unwrap();
    app.metadata = serde_json::json!({ "athena": { "targets": ["show"] } });
    let workspace = Workspace::select(&metadata, &BuildOptions::default()).unwrap();
    let names: Vec<_> = workspace.packages[0].targets.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["show", "athena"]);

    for wrong in [serde_json::json!({ "targets": ["shaw"] }), serde_json::json!({ "x": 1 })] {
        let app = metadata.packages.iter_mut().find(|package| package.name == "app").unwrap();
        app.metadata = serde_json::json!({ "athena": wrong });
        let error = Workspace::select(&metadata, &BuildOptions::default()).unwrap_err();
        assert_eq!(error.exit().code(), 2);
    }
}

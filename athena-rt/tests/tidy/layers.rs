//! The order of the crates, as their manifests have it.

use std::process::Command;

use serde_json::Value;

use crate::sources;

/// Each crate may depend on those before it, and on no other of ours. The engines are beside each
/// other: none knows another.
const LAYERS: &[&[&str]] = &[
    &["athena-protocol", "athena-rt-macros", "athena-shrink"],
    &["athena-structure"],
    &["athena-core"],
    &["athena-cases", "athena-telemetry"],
    &["athena-process"],
    &["athena-engine"],
    &["athena-replay"],
    &["athena-strength"],
    &["athena-generate"],
    &["athena-service", "athena-queue", "athena-mpi"],
    &["athena-rt"],
];

/// Dependencies that go up or sideways. Those of tests may.
pub(crate) fn upward_dependencies() -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(sources::root())
        .output()
        .expect("cargo metadata");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let layer = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    let mut findings = Vec::new();
    let mut seen = 0;
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let own = layer(name);
        seen += usize::from(own.is_some());
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let is_normal = dependency["kind"].is_null();
            let other = dependency["name"].as_str().expect("a name");
            let is_upward = match (own, layer(other)) {
                (Some(own), Some(other)) => other >= own,
                _ => false,
            };
            let is_runtime = name == "cargo-athena" && layer(other) > Some(0);
            if is_normal && (is_upward || is_runtime) {
                findings.push(format!("{name} depends on {other}"));
            }
        }
    }
    assert_eq!(seen, LAYERS.iter().map(|layer| layer.len()).sum::<usize>(), "a crate is missing");
    findings
}

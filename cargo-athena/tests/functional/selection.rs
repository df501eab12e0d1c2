//! Which packages and targets are built, as in `cargo test`.

use crate::support::{LIBRARY, Project, TEST_TARGET, manifest};

/// Three packages with models: `NAME_alpha` and `NAME_beta` as libraries, `NAME_gamma` as a bin.
fn three(name: &str) -> Project {
    let [alpha, beta, gamma] = ["alpha", "beta", "gamma"].map(|end| format!("{name}_{end}"));
    let members = "members = [\"alpha\", \"beta\", \"gamma\"]";
    Project::new()
        .file("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\n{members}\n"))
        .with_library("alpha", &alpha)
        .with_library("beta", &beta)
        .file("gamma/Cargo.toml", &manifest(&gamma, "", ""))
        .file("gamma/src/main.rs", &format!("{LIBRARY}\nathena_rt::main!();\n"))
}

#[test]
#[ignore = "builds several packages; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn packages_are_selected_by_place_name_and_exclusion() {
    let project = three("place");
    for folder in ["alpha", "beta", "gamma"] {
        let record = format!("place_{folder}::double");
        project.athena(&["record", &record, "--case", "one"]).exits(0);
    }
    project.athena(&["test"]).exits(0).says("3 cases: 3 passed, 0 failed");
    project.athena_in("alpha", &["test"]).exits(0).says("1 case: 1 passed");
    project.athena_in("alpha", &["test", "--workspace"]).exits(0).says("3 cases: 3 passed");
    project
        .athena(&["test", "-p", "place_beta", "-p", "place_gamma"])
        .exits(0)
        .says("2 cases: 2 passed");
    project
        .athena(&["test", "--workspace", "--exclude", "place_beta"])
        .exits(0)
        .says("2 cases: 2 passed");
    project
        .athena(&["test", "-p", "place_delta"])
        .exits(2)
        .says("`place_delta`")
        .says("place_alpha, place_beta, place_gamma");
    project.athena_in("alpha", &["run", "place_gamma::double"]).exits(2).says("add -p place_gamma");

    let manifest = project.path("gamma/Cargo.toml");
    let manifest = ["test", "--manifest-path", manifest.to_str().unwrap_or_default()];
    project.athena_in("alpha", &manifest).exits(0).says("1 case: 1 passed");

    // Cases of unselected packages are not orphans; those of selected packages are.
    project.edit("beta/src/lib.rs", "fn double", "fn twice");
    project.athena(&["test", "-p", "place_alpha"]).exits(0);
    project.athena(&["test", "-p", "place_beta"]).exits(1).says("place_beta::double");
    project.athena(&["test"]).exits(1).says("3 cases: 2 passed, 1 failed");
}

#[test]
fn a_name_that_several_packages_share_must_be_told_apart() {
    let project = three("shared_by");
    project
        .athena(&["run", "double"])
        .exits(2)
        .says("shared_by_alpha::double, shared_by_beta::double, shared_by_gamma::double");
    project.athena(&["run", "double", "-p", "shared_by_gamma"]).exits(0).prints("{\"value\":2}\n");
    project.athena(&["run", "shared_by_gamma::double"]).exits(0).prints("{\"value\":2}\n");
}

#[test]
fn only_the_package_that_a_model_names_is_built() {
    let project = three("named");
    project.write("beta/src/lib.rs", "compile_error!(\"broken\");");
    project.athena(&["run", "named_gamma::double"]).exits(0).prints("{\"value\":2}\n");
    project.athena(&["test"]).exits(3).says("broken").says("the build failed");
}

#[test]
fn targets_and_features_are_selected_by_cargos_flags() {
    let more =
        "[features]\nextra = []\n\n[[bin]]\nname = \"special\"\nrequired-features = [\"extra\"]\n";
    let project = Project::new()
        .file("Cargo.toml", &manifest("targets", "", &format!("{more}\n{TEST_TARGET}")))
        .file("src/lib.rs", LIBRARY)
        .file("tests/athena.rs", "athena_rt::main!(targets);\n")
        .file(
            "src/bin/special.rs",
            &format!("{}\nathena_rt::main!();\n", LIBRARY.replace("double", "special")),
        )
        .file(
            "examples/show.rs",
            &format!("{}\nathena_rt::main!();\n", LIBRARY.replace("double", "shown")),
        );
    let names = |arguments: &[&str]| {
        let list = project.athena(&[&["list", "--format", "json"], arguments].concat());
        let models: Vec<serde_json::Value> =
            serde_json::from_str(&list.exits(0).out).unwrap_or_default();
        let ids = models.iter().filter_map(|model| model["id"].as_str());
        ids.map(|id| id.rsplit("::").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(names(&[])), ["double", "shown"]);
    assert_eq!(sorted(names(&["--features", "extra"])), ["double", "shown", "special"]);
    assert_eq!(names(&["--all-features", "--bins"]), ["special"]);
    assert_eq!(names(&["--test", "athena"]), ["double"]);
    assert_eq!(names(&["--example", "show"]), ["shown"]);
    project.athena(&["list", "--bin", "no"]).exits(2).says("no bin `no`");
    project.athena(&["list", "--bins"]).exits(3).says("extra");
}

//! `cargo athena strength` where code does not compile with its mutants, or not with the switch at all.

use serde_json::Value;

use crate::support::{Project, TEST_TARGET, manifest, runtime};

const MODEL: &str = "use athena_rt::prelude::*;

#[structure]
pub struct Order {
    pub n: i64,
}

#[model]
pub fn check(mut state: State<Order>) -> State<Order> {
    state.data.n = more(state.data.n);
    state
}

fn more(n: i64) -> i64 {
    if n > 10 { n - 1 } else { n + 1 }
}
";

/// A runtime whose switch needs something that this `cargo athena` does not have, as one of another version does.
const OTHER_RUNTIME: &str = "pub use runtime::*;

#[macro_export]
macro_rules! __switch {
    ($switch:ident) => {
        static LATER: &core::sync::atomic::AtomicU32 = &$switch::LATER;
    };
}
";

/// A package whose runtime is of another version.
fn skewed() -> Project {
    let other = format!(
        "[package]\nname = \"athena-rt\"\nversion = \"9.9.9\"\nedition = \"2024\"\n[workspace]\n\
         [features]\nstrength = [\"runtime/strength\"]\ngenerate = [\"runtime/generate\"]\n\
         [dependencies]\nruntime = {{ package = \"athena-rt\", path = {:?} }}\n",
        runtime()
    );
    let own = manifest("skewed", "", "[workspace]\nexclude = [\"other\"]\n");
    Project::new()
        .file("Cargo.toml", &own.replace(&format!("{:?}", runtime()), "\"other\""))
        .file("other/Cargo.toml", &other)
        .file("other/src/lib.rs", OTHER_RUNTIME)
        .file("src/main.rs", &format!("{MODEL}\nathena_rt::main!();\n"))
        .file("one.json", "{\"n\":1}")
}

#[test]
#[ignore = "builds programs with mutants; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_runner_that_can_not_be_linked_with_the_switch_is_an_error_with_what_to_do() {
    let project = skewed();
    project.athena(&["record", "check", "--message", "one.json", "--case", "one"]).exits(0);
    // The second time nothing is built.
    for _ in 0..2 {
        let refused = project.athena(&["strength", "--deny", "missed"]);
        refused
            .exits(3)
            .says("bin `skewed` of package `skewed` can't be linked with the switch of its mutants")
            .says("error[E0425]: cannot find value `LATER` in crate")
            .says("install cargo-athena from the source of athena-rt");
    }
    // A search goes on without mutants, and says so.
    project
        .athena(&["record", "--generate", "check"])
        .exits(0)
        .says("can't be linked with the switch of its mutants")
        .says("the kinds of outcomes alone guide the search");
    project.athena(&["test"]).exits(0);
}

#[test]
#[ignore = "builds programs with mutants; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_crate_that_does_not_compile_with_the_switch_has_the_compilers_first_error() {
    // The switch has a name that this crate has taken.
    let taken = "mod __athena_switch {}\npub fn twice(n: i64) -> i64 { n * 2 }\n";
    let library = MODEL.replace("n - 1", "taken::twice(n)");
    let project = Project::new()
        .file(
            "Cargo.toml",
            &manifest("app", "taken.path = \"taken\"\n", &format!("{TEST_TARGET}\n[workspace]\n")),
        )
        .file(
            "taken/Cargo.toml",
            "[package]\nname = \"taken\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
        )
        .file("taken/src/lib.rs", taken)
        .file("src/lib.rs", &library)
        .file("tests/athena.rs", "athena_rt::main!(app);\n")
        .file("many.jsonl", "{\"n\":1}\n{\"n\":20}\n{\"n\":5}\n");
    project.athena(&["record", "check", "--messages", "many.jsonl", "--suite", "hand"]).exits(0);
    let run = project.athena(&["strength", "--format", "json"]);
    run.exits(0);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    // Those of the other crate are examined.
    assert!(report["caught"].as_u64().unwrap() > 5, "{}", run.out);
    let all = report["not_examined"].as_array().unwrap();
    let found =
        all.iter().find(|it| it["name"].as_str().unwrap().ends_with("replace * with / in twice"));
    let reason = found.unwrap_or_else(|| panic!("{}", run.out))["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("its code does not compile with a switch around it: error[E0260]: "),
        "{reason}"
    );
    project
        .athena(&["record", "--generate", "check", "--dry-run"])
        .exits(0)
        .says("note: package taken is searched without its mutants: its code does not compile");

    // Nothing is left to examine: a gate must not be green.
    let none = project.athena(&["strength", "-p", "taken", "--deny", "missed"]);
    none.exits(3).says("no mutant was examined").says("error[E0260]");
}

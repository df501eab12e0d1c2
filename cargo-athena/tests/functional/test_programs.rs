//! Test programs as plain `cargo test` builds and runs them.

use crate::support::{LIBRARY, Project, TEST_TARGET, manifest};

/// A case of `double` that does not pass.
fn wrong(package: &str) -> String {
    format!(
        "{{\"format\":1,\"model\":\"{package}::double\",\"env\":{{}},\"input\":{{\"value\":1}},\"output\":{{\"value\":7}}}}\n"
    )
}

#[test]
fn a_test_target_whose_main_is_never_called_fails_and_says_what_to_add() {
    let project = Project::library("mainless")
        .file("Cargo.toml", &manifest("mainless", "", ""))
        .file("fixtures/mainless/double/wrong.json", &wrong("mainless"));
    for declared in ["", "[[test]]\nname = \"athena\"\n"] {
        project.write("Cargo.toml", &manifest("mainless", "", declared));
        let tested = project.cargo(&["test", "-q", "--test", "athena"]);
        tested.exits(101).says("1 linked model").says("harness = false");
        project.athena(&["test"]).exits(2).says("harness = false");
    }
    project.write("Cargo.toml", &manifest("mainless", "", TEST_TARGET));
    project.cargo(&["test", "-q", "--test", "athena"]).exits(101).says("/value");
}

#[test]
fn a_bin_replays_a_library_unless_a_test_target_certainly_does() {
    let project = Project::library("bystander")
        .file("src/bin/app.rs", "athena_rt::main!(bystander);\n")
        .file("fixtures/bystander/double/wrong.json", &wrong("bystander"));
    let app = ["test", "-q", "--bin", "app"];
    // The test target replays it.
    project.cargo(&app).exits(0);
    project.cargo(&["test", "-q", "--test", "athena"]).exits(101).says("/value");
    for more in [
        format!("{TEST_TARGET}test = false\n"),
        "[lib]\n[features]\nextra = []\n[[test]]\nname = \"athena\"\nharness = false\nrequired-features = [\"extra\"]\n".to_owned(),
    ] {
        project.write("Cargo.toml", &manifest("bystander", "", &more));
        project.cargo(&["test", "-q"]).exits(101).says("/value");
    }
    let off = manifest("bystander", "", "").replace("edition", "autotests = false\nedition");
    project.write("Cargo.toml", &off);
    project.cargo(&["test", "-q"]).exits(101).says("/value");
    // Cargo starts the bin's own `main`, as it starts the one of a test target.
    let own_main = "[[bin]]\nname = \"app\"\nharness = false\n";
    project
        .write("Cargo.toml", &off.replace("[dependencies]", &format!("{own_main}[dependencies]")));
    project.cargo(&["test", "-q"]).exits(101).says("/value");
    // The file is there and replays nothing.
    project.write("Cargo.toml", &manifest("bystander", "", ""));
    project.write("tests/athena.rs", "#[test]\nfn other() {}\n");
    project.cargo(&["test", "-q"]).exits(101).says("/value");
}

#[test]
fn a_test_program_takes_the_options_of_libtest() {
    let project = Project::library("options");
    project.athena(&["record", "double", "--case", "three", "-m", "{\"value\":3}"]).exits(0);
    project.athena(&["record", "double", "--case", "four", "-m", "{\"value\":4}"]).exits(0);
    let test = |options: &[&str]| {
        project.cargo(&[&["test", "-q", "--test", "athena", "--"], options].concat())
    };
    for options in [
        &["--no-capture"][..],
        &["--report-time", "-Zunstable-options"],
        &["--shuffle", "--ensure-time", "--show-output"],
        &["--format", "pretty", "--test-threads", "1"],
    ] {
        // Two cases and a schema.
        test(options).exits(0).says("3 passed");
    }
    test(&["three", "four"]).exits(0).says("2 passed");
    test(&["three", "other"]).exits(0).says("1 passed");
    test(&["--logfile", project.path("log").to_str().unwrap()]).exits(0).says("3 passed");
    assert!(project.read("log").contains("3 passed"));
    test(&["--mystery"]).exits(2).says("--mystery");
    let run = ["test", "-q", "--test", "athena"];
    project.cargo_with(&run, "ATHENA_TRIALS", "bogus").exits(101).says("ATHENA_TRIALS is `bogus`");
    project.cargo_with(&run, "RUST_TEST_THREADS", "0").exits(101).says("RUST_TEST_THREADS is `0`");
}

#[test]
fn a_filter_that_selects_nothing_gets_the_nearest_names_and_a_flag_behind_the_dashes_is_refused() {
    let project = Project::library("nearest");
    project.athena(&["record", "double", "--case", "fast", "-m", "{\"value\":3}"]).exits(0);
    project.athena(&["record", "double", "--case", "slow", "-m", "{\"value\":4}"]).exits(0);
    project
        .athena(&["test", "slwo"])
        .exits(4)
        .says("did you mean `nearest::double::slow`?")
        .never_says("test result: ok");
    project.athena(&["test", "--", "slow"]).exits(0).says("1 passed");
    for verb in ["test", "watch", "accept", "reject", "pending", "review", "doctor"] {
        let refused = project.athena(&[verb, "--", "--skip", "slow"]);
        refused.exits(2).says("write flags before the `--`");
    }
    let base = ["diff", "--base", "HEAD", "--", "--skip", "slow"];
    project.athena(&base).exits(2).says("write flags before the `--`");
}

#[test]
fn a_runner_by_itself_replays_what_its_filters_select_and_names_what_is_nearest() {
    let project = Project::bin("by_itself");
    project.athena(&["record", "double", "--case", "fast", "-m", "{\"value\":3}"]).exits(0);
    project.athena(&["record", "double", "--case", "slow", "-m", "{\"value\":4}"]).exits(0);
    let test = |filters: &[&str]| {
        let program = format!("debug/by_itself{}", std::env::consts::EXE_SUFFIX);
        let mut runner = std::process::Command::new(project.target().join(program));
        // Of this test; without it the runner looks for its cases where it is started.
        runner.arg("test").args(filters).env_remove("CARGO_MANIFEST_DIR");
        project.call("", runner)
    };
    test(&["slow"]).exits(0).says("1 passed");
    test(&["slow", "fast"]).exits(0).says("2 passed");
    test(&["--exact", "by_itself::double::slow"]).exits(0).says("1 passed");
    let near = "did you mean `by_itself::double::slow`?";
    test(&["slwo"]).exits(4).says(near).says(" 0 passed");
    // Beside a filter that selects something, nobody would notice.
    test(&["fast", "slwo"]).exits(4).says("`slwo`").says(near).says("nothing was run");
    test(&["--exact", "slow"]).exits(4).says(" 0 passed");
}

#[test]
fn cases_that_plain_cargo_test_leaves_out_are_named_by_it() {
    let shown = LIBRARY.replace("double", "shown") + "\nathena_rt::main!();\n";
    let project = Project::library("partly").file("examples/show.rs", &shown);
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    project.athena(&["record", "shown", "--case", "one"]).exits(0);
    project
        .cargo(&["test", "-q", "--test", "athena"])
        .exits(0)
        .says("1 case of partly::show::shown")
        .says("`cargo test` does not run example `show` (set `test = true`");
}

//! `cargo athena run`

use std::collections::BTreeSet;

use crate::support::Project;

#[test]
fn a_model_runs_on_its_defaults_a_message_a_file_or_lines() {
    let project = Project::bin("runs_on")
        .file("one.json", "{\"value\": 4}")
        .file("many.jsonl", "{\"value\":1}\n{\"value\":2}\n{\"value\":3}\n");
    project.athena(&["run", "double"]).exits(0).prints("{\"value\":2}\n");
    let literal = ["run", "runs_on::double", "--message", "{\"value\":3}"];
    project.athena(&literal).exits(0).prints("{\"value\":6}\n");
    project.athena(&["run", "double", "-m", "one.json"]).exits(0).prints("{\"value\":8}\n");
    project
        .athena(&["run", "double", "--messages", "many.jsonl"])
        .exits(0)
        .prints("{\"value\":2}\n{\"value\":4}\n{\"value\":6}\n");
    project.athena(&["run", "double", "-m", "no.json"]).exits(2).says("no.json");
    project.athena(&["run", "double", "-m", "{\"valeu\":1}"]).exits(2).says("value");
}

#[test]
fn an_unknown_model_is_wrong_usage_that_names_the_nearest_and_the_known() {
    let project = Project::bin("unknown");
    project
        .athena(&["run", "duoble"])
        .exits(2)
        .prints("")
        .says("no model is named `duoble`")
        .says("did you mean `unknown::double`?")
        .says("the models are unknown::double");
}

#[test]
fn a_message_in_the_package_root_counts_where_the_working_directory_has_none() {
    let project = Project::library("rooted").file("message.json", "{\"value\": 5}");
    project.athena_in("src", &["run", "double"]).exits(0).prints("{\"value\":10}\n");
    project.write("src/message.json", "{\"value\": 6}");
    project.athena_in("src", &["run", "double"]).exits(0).prints("{\"value\":12}\n");
}

#[test]
fn a_model_that_ends_the_process_is_a_failure() {
    let project = Project::bin("leaver");
    project.edit("src/main.rs", "    state\n", "    std::process::exit(0)\n");
    project.edit("src/main.rs", "state.data.value *= 2;", "let _ = &mut state;");
    project.athena(&["run", "double"]).exits(1).says("leaver");
}

#[test]
fn a_wrong_log_filter_is_warned_of_once_however_many_processes_start() {
    let project = Project::library("logged").with_library("second", "second_logged");
    project.edit("Cargo.toml", "[[test]]", "[workspace]\nmembers = [\"second\"]\n\n[[test]]");
    let loud = |arguments: &[&str]| {
        let outcome = project.athena_with(arguments, &[("RUST_LOG", "loud")]);
        assert_eq!(outcome.exits(0).err.matches("RUST_LOG=loud").count(), 1, "{}", outcome.err);
    };
    loud(&["run", "logged::double"]);
    for model in ["logged::double", "second_logged::double"] {
        loud(&["record", model, "--case", "one", "--workspace"]);
    }
    loud(&["test", "--workspace"]);
}

#[test]
fn wrong_flags_are_wrong_usage() {
    let project = Project::bin("flags");
    // The only model needs no name.
    project.athena(&["run"]).exits(0);
    project.athena(&["run", "treble"]).exits(2);
    project.athena(&["run", "double", "-e", "SEED"]).exits(2).says("KEY=VALUE");
    project.athena(&["run", "double", "--message", "{}", "--messages", "-"]).exits(2);
    project.athena(&["fly"]).exits(2);
}

#[test]
fn few_short_messages_run_on_all_threads() {
    let model = "use athena_rt::prelude::*;

#[structure]
struct Number {
    value: i64,
}

#[structure]
struct Thread {
    id: String,
}

#[model]
fn wait(state: State<Number>) -> State<Thread> {
    std::thread::sleep(std::time::Duration::from_millis(20));
    state.with(Thread { id: format!(\"{:?}\", std::thread::current().id()) })
}

athena_rt::main!();
";
    let messages = "{\"value\":1}\n".repeat(64);
    let project = Project::bin("threads").file("src/main.rs", model).file("in", &messages);
    let ran = project.athena(&["run", "wait", "--messages", "in", "--jobs", "4"]);
    let threads: BTreeSet<&str> = ran.exits(0).out.lines().collect();
    assert_eq!((ran.out.lines().count(), threads.len()), (64, 4), "{threads:?}");
}

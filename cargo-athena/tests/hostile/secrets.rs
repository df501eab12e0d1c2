//! A secret's value is in no output and no file.

use crate::{Cases, Outcome};

const TOKEN: &str = "hunter2hunter2";

fn with_secrets(cases: &Cases, arguments: &[&str]) -> Outcome {
    let mut command = cases.command(arguments);
    command.env("TOKEN", TOKEN).env("PIN", "31337").env("RUST_LOG", "trace");
    crate::outcome(command.output().unwrap())
}

#[test]
fn no_verb_but_the_models_own_outcome_shows_a_secret() {
    let cases = Cases::new();
    let hidden = |arguments: &[&str], code: i32| {
        let done = with_secrets(&cases, arguments);
        done.exits(code).never_says(TOKEN).never_says("31337");
    };
    hidden(&["record", "reveal", "--case", "one"], 0);
    hidden(&["list"], 0);
    hidden(&["list", "--format", "json"], 0);
    hidden(&["test"], 0);
    hidden(&["record", "--rerecord"], 0);
    let case = std::fs::read_to_string(cases.path("hostile/reveal/one.json")).unwrap();
    assert!(!case.contains(TOKEN) && !case.contains("31337"), "{case}");
    assert!(case.contains("secret"), "{case}");
    cases.write("hostile/reveal/one.json", case.replace("nobody", "somebody"));
    hidden(&["test"], 1);
    with_secrets(&cases, &["run", "reveal"]).exits(0).says(TOKEN).says("token: ***");
}

#[test]
fn a_message_with_secrets_that_can_not_be_recorded_is_named_with_its_place() {
    let cases = Cases::new();
    cases.write("m.jsonl", format!("{{}}\n{{\"password\":\"{TOKEN}\", \"shwon\":\"a\"}}\n"));
    cases.write("m.json", format!("{{\n  \"password\": [\"{TOKEN}\"]\n}}\n"));
    let path = |name: &str| cases.path(name).to_str().unwrap().to_owned();
    let lines = ["record", "reveal", "--suite", "s", "--messages", &path("m.jsonl")];
    cases.run(&lines).exits(2).says("m.jsonl:2:37: /shwon: unknown").never_says(TOKEN);
    let whole = ["record", "reveal", "--case", "c", "--message", &path("m.json")];
    cases.run(&whole).exits(2).says("/password: ").says("(line 2, column ").never_says(TOKEN);
}

#[test]
fn a_secret_that_does_not_read_is_not_quoted() {
    let cases = Cases::new();
    for name in ["PIN", "SIDE"] {
        let setting = format!("{name}={TOKEN}");
        cases.run(&["run", "reveal", "-e", &setting]).exits(2).says(name).never_says(TOKEN);
    }
}

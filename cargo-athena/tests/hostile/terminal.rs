//! What reaches a reviewer's screen.

use std::process::Stdio;

use crate::{Cases, EMPTY};

#[test]
fn no_message_drives_the_terminal() {
    let cases = Cases::new();
    let input = r#"{"text":"\u001b[2J\u202e\u007f\u009b one\nline","map":{"k\u001b[31m":1}}"#;
    cases.case(
        "echo",
        "ansi",
        input,
        &format!("\"output\": {}", EMPTY.replace("\"\"", "\"two\\nline\"")),
    );
    cases.case("refuse", "ansi", input, &format!("\"output\": {EMPTY}"));
    let unsafe_ones = ["\u{1b}", "\u{202e}", "\u{7f}", "\u{9b}"];
    let replay = cases.run(&["test"]);
    replay.exits(1).says("\\u{1b}[2J");
    let refused = cases.run(&["run", "refuse", "--message", input]);
    refused.exits(1).says("\\u{1b}[2J");
    for text in unsafe_ones {
        replay.never_says(text);
        refused.never_says(text);
    }
}

#[test]
fn a_long_text_is_shown_where_it_differs_and_kept_whole_in_a_file() {
    let cases = Cases::new();
    let long = "a".repeat(100_000);
    let output = EMPTY.replace("\"\"", &format!("\"{long}old{long}\""));
    cases.case(
        "echo",
        "long",
        &format!("{{\"text\":\"{long}new{long}\"}}"),
        &format!("\"output\": {output}"),
    );
    let replay = cases.run(&["test"]);
    replay.exits(1).says("aold").says("anew").says("the whole diff is in");
    assert!(replay.out.len() < 5_000, "{} bytes", replay.out.len());
}

#[test]
fn ten_thousand_failures_fit_a_screen() {
    let cases = Cases::new();
    let lines: Vec<_> = (0..10_000)
        .map(|at| format!("{{\"model\":\"hostile::echo\",\"case\":\"c{at}\",\"format\":1,\"env\":{{}},\"input\":{{\"number\":1}},\"output\":{EMPTY}}}"))
        .collect();
    cases.write("hostile/echo/many.jsonl", lines.join("\n"));
    let replay = cases.run(&["test"]);
    replay.exits(1).says("10000 failed").says("more failures");
    assert!(replay.out.lines().count() < 400, "{} lines", replay.out.lines().count());
}

#[test]
fn a_reader_that_leaves_is_no_panic_and_changes_no_verdict() {
    let cases = Cases::new();
    cases.case("echo", "one", "{}", &format!("\"output\": {EMPTY}"));
    let call = |arguments: &[&str]| {
        let mut child =
            cases.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        crate::outcome(child.wait_with_output().unwrap())
    };
    call(&["test"]).exits(0).never_says("panicked");
    call(&["run", "echo"]).exits(0).never_says("panicked");
    cases.write("m.jsonl", "{}\n".repeat(100_000));
    let path = cases.path("m.jsonl");
    call(&["run", "echo", "--messages", path.to_str().unwrap()]).exits(0).never_says("panicked");
    cases.case("echo", "one", "{}", "\"output\": {}");
    call(&["test"]).exits(1).never_says("panicked");
}

//! Messages and variables that are wrong.

use crate::{Cases, EMPTY};

fn run(model: &str, message: &str) -> crate::Outcome {
    let cases = Cases::new();
    cases.write("message.json", message);
    let path = cases.path("message.json");
    cases.run(&["run", model, "--message", path.to_str().unwrap()])
}

#[test]
fn each_mistake_is_located() {
    for (message, place) in [
        (r#"{"numbr":1}"#, "/numbr: unknown field `numbr`, did you mean `number`?"),
        (r#"{"number":"x"}"#, "/number: invalid type"),
        (r#"{"small":256}"#, "/small: 256 is out of range for u8"),
        (r#"{"float":1e999}"#, "/float: number out of range"),
        (r#"{"flag":null}"#, "/flag: invalid type: null"),
        (r#"{"number":1,"number":2}"#, "duplicate field `number`"),
        (r#"{"map":{"a":1,"a":2}}"#, "duplicate key `a`"),
        (r#"{"choice":"Lfet"}"#, "did you mean `Left`?"),
        (r#"{"text":"\ud800"}"#, "/text: "),
        ("[1]", "an object"),
        ("{} {}", "unexpected text after the message"),
        ("{}\0", "unexpected text after the message"),
        ("\u{feff}{}", "byte order mark"),
    ] {
        run("echo", message).exits(2).says(place).says("line 1");
    }
}

#[test]
fn a_depth_bomb_is_an_error_and_harmless_where_it_is_passed_over() {
    let bomb = "[".repeat(100_000);
    run("echo", &bomb).exits(2);
    run("echo", &format!("{{\"list\":{bomb}")).exits(2);
    let closed = format!("{{\"value\":1,\"unknown\":{bomb}{}}}", "]".repeat(100_000));
    assert_eq!(run("lax", &closed).exits(0).out, "{\"value\":1}\n");
}

#[test]
fn what_an_error_quotes_of_a_large_message_is_cut() {
    let long = "a".repeat(20_000_000);
    for message in [format!("{{\"number\":\"{long}\"}}"), format!("{{\"{long}\":1}}")] {
        let refused = run("echo", &message);
        assert!(refused.exits(2).err.len() < 2_000, "{} bytes", refused.err.len());
    }
}

#[test]
fn an_iterator_that_never_ends_is_an_error_and_not_the_end_of_memory() {
    let message = format!("{{\"text\":\"{}\"}}", "a".repeat(1 << 20));
    run("endless", &message).exits(1).says("does the iterator end?");
}

#[test]
fn an_env_file_may_have_quotes_line_ends_and_a_mark_of_other_systems() {
    let cases = Cases::new();
    let run = |content: &str| {
        cases.write("x.env", content);
        cases.run(&["run", "reveal", "--env-file", cases.path("x.env").to_str().unwrap()])
    };
    run("\u{feff}USER=\"a b\"\r\n# no\r\n").exits(0).says("user: \\\"a b\\\"");
    run("USER=\"a\" b\n").exits(2).says("x.env:1").says("quote");
    run("USER=a\nUSER=b\n").exits(2).says("x.env:2").says("twice");
    run("USER\n").exits(2).says("x.env:1");
}

#[test]
fn a_stream_keeps_going_past_what_is_wrong() {
    let cases = Cases::new();
    cases.write("m.jsonl", b"{}\n\xff\n{\"x\x1b\":1}\n{}\n");
    let path = cases.path("m.jsonl");
    let run = cases.run(&["run", "echo", "--messages", path.to_str().unwrap()]);
    run.exits(1).says("line 2: message").says("line 3: message").never_says("\u{1b}");
    assert_eq!(run.out, format!("{EMPTY}\n{EMPTY}\n"));
}

#[test]
#[cfg(unix)]
fn a_copy_that_a_model_forks_off_does_not_go_on_with_the_messages() {
    let cases = Cases::new();
    let lines = ["fork", "fine", "fine"].map(|what| format!("{{\"what\":\"{what}\",\"ms\":0}}\n"));
    cases.write("m.jsonl", lines.concat().as_bytes());
    let path = cases.path("m.jsonl");
    let run = cases.run(&["run", "act", "--messages", path.to_str().unwrap()]);
    run.exits(0).never_says("error");
    assert_eq!(run.out, lines.concat());
}

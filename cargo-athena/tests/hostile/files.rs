//! Case files and folders that are not what they should be.

use std::process::Stdio;

use crate::{Cases, EMPTY};

fn output() -> String {
    format!("\"output\": {EMPTY}")
}

#[test]
fn every_broken_file_is_named_and_the_good_are_replayed() {
    let cases = Cases::new();
    let good = |name: &str| cases.case("echo", name, "{}", &output());
    good("good");
    let text = std::fs::read_to_string(cases.path("hostile/echo/good.json")).unwrap();
    let bomb = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let line = format!(
        "{{\"model\":\"hostile::echo\",\"case\":\"a\",\"format\":1,\"env\":{{}},\"input\":{{}},\"output\":{EMPTY}}}\n"
    );
    let other_order = line.replace("\"format\":1,", "").replacen('{', "{ \"format\": 1, ", 1);
    let files: Vec<(&str, String, &str)> = vec![
        ("empty.json", String::new(), "empty.json:1"),
        ("bom.json", format!("\u{feff}{text}"), "byte order mark"),
        (
            "format.json",
            text.replace("\"format\": 1", "\"format\": 9"),
            "format.json:2: the case has format 9",
        ),
        ("model.json", text.replace("hostile::echo", "hostile::lax"), "model.json:3"),
        (
            "env.json",
            text.replace("\"env\": {}", "\"env\": {\"A\":\"1\",\"A\":\"2\"}"),
            "duplicate key `A`",
        ),
        ("key.json", text.replace("\"output\"", "\"outptu\""), "unknown field `outptu`"),
        (
            "twice.json",
            text.replace("\"input\": {},", "\"input\": {}, \"input\": {},"),
            "duplicate field `input`",
        ),
        ("conflict.json", format!("<<<<<<< HEAD\n{text}"), "conflict.json:1"),
        ("bomb.json", text.replace("\"input\": {}", &format!("\"input\": {bomb}")), "bomb.json"),
        ("bomb-out.json", text.replace(EMPTY, &bomb), "bomb-out.json"),
        ("a case.json", text.clone(), "\"a case\" is not a valid case name"),
        ("backup.json~", text.clone(), "ends in .json"),
        (
            "s.jsonl",
            format!("{line}{line}{}\n", "[".repeat(100_000)),
            "s.jsonl:2: the suite has the case `a` twice",
        ),
        ("t.jsonl", other_order, ""),
    ];
    for (name, content, _) in &files {
        cases.write(&format!("hostile/echo/{name}"), content);
    }
    cases.write("hostile/echo/bytes.json", b"\xff\xfe");
    std::fs::create_dir(cases.path("hostile/echo/folder.json")).unwrap();
    let replay = cases.run(&["test"]);
    replay.exits(2).tells("echo::good", "ok").tells("echo::s/a", "ok").tells("echo::t/a", "ok");
    replay.says("bytes.json").says("folder.json: not a file");
    for (_, _, words) in &files {
        // Beyond ten failures a message is shortened, not left out.
        replay.says(words);
    }
}

#[cfg(unix)]
#[test]
fn links_that_loop_or_lead_nowhere_are_named() {
    use std::os::unix::fs::symlink;
    let cases = Cases::new();
    cases.case("echo", "good", "{}", &output());
    symlink("..", cases.path("hostile/echo/loop")).unwrap();
    symlink("nowhere", cases.path("hostile/echo/gone.json")).unwrap();
    let replay = cases.run(&["test"]);
    replay.exits(2).says("loop: a link back to").says("gone.json: can't be read");
    replay.tells("echo::good", "ok");
    let nowhere = Cases::new();
    symlink("nowhere", nowhere.path("fixtures")).unwrap();
    let link = nowhere.path("fixtures");
    let mut command = std::process::Command::new(crate::tool());
    command.args(["test", "--fixtures"]).arg(link);
    crate::outcome(command.output().unwrap()).exits(2).says("fixtures: can't be read");
}

#[test]
fn outcomes_too_deep_for_values_still_differ() {
    let cases = Cases::new();
    cases.case("deeps", "gone", "{\"number\":200}", "\"outputs\": []");
    cases.case("deep", "other", "{\"number\":200}", "\"output\": {\"leaf\":1}");
    let replay = cases.run(&["test"]);
    replay.exits(1).tells("deeps::gone", "FAILED").tells("deep::other", "FAILED");
    cases.run(&["record", "--rerecord"]).exits(0);
    cases.run(&["test"]).exits(0).says("; 0 failed;");
}

#[test]
fn records_at_once_into_one_suite_lose_no_line() {
    let cases = Cases::new();
    let processes: Vec<_> = (0..4)
        .map(|part| {
            let lines: Vec<_> =
                (0..50).map(|at| format!("{{\"number\":{}}}", part * 100 + at)).collect();
            let file = format!("m{part}.jsonl");
            cases.write(&file, lines.join("\n"));
            let path = cases.path(&file);
            let arguments =
                ["record", "echo", "--suite", "s", "--messages", path.to_str().unwrap()];
            cases.command(&arguments).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let suite = std::fs::read_to_string(cases.path("hostile/echo/s.jsonl")).unwrap();
    assert_eq!(suite.lines().count(), 200);
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_case_whole_and_nothing_else() {
    use std::process::Command;
    let cases = Cases::new();
    cases.case("deep", "one", "{\"number\":5}", "\"output\": {\"leaf\":1}");
    let path = cases.path("hostile/deep/one.json");
    let before = std::fs::read(&path).unwrap();
    // No file may grow beyond a block: laid out, the case does; what the processes tell each other
    // does not.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited, "sh"]).arg(crate::tool());
    command.args([
        "record",
        "deep",
        "--case",
        "one",
        "--message",
        "{\"number\":60}",
        "--overwrite",
        "--fixtures",
    ]);
    command.arg(cases.path(""));
    crate::clean(&mut command);
    crate::outcome(command.output().unwrap()).exits(2).says("one.json").says("nothing was changed");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(cases.path("hostile/deep")).unwrap().count(), 1);
}

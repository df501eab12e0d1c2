use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use tempfile::TempDir;

use super::Capture;
use super::file::{Added, File};
use super::line::Line;
use athena_cases::suite::SuiteIndex;

fn line(case: &str) -> Line {
    let text = format!(
        "{{\"model\":\"m::f\",\"case\":\"{case}\",\"format\":1,\"env\":{{}},\"input\":{{\"text\":\"{}\"}},\"output\":{{}}}}\n",
        "x".repeat(case.len() * 20)
    );
    Line { model: "m::f".to_owned(), case: case.to_owned(), text }
}

fn lines(names: impl IntoIterator<Item = String>) -> Vec<Line> {
    names.into_iter().map(|name| line(&name)).collect()
}

fn folder() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("c.jsonl");
    (folder, path)
}

fn request(path: &Path, per_million: u32, max: u64) -> athena_protocol::Capture {
    let file = path.to_owned();
    athena_protocol::Capture { file, per_million: Some(per_million), max: Some(max) }
}

fn added(kept: u64, duplicate: u64, full: u64) -> Added {
    Added { kept, duplicate, full }
}

#[test]
fn a_content_is_kept_once_even_from_an_earlier_start() {
    let (_folder, path) = folder();
    let mut file = File::open(&path, 10).expect("opens");
    assert_eq!(file.add(&[line("a"), line("b"), line("a")]).expect("adds"), added(2, 1, 0));
    assert_eq!(file.add(&[line("b"), line("c")]).expect("adds"), added(1, 1, 0));
    let mut again = File::open(&path, 10).expect("opens");
    assert_eq!(again.lines(), 3);
    assert_eq!(again.add(&[line("c"), line("d")]).expect("adds"), added(1, 1, 0));
    let text = fs::read_to_string(&path).expect("text");
    assert_eq!(SuiteIndex::scan(&path, &text).expect("a suite").len(), 4);
}

#[test]
fn the_same_name_of_another_model_is_another_case() {
    let (_folder, path) = folder();
    let mut file = File::open(&path, 10).expect("opens");
    let other = Line { model: "m::g".to_owned(), ..line("a") };
    assert_eq!(file.add(&[line("a"), other]).expect("adds"), added(2, 0, 0));
}

#[test]
fn lines_that_are_there_count_to_the_most_there_may_be() {
    let (_folder, path) = folder();
    File::open(&path, 2).expect("opens").add(&[line("a")]).expect("adds");
    let mut file = File::open(&path, 2).expect("opens");
    assert_eq!(file.add(&[line("a"), line("b"), line("c")]).expect("adds"), added(1, 1, 1));
    assert!(file.is_full());
    assert_eq!(fs::read_to_string(&path).expect("text").lines().count(), 2);
}

#[test]
fn a_file_that_was_moved_away_begins_anew() {
    let (folder, path) = folder();
    let mut file = File::open(&path, 1).expect("opens");
    file.add(&[line("a")]).expect("adds");
    fs::rename(&path, folder.path().join("old.jsonl")).expect("moves");
    // Longer than the old: its length does not tell.
    fs::write(&path, line("longer-than-that").text).expect("writes");
    assert_eq!(file.add(&[line("longer-than-that")]).expect("adds"), added(0, 1, 0));
    fs::remove_file(&path).expect("removes");
    assert_eq!(file.add(&[line("a")]).expect("adds"), added(1, 0, 0));
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = folder();
    File::open(&path, 1).expect("opens");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_no_suite_is_refused_with_its_line_and_left_as_it_is() {
    let (folder, path) = folder();
    for (text, wanted) in [
        ("a token", "c.jsonl:1: not a case"),
        ("{\"test\":1}\n", "c.jsonl:1: not a case: missing field `model`"),
        ("[1]", "c.jsonl:1:"),
        (&format!("{}\nnonsense\n", line("a").text), "c.jsonl:3: not a case"),
        (&line("a").text.replace("\"format\":1", "\"format\":9"), "has format 9"),
        (&line("../a").text, "is not a valid case name"),
    ] {
        fs::write(&path, text).expect("writes");
        let error = File::open(&path, 9).err().expect("refused").to_string();
        assert!(error.contains(wanted), "{text}: {error}");
        assert_eq!(fs::read_to_string(&path).expect("text"), text);
    }
    let nowhere = folder.path().join("nowhere").join("c.jsonl");
    let error = File::open(&nowhere, 9).err().expect("refused").to_string();
    assert!(error.contains("no such folder"), "{error}");
    let error = File::open(folder.path(), 9).err().expect("refused").to_string();
    assert!(error.contains("can't write"), "{error}");
}

#[test]
fn a_last_line_that_lacks_only_its_end_gets_it() {
    let (_folder, path) = folder();
    fs::write(&path, line("a").text.trim_end()).expect("writes");
    let mut file = File::open(&path, 9).expect("opens");
    assert_eq!(file.add(&[line("a"), line("b")]).expect("adds"), added(1, 1, 0));
    let wanted = format!("{}{}", line("a").text, line("b").text);
    assert_eq!(fs::read_to_string(&path).expect("text"), wanted);
}

#[test]
fn a_capture_that_keeps_nothing_is_refused() {
    let (_folder, path) = folder();
    for (per_million, max) in [(0, 1), (1, 0)] {
        let refused = Capture::open(&request(&path, per_million, max));
        assert!(refused.is_err_and(|error| error.to_string().contains("no message")));
    }
}

#[test]
fn a_sample_is_as_large_as_it_was_asked_for_and_has_no_rhythm() {
    let (_folder, path) = folder();
    for (per_million, least, most) in
        [(10_000, 800, 1_200), (500_000, 49_000, 51_000), (1_000_000, 100_000, 100_000)]
    {
        let capture = Capture::open(&request(&path, per_million, 1)).expect("opens");
        let taken: Vec<u32> = (0..100_000).filter(|_| capture.wants()).collect();
        assert!((least..=most).contains(&taken.len()), "{per_million}: {}", taken.len());
        let steps: HashSet<u32> = taken.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(per_million == 1_000_000 || steps.len() > 5, "{per_million}: {steps:?}");
    }
}

/// Set where this program is one of many that write: the file, and which it is.
const APPENDER: &str = "ATHENA_TEST_APPENDER";

#[test]
fn many_processes_write_whole_lines_each_content_once_and_none_too_many() {
    if let Ok(order) = std::env::var(APPENDER) {
        let (path, number) = order.rsplit_once('=').expect("an order");
        let mut file = File::open(Path::new(path), 500).expect("opens");
        for at in 0..100 {
            // Half of them are the others' too.
            let names = [format!("all-{at}"), format!("own-{number}-{at}")];
            file.add(&lines(names)).expect("adds");
        }
        return;
    }
    let (_folder, path) = folder();
    let name =
        "capture::tests::many_processes_write_whole_lines_each_content_once_and_none_too_many";
    let start = |number: u32| {
        Command::new(std::env::current_exe().expect("a program"))
            .args([name, "--exact", "--quiet"])
            .env(APPENDER, format!("{}={number}", path.display()))
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("starts")
    };
    let mut appenders: Vec<_> = (0..5).map(start).collect();
    for appender in &mut appenders {
        assert!(appender.wait().expect("ends").success());
    }
    let text = fs::read_to_string(&path).expect("text");
    let suite = SuiteIndex::scan(&path, &text).expect("a suite");
    assert_eq!((suite.len(), &suite.broken[..]), (500, &[][..]));
    assert_eq!(File::open(&path, 500).expect("opens").lines(), 500);
}

#[test]
fn a_line_torn_by_a_writer_that_died_is_gone_for_those_that_live() {
    let (_folder, path) = folder();
    let mut file = File::open(&path, 9).expect("opens");
    file.add(&[line("a")]).expect("adds");
    let torn = line("b").text;
    let mut other = fs::OpenOptions::new().append(true).open(&path).expect("opens");
    other.write_all(&torn.as_bytes()[..torn.len() / 2]).expect("writes");
    assert_eq!(file.add(&[line("c")]).expect("adds"), added(1, 0, 0));
    let wanted = format!("{}{}", line("a").text, line("c").text);
    assert_eq!(fs::read_to_string(&path).expect("text"), wanted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn wherever_a_file_breaks_off_what_is_whole_is_kept(at in 0_usize..600, more in 1_usize..5) {
        let (_folder, path) = folder();
        let whole: String = (0..5).map(|n| line(&format!("case-{n}")).text).collect();
        let at = at.min(whole.len());
        fs::write(&path, &whole[..at]).expect("writes");
        let mut file = File::open(&path, 100).expect("opens");
        // A line that lacks its end only is whole.
        let kept = (0..5).filter(|n| {
            let end: usize = (0..=*n).map(|n| line(&format!("case-{n}")).text.len()).sum();
            at + 1 >= end
        });
        let kept = kept.count();
        prop_assert_eq!(file.lines(), kept as u64);
        file.add(&lines((0..5 + more).map(|n| format!("case-{n}")))).expect("adds");
        let text = fs::read_to_string(&path).expect("text");
        let suite = SuiteIndex::scan(&path, &text).expect("a suite");
        prop_assert_eq!(suite.broken.len(), 0);
        let names: Vec<String> = suite.iter().map(|line| line.name.to_owned()).collect();
        let wanted: Vec<String> = (0..5 + more).map(|n| format!("case-{n}")).collect();
        prop_assert_eq!(names, wanted);
    }
}

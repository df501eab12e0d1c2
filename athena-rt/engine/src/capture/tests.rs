use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use tempfile::TempDir;

use super::Capture;
use super::file::{Added, CaptureFile};
use super::line::CaptureLine;
use athena_cases::suite::SuiteIndex;

fn line(case: &str) -> CaptureLine {
    let text = format!(
        "{{\"model\":\"m::f\",\"case\":\"{case}\",\"format\":1,\"env\":{{}},\"input\":{{\"text\":\"{}\"}},\"output\":{{}}}}\n",
        "x".repeat(case.len() * 20)
    );
    CaptureLine { model: "m::f".to_owned(), case: case.to_owned(), text }
}

fn lines(names: impl IntoIterator<Item = String>) -> Vec<CaptureLine> {
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
fn equal_messages_are_kept_once_even_across_starts() {
    let (_folder, path) = folder();
    let mut file = CaptureFile::open(&path, 10).expect("opens");
    assert_eq!(file.add(&[line("a"), line("b"), line("a")]).expect("adds"), added(2, 1, 0));
    assert_eq!(file.add(&[line("b"), line("c")]).expect("adds"), added(1, 1, 0));
    let mut again = CaptureFile::open(&path, 10).expect("opens");
    assert_eq!(again.cases(), 3);
    assert_eq!(again.add(&[line("c"), line("d")]).expect("adds"), added(1, 1, 0));
    let text = fs::read_to_string(&path).expect("text");
    assert_eq!(SuiteIndex::scan(&path, &text).expect("a suite").len(), 4);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_refused() {
    let (folder, path) = folder();
    let link = folder.path().join("link.jsonl");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    let error = CaptureFile::open(&link, 9).err().expect("refused").to_string();
    assert!(error.contains("link.jsonl is a symbolic link"), "{error}");
    assert!(!path.exists());
}

#[test]
fn the_same_name_of_another_model_is_another_case() {
    let (_folder, path) = folder();
    let mut file = CaptureFile::open(&path, 10).expect("opens");
    let other = CaptureLine { model: "m::g".to_owned(), ..line("a") };
    assert_eq!(file.add(&[line("a"), other]).expect("adds"), added(2, 0, 0));
}

#[test]
fn lines_that_are_there_count_towards_the_largest_number() {
    let (_folder, path) = folder();
    CaptureFile::open(&path, 2).expect("opens").add(&[line("a")]).expect("adds");
    let mut file = CaptureFile::open(&path, 2).expect("opens");
    assert_eq!(file.add(&[line("a"), line("b"), line("c")]).expect("adds"), added(1, 1, 1));
    assert!(file.is_full());
    assert_eq!(fs::read_to_string(&path).expect("text").lines().count(), 2);
}

#[test]
fn a_file_that_was_moved_away_starts_again() {
    let (folder, path) = folder();
    let mut file = CaptureFile::open(&path, 1).expect("opens");
    file.add(&[line("a")]).expect("adds");
    fs::rename(&path, folder.path().join("old.jsonl")).expect("moves");
    // Longer than the old file, so its length alone shows nothing.
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
    CaptureFile::open(&path, 1).expect("opens");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_is_not_a_suite_is_an_error_with_its_line_and_is_not_changed() {
    let (folder, path) = folder();
    for (text, wanted) in [
        ("a token", "c.jsonl:1: not JSON"),
        ("{\"test\":1}\n", "c.jsonl:1: not a case: missing field `model`"),
        ("[1]", "c.jsonl:1:"),
        (&format!("{}\nnonsense\n", line("a").text), "c.jsonl:3: not JSON"),
        (&line("a").text.replace("\"format\":1", "\"format\":9"), "has format 9"),
        (&line("../a").text, "is not a valid case name"),
    ] {
        fs::write(&path, text).expect("writes");
        let error = CaptureFile::open(&path, 9).err().expect("refused").to_string();
        assert!(error.contains(wanted), "{text}: {error}");
        assert_eq!(fs::read_to_string(&path).expect("text"), text);
    }
    let nowhere = folder.path().join("nowhere").join("c.jsonl");
    let error = CaptureFile::open(&nowhere, 9).err().expect("refused").to_string();
    assert!(error.contains("the folder does not exist"), "{error}");
    let error = CaptureFile::open(folder.path(), 9).err().expect("refused").to_string();
    assert!(error.contains("can't write"), "{error}");
}

#[test]
fn a_last_line_that_lacks_only_its_end_is_completed() {
    let (_folder, path) = folder();
    fs::write(&path, line("a").text.trim_end()).expect("writes");
    let mut file = CaptureFile::open(&path, 9).expect("opens");
    assert_eq!(file.add(&[line("a"), line("b")]).expect("adds"), added(1, 1, 0));
    let wanted = format!("{}{}", line("a").text, line("b").text);
    assert_eq!(fs::read_to_string(&path).expect("text"), wanted);
}

#[test]
fn a_capture_of_nothing_is_an_error() {
    let (_folder, path) = folder();
    for (per_million, max) in [(0, 1), (1, 0)] {
        let refused = Capture::open(&request(&path, per_million, max));
        assert!(refused.is_err_and(|error| error.to_string().contains("no message")));
    }
}

#[test]
fn a_sample_has_the_requested_size_and_is_irregular() {
    let (_folder, path) = folder();
    for (per_million, least, most) in
        [(10_000, 800, 1_200), (500_000, 49_000, 51_000), (1_000_000, 100_000, 100_000)]
    {
        let capture = Capture::open(&request(&path, per_million, 1)).expect("opens");
        let taken: Vec<u32> = (0..100_000).filter(|_| capture.should_sample()).collect();
        assert!((least..=most).contains(&taken.len()), "{per_million}: {}", taken.len());
        let steps: HashSet<u32> = taken.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(per_million == 1_000_000 || steps.len() > 5, "{per_million}: {steps:?}");
    }
}

/// Set in the processes of a test that write one file: the file and the number of the process.
const APPENDER: &str = "ATHENA_TEST_APPENDER";

#[test]
fn many_processes_write_whole_lines_without_duplicates_or_too_many() {
    if let Ok(order) = std::env::var(APPENDER) {
        let (path, number) = order.rsplit_once('=').expect("an order");
        let mut file = CaptureFile::open(Path::new(path), 500).expect("opens");
        for at in 0..100 {
            // Half of the lines are the same in all processes.
            let names = [format!("all-{at}"), format!("own-{number}-{at}")];
            file.add(&lines(names)).expect("adds");
        }
        return;
    }
    let (_folder, path) = folder();
    let name = "capture::tests::many_processes_write_whole_lines_without_duplicates_or_too_many";
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
    assert_eq!(CaptureFile::open(&path, 500).expect("opens").cases(), 500);
}

#[test]
fn an_incomplete_line_of_a_dead_writer_is_removed_by_others() {
    let (_folder, path) = folder();
    let mut file = CaptureFile::open(&path, 9).expect("opens");
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
        let mut file = CaptureFile::open(&path, 100).expect("opens");
        // A line that lacks its end only is whole.
        let kept = (0..5).filter(|n| {
            let end: usize = (0..=*n).map(|n| line(&format!("case-{n}")).text.len()).sum();
            at + 1 >= end
        });
        let kept = kept.count();
        prop_assert_eq!(file.cases(), kept as u64);
        file.add(&lines((0..5 + more).map(|n| format!("case-{n}")))).expect("adds");
        let text = fs::read_to_string(&path).expect("text");
        let suite = SuiteIndex::scan(&path, &text).expect("a suite");
        prop_assert_eq!(suite.broken.len(), 0);
        let names: Vec<String> = suite.iter().map(|line| line.name.to_owned()).collect();
        let wanted: Vec<String> = (0..5 + more).map(|n| format!("case-{n}")).collect();
        prop_assert_eq!(names, wanted);
    }
}

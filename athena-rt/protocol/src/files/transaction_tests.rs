//! Transactions that end at every step, and that are killed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::disk::crash_after;
use super::error::FileError;
use super::recovery::{Recovery, recover};
use super::rewrite::{Edits, Rewrite, Rewritten};
use super::transaction::Transaction;

/// The files below a folder, with their contents.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

fn put(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }
}

const BEFORE: [(&str, &str); 4] = [
    ("a/one.json", "1"),
    ("a/two.json", "2"),
    ("b/three.json", "3"),
    ("b/four.jsonl", "first\nsecond\nthird\n"),
];

/// Replaces one file and the ends of one, moves one and creates one. The folder is that of the edits.
fn change(folder: &Path) -> (Transaction, TempDir) {
    let at = |name: &str| folder.join(name);
    let mut transaction = Transaction::begin(folder).unwrap();
    let edits = tempfile::tempdir().unwrap();
    transaction.rewrite(rewritten(&at("b/four.jsonl"), &edits));
    transaction.write(&at("a/one.json"), Some("1"), "one");
    transaction.write_like(&at("c/d/three.json"), "three", &at("b/three.json"));
    transaction.remove(&at("b/three.json"), "3");
    transaction.write(&at("a/new.json"), None, "new");
    (transaction, edits)
}

/// A suite with a new first line and an empty third.
fn rewritten(path: &Path, edits: &TempDir) -> Rewritten {
    let mut edits = Edits::create(&edits.path().join("edits")).unwrap();
    let mut rewrite = Rewrite::open(path).unwrap();
    rewrite.replace(0, "first", "a longer one", &mut edits).unwrap();
    rewrite.replace(13, "third", "", &mut edits).unwrap();
    rewrite.finish(&mut edits).unwrap()
}

#[test]
fn a_write_that_ends_at_any_step_is_complete_or_not_begun() {
    let old: BTreeMap<_, _> = BEFORE.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let new: BTreeMap<_, _> = [
        ("a/one.json", "one"),
        ("a/two.json", "2"),
        ("c/d/three.json", "three"),
        ("a/new.json", "new"),
        ("b/four.jsonl", "a longer one\nsecond\n\n"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    let (mut undone, mut finished) = (0, 0);
    for steps in 0.. {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), &BEFORE);
        let (transaction, _edits) = change(folder.path());
        crash_after(Some(steps));
        let done = transaction.commit();
        crash_after(None);
        let recovery = recover(folder.path()).unwrap();
        let now = files(folder.path());
        match &recovery {
            Some(Recovery::Undone { files: 5 }) => undone += 1,
            Some(Recovery::Finished { files: 5 }) => finished += 1,
            None => {}
            other => panic!("step {steps}: {other:?}"),
        }
        let wanted = match recovery {
            Some(Recovery::Finished { .. }) => &new,
            None if now == new => &new,
            _ => &old,
        };
        // A crash before the journal has its name leaves nothing that a walk would find.
        let now: BTreeMap<_, _> =
            now.into_iter().filter(|(name, _)| name != ".athena-journal.tmp").collect();
        assert_eq!(&now, wanted, "step {steps}: {recovery:?}");
        drop(Transaction::begin(folder.path()).unwrap());
        assert_eq!(&files(folder.path()), wanted, "step {steps}");
        assert!(wanted == &new || !folder.path().join("c").exists(), "step {steps}");
        if done.is_ok() {
            assert_eq!(wanted, &new);
            break;
        }
    }
    assert!(undone > 5 && finished > 5, "{undone} {finished}");
}

#[test]
fn a_recovery_that_ends_at_any_step_can_be_repeated() {
    for steps in (0..60).step_by(3) {
        for again in 0..12 {
            let folder = tempfile::tempdir().unwrap();
            put(folder.path(), &BEFORE);
            let (transaction, _edits) = change(folder.path());
            crash_after(Some(steps));
            let _ = transaction.commit();
            crash_after(Some(again));
            let _ = recover(folder.path());
            crash_after(None);
            recover(folder.path()).unwrap();
            let now = files(folder.path());
            let is_new = now.get("a/one.json").is_some_and(|text| text == "one");
            assert_eq!(now.contains_key("a/new.json"), is_new, "{steps} {again} {now:?}");
            assert_eq!(now.contains_key("b/three.json"), !is_new, "{steps} {again} {now:?}");
        }
    }
}

#[test]
fn what_was_changed_after_a_crash_is_kept() {
    let mut dropped = 0;
    for steps in 0..60 {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), &BEFORE);
        let (transaction, _edits) = change(folder.path());
        crash_after(Some(steps));
        let done = transaction.commit();
        crash_after(None);
        put(folder.path(), &[("a/one.json", "mine")]);
        if let Some(Recovery::Dropped { files: 5, changed }) = recover(folder.path()).unwrap() {
            assert_eq!(changed, Path::new("a/one.json"));
            dropped += 1;
        }
        let now = files(folder.path());
        assert_eq!(now["a/one.json"], "mine", "step {steps}");
        assert!(now.keys().all(|name| !name.contains("-0.tmp")), "{now:?}");
        if done.is_ok() {
            break;
        }
    }
    assert!(dropped > 0);
}

#[test]
fn a_replaced_file_stays_a_link_and_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    put(folder.path(), &[("f/plain.json", "1"), ("shared/far.json", "2"), ("f/twin.json", "3")]);
    fs::set_permissions(at("f/plain.json"), Permissions::from_mode(0o664)).unwrap();
    fs::set_permissions(at("shared/far.json"), Permissions::from_mode(0o755)).unwrap();
    symlink("../shared/far.json", at("f/link.json")).unwrap();
    symlink("../shared/new.json", at("f/dangling.json")).unwrap();
    fs::hard_link(at("f/twin.json"), at("shared/twin.json")).unwrap();
    let mut transaction = Transaction::begin(&at("f")).unwrap();
    transaction.write(&at("f/plain.json"), Some("1"), "one");
    transaction.write(&at("f/link.json"), Some("2"), "two");
    transaction.write(&at("f/dangling.json"), None, "new");
    transaction.write(&at("f/twin.json"), Some("3"), "three");
    let notes = transaction.commit().unwrap();
    assert!(notes.len() == 1 && notes[0].contains("twin.json"), "{notes:?}");
    let mode = |name: &str| fs::metadata(at(name)).unwrap().mode() & 0o777;
    assert_eq!((mode("f/plain.json"), mode("f/link.json")), (0o664, 0o755));
    assert!(at("f/link.json").is_symlink() && at("f/dangling.json").is_symlink());
    let now = files(folder.path());
    assert_eq!((&*now["shared/far.json"], &*now["shared/new.json"]), ("two", "new"));
    assert_eq!((&*now["f/twin.json"], &*now["shared/twin.json"]), ("three", "3"));
    assert!(now.keys().all(|name| !name.contains(".athena")), "{now:?}");
}

#[test]
fn nothing_is_written_if_one_file_can_t_be() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    put(folder.path(), &[("a.json", "1"), ("b.json", "2"), ("folder.json/x", "")]);
    fs::set_permissions(at("b.json"), Permissions::from_mode(0o444)).unwrap();
    let before = files(folder.path());
    for (name, old, says) in [
        ("b.json", Some("2"), "it is read-only"),
        ("a.json", Some("changed"), "by another process"),
        ("a.json", None, "by another process"),
        ("gone.json", Some("1"), "by another process"),
        ("folder.json", Some("1"), "it is a folder"),
        ("b.json/x/y.json", None, "can't write"),
    ] {
        let mut transaction = Transaction::begin(folder.path()).unwrap();
        transaction.write(&at("new/first.json"), None, "first");
        transaction.write(&at(name), old, "new");
        let error = transaction.commit().unwrap_err().to_string();
        assert!(error.contains(says) && error.contains(name), "{error}");
        assert_eq!(files(folder.path()), before, "{name}");
        assert!(!at("new").exists(), "{name}");
    }
}

#[test]
fn what_another_program_has_written_as_well_is_no_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    put(folder.path(), &[("same.json", "new"), ("other.json", "1")]);
    let mut transaction = Transaction::begin(folder.path()).unwrap();
    transaction.write(&at("same.json"), None, "new");
    transaction.write(&at("other.json"), Some("1"), "2");
    transaction.remove(&at("gone.json"), "3");
    assert_eq!(transaction.commit(), Ok(Vec::new()));
    let now = files(folder.path());
    assert_eq!((now.len(), &*now["same.json"], &*now["other.json"]), (2, "new", "2"));
}

#[test]
fn the_changes_of_two_programs_are_made_together() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    put(folder.path(), &[("f/a.json", "1"), ("f/lock", "0")]);
    let save = |name: &str, lock: &str, saved: &str| {
        let mut transaction = Transaction::begin(&at("f")).unwrap();
        let old = fs::read_to_string(at(name)).ok();
        transaction.write(&at(name), old.as_deref(), "new");
        transaction.write(&at("f/lock"), Some("0"), lock);
        transaction.save(&at(saved)).unwrap();
    };
    save("f/a.json", "1", "one");
    save("f/b.json", "1", "two");
    save("f/c.json", "2", "three");
    assert_eq!(fs::read_to_string(at("f/a.json")).unwrap(), "1");
    let mut transaction = Transaction::begin(&at("f")).unwrap();
    let loaded = ["one", "two", "three", "none"].map(|name| transaction.load(&at(name)).unwrap());
    assert_eq!(loaded, [true, true, false, true]);
    transaction.commit().unwrap();
    let now = files(&at("f"));
    assert_eq!(now.len(), 3, "{now:?}");
    assert_eq!((&*now["a.json"], &*now["b.json"], &*now["lock"]), ("new", "new", "1"));
}

#[test]
fn a_file_that_changes_while_it_gets_new_texts_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let (path, edits) = (folder.path().join("a.jsonl"), tempfile::tempdir().unwrap());
    let is_refused = |done: Result<Vec<String>, FileError>| {
        let error = done.unwrap_err().to_string();
        assert!(error.contains("a.jsonl was written by another process"), "{error}");
    };
    put(folder.path(), &[("a.jsonl", "first\nsecond\nthird\n")]);
    let mut transaction = Transaction::begin(folder.path()).unwrap();
    transaction.rewrite(rewritten(&path, &edits));
    put(folder.path(), &[("a.jsonl", "first\nSecond\nthird\n")]);
    is_refused(transaction.commit());
    assert_eq!(files(folder.path())["a.jsonl"], "first\nSecond\nthird\n");
    // What is to be replaced is not there.
    let mut edits = Edits::create(&edits.path().join("edits")).unwrap();
    for (start, old) in [(6, "second"), (6, "Second\nthird\nfourth"), (99, "x")] {
        let mut rewrite = Rewrite::open(&path).unwrap();
        is_refused(rewrite.replace(start, old, "2", &mut edits).map(|()| Vec::new()));
    }
    let mut rewrite = Rewrite::open(&path).unwrap();
    rewrite.replace(6, "Second", "2", &mut edits).unwrap();
    // Only what follows can be replaced.
    is_refused(rewrite.replace(0, "first", "1", &mut edits).map(|()| Vec::new()));
}

#[test]
fn the_new_texts_of_another_program_are_read_where_it_left_them() {
    let folder = tempfile::tempdir().unwrap();
    let (path, edits) = (folder.path().join("f/a.jsonl"), tempfile::tempdir().unwrap());
    // Over the size of a block, with parts that stay between the edits.
    let lines: Vec<String> =
        (0..9_000).map(|at| format!("{at} {}\n", "x".repeat(at % 60))).collect();
    put(folder.path(), &[("f/a.jsonl", &lines.concat()), ("f/b.jsonl", "first\nsecond\nthird\n")]);
    let mut expected = String::new();
    let mut log = Edits::create(&edits.path().join("all")).unwrap();
    let (mut rewrite, mut start) = (Rewrite::open(&path).unwrap(), 0);
    for (at, line) in lines.iter().enumerate() {
        if at % 100 < 2 {
            let new = format!("new {at}\n");
            rewrite.replace(start, line, &new, &mut log).unwrap();
            expected.push_str(&new);
        } else {
            expected.push_str(line);
        }
        start += line.len() as u64;
    }
    let mut transaction = Transaction::begin(&folder.path().join("f")).unwrap();
    transaction.rewrite(rewrite.finish(&mut log).unwrap());
    let mut rewrite = Rewrite::open(&folder.path().join("f/b.jsonl")).unwrap();
    rewrite.replace(6, "second", "2", &mut log).unwrap();
    transaction.rewrite(rewrite.finish(&mut log).unwrap());
    transaction.save(&edits.path().join("saved")).unwrap();
    let mut transaction = Transaction::begin(&folder.path().join("f")).unwrap();
    assert_eq!(transaction.load(&edits.path().join("saved")), Ok(true));
    transaction.commit().unwrap();
    let now = files(folder.path());
    assert!(now["f/a.jsonl"] == expected && now["f/b.jsonl"] == "first\n2\nthird\n");
}

/// The number of files that the killed program writes.
const MANY: usize = 12;

/// Writes the same number to all files, over and over. Only the test below sets the variable.
#[test]
fn writer_that_is_killed() {
    let Some(folder) = std::env::var_os("ATHENA_TEST_WRITER") else { return };
    let folder = Path::new(&folder);
    for number in 1_u64.. {
        let mut transaction = Transaction::begin(folder).unwrap();
        for at in 0..MANY {
            let path = folder.join(format!("m/{}/{at}.json", at % 3));
            let old = fs::read_to_string(&path).ok();
            transaction.write(&path, old.as_deref(), &format!("{number} {}", "x".repeat(5000)));
        }
        transaction.commit().unwrap();
    }
}

#[test]
fn two_programs_that_are_killed_at_any_time_leave_whole_writes() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..60_u64 {
        let writer = || {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command
                .args(["--exact", "files::transaction_tests::writer_that_is_killed", "-q"])
                .env("ATHENA_TEST_WRITER", folder.path())
                .stdout(Stdio::null());
            command.spawn().unwrap()
        };
        let mut writers = [writer(), writer()];
        let micros = 15_000 + (round * 7_919) % 40_000;
        std::thread::sleep(std::time::Duration::from_micros(micros));
        for writer in &mut writers {
            writer.kill().unwrap();
            writer.wait().unwrap();
        }
        drop(Transaction::begin(folder.path()).unwrap());
        let now = files(folder.path());
        assert!(now.is_empty() || now.len() == MANY, "{:?}", now.keys());
        assert!(now.keys().all(|name| !name.contains(".athena")), "{:?}", now.keys());
        let first = now.values().next();
        assert!(now.values().all(|text| Some(text) == first), "round {round}");
    }
}

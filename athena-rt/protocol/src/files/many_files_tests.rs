//! Transactions of many files, which several threads write.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::disk::crash_after;
use super::recovery::{Recovery, recover};
use super::transaction::Transaction;

/// Enough for several threads.
const FILES: usize = 40;

/// The different contents of the files below a folder, and the number of files.
fn contents(folder: &Path) -> (BTreeSet<String>, usize) {
    let (mut found, mut count) = (BTreeSet::new(), 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "json") {
            found.insert(fs::read_to_string(path).unwrap());
            count += 1;
        } else {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(name.starts_with(".athena-journal"), "{name}");
        }
    }
    (found, count)
}

fn change(folder: &Path, new: &str) -> Transaction {
    let mut transaction = Transaction::begin(folder).unwrap();
    for at in 0..FILES {
        transaction.write(&folder.join(format!("{at}.json")), Some("old"), new);
    }
    transaction
}

#[test]
fn a_write_of_many_files_that_ends_at_any_step_is_complete_or_not_begun() {
    let (mut undone, mut finished) = (0, 0);
    for steps in (0..).step_by(3) {
        let folder = tempfile::tempdir().unwrap();
        for at in 0..FILES {
            fs::write(folder.path().join(format!("{at}.json")), "old").unwrap();
        }
        let transaction = change(folder.path(), "new");
        crash_after(Some(steps));
        let done = transaction.commit();
        crash_after(None);
        let recovery = recover(folder.path()).unwrap();
        let (found, count) = contents(folder.path());
        assert!(count == FILES && found.len() == 1, "step {steps}: {recovery:?} {found:?}");
        let is_new = found.contains("new");
        match &recovery {
            Some(Recovery::Undone { files: FILES }) if !is_new => undone += 1,
            Some(Recovery::Finished { files: FILES }) if is_new => finished += 1,
            None => assert_eq!(is_new, done.is_ok(), "step {steps}"),
            other => panic!("step {steps}: {other:?}"),
        }
        if done.is_ok() {
            break;
        }
    }
    // Each file has four steps before the journal is complete, and one after it.
    assert!(undone > FILES && finished > FILES / 4, "{undone} {finished}");
}

#[test]
fn of_many_files_none_is_written_if_one_can_t_be() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..FILES {
        fs::write(folder.path().join(format!("{at}.json")), "old").unwrap();
    }
    let mut transaction = change(folder.path(), "new");
    // A folder that can't be created: a file is in its place.
    transaction.write(&folder.path().join("3.json/x/new.json"), None, "new");
    let error = transaction.commit().unwrap_err().to_string();
    assert!(error.contains("3.json/x"), "{error}");
    let (found, count) = contents(folder.path());
    assert!(count == FILES && found.iter().eq(["old"]), "{found:?}");
}

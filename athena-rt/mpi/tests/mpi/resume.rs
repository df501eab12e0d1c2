//! Jobs that resume from a journal.

use std::path::Path;
use std::process::Command;

use crate::Tests;
use crate::job::{Job, finish, kill, size, tasks, wait_until};

pub(crate) const TESTS: Tests = &[
    ("a_journal_is_neither_overwritten_nor_used_without_resume", unasked),
    ("a_journal_of_another_job_is_refused_and_what_differs_is_named", another_job),
    ("a_journal_of_another_build_is_refused_unless_that_is_allowed", another_build),
    ("an_incomplete_journal_keeps_its_complete_records", torn),
    ("a_journal_with_an_incomplete_header_is_started_again", headless),
    ("a_full_disk_is_reported_and_the_job_resumes_once_there_is_space", full_disk),
    ("two_jobs_at_once_do_not_share_a_journal", two_at_once),
    ("outputs_exist_only_once_they_are_complete", only_whole),
];

fn another_build() {
    let job = slow_job();
    begin(&job, 10_000, &[]);
    let other = job.other_build();
    let run = |more: &[&str]| {
        let mut command = Command::new(&other);
        finish(command.env(crate::RUNNER, "1").args(job.mpi()).args(more))
    };
    let refused = run(&["--resume"]);
    assert_eq!(refused.code, Some(2), "{}", refused.output);
    assert!(refused.output.contains("is the journal of another build"), "{}", refused.output);
    assert!(refused.output.contains("--allow-other-build"), "{}", refused.output);
    let ended = run(&["--resume", "--allow-other-build"]);
    assert!(ended.output.contains("resuming: "), "{}", ended.output);
    job.without_arguments().assert_local(&ended);
}

/// Runs the job in one process until its journal has this number of bytes, and kills it.
fn begin(job: &Job, bytes: u64, more: &[&str]) {
    let mut command = Command::new(crate::job::runner());
    command.env(crate::RUNNER, "1").args(job.mpi()).args(more);
    command.stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    wait_until("the journal to grow", || {
        assert!(child.try_wait().unwrap().is_none(), "the job ended too early");
        size(&job.path("out.journal")) > bytes
    });
    kill(child.id());
    child.wait().unwrap();
}

fn slow_job() -> Job {
    Job::new(&tasks(2000, 1000)).with(&["--batch-size", "2KB", "--jobs", "1"])
}

fn unasked() {
    let job = slow_job();
    begin(&job, 10_000, &[]);
    let ended = job.run_alone(&[]);
    assert_eq!(ended.code, Some(2), "{}", ended.output);
    assert!(ended.output.contains("use --resume to continue"), "{}", ended.output);
    let ended = job.run(3, &["--resume"]);
    assert!(ended.output.contains("resuming: "), "{}", ended.output);
    assert!(!ended.output.contains("resuming: 0 messages"), "{}", ended.output);
    job.without_arguments().assert_local(&ended);
}

fn another_job() {
    let job = slow_job();
    begin(&job, 10_000, &["-e", "ADD=1"]);
    let refused = |more: &[&str], what: &str| {
        let ended = job.run_alone(&[&["--resume"], more].concat());
        assert_eq!(ended.code, Some(2), "{}", ended.output);
        assert!(ended.output.contains("is the journal of another job: "), "{}", ended.output);
        assert!(ended.output.contains(what), "{}", ended.output);
    };
    refused(&["-e", "ADD=2"], "ADD had another value");
    refused(&[], "ADD was set");
    refused(&["-e", "ADD=1", "--output-format", "protobuf"], "--output-format was json");
    refused(&["-e", "ADD=1", "--unordered"], "--unordered was not set");
    let input = job.text("in");
    std::fs::write(job.path("in"), format!("{input}{{\"id\":1}}\n")).unwrap();
    refused(&["-e", "ADD=1"], "the input had ");
    std::fs::write(job.path("in"), input.replacen("\"id\":1,", "\"id\":2,", 1)).unwrap();
    refused(&["-e", "ADD=1"], "the input has changed");
    std::fs::write(job.path("in"), input).unwrap();
    let ended = job.run_alone(&["--resume", "-e", "ADD=1"]);
    job.without_arguments().assert_local(&ended);
}

fn torn() {
    let job = Job::new(&tasks(120, 5000)).with(&["--batch-size", "500B"]);
    begin(&job, 3000, &["--jobs", "1"]);
    let journal = job.read("out.journal");
    // The ends of records, by their lengths.
    let mut at = 16;
    let mut ends = vec![at];
    while at + 16 <= journal.len() {
        let length = u64::from_le_bytes(journal[at..at + 8].try_into().unwrap());
        at += 16 + usize::try_from(length).unwrap();
        if at <= journal.len() {
            ends.push(at);
        }
    }
    let (last, before) = (ends[ends.len() - 1], ends[ends.len() - 2]);
    assert!(last - before > 40 && ends.len() > 5, "{ends:?}");
    let (out, rejects) = Job::new(&tasks(120, 5000)).local();
    for length in before..=last {
        std::fs::write(job.path("out.journal"), &journal[..length]).unwrap();
        let ended = job.run_alone(&["--resume", "--jobs", "2"]);
        assert_eq!(ended.code, Some(1), "torn at {length}: {}", ended.output);
        assert!(job.read("out") == out, "torn at {length}");
        assert!(job.read("rejects") == rejects, "torn at {length}");
        job.assert_clean();
    }
}

/// A small disk, which is gone when this is.
struct Disk<'a>(&'a Path);

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

fn full_disk() {
    let job = Job::new(&tasks(20_000, 0)).with(&["--batch-size", "20KB"]);
    let disk = job.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted =
        finish(Command::new("mount").args(["-t", "tmpfs", "-o", "size=1M", "none"]).arg(&disk));
    assert_eq!(mounted.code, Some(0), "this test needs to mount a small disk: {}", mounted.output);
    let _disk = Disk(&disk);
    let out = disk.join("out").display().to_string();
    let run = |ranks: usize, more: &[&str]| {
        let mut command = crate::job::mpirun();
        command.args(["--oversubscribe", "-n", &ranks.to_string()]).arg(crate::job::runner());
        command.args(["mpi", "mpi::work", "--out", &out, "--messages"]).arg(job.path("in"));
        command.arg("--rejects").arg(job.path("rejects")).args(more);
        finish(&mut command)
    };
    let full = run(3, &["--batch-size", "20KB"]);
    assert_eq!(full.code, Some(1), "{}", full.output);
    assert_eq!(full.output.matches("error: ").count(), 1, "{}", full.output);
    assert!(full.output.contains("No space left"), "{}", full.output);
    assert!(full.output.contains("with --resume to continue"), "{}", full.output);
    assert!(!disk.join("out").exists());
    let again = run(2, &["--resume"]);
    assert!(again.output.contains("No space left"), "{}", again.output);
    let room = finish(Command::new("mount").args(["-o", "remount,size=20M"]).arg(&disk));
    assert_eq!(room.code, Some(0), "{}", room.output);
    let done = run(3, &["--resume"]);
    assert_eq!(done.code, Some(1), "{}", done.output);
    assert!(!done.output.contains("resuming: 0 messages"), "{}", done.output);
    let local_job = job.without_arguments();
    let (wanted, rejects) = local_job.local();
    assert!(std::fs::read(disk.join("out")).unwrap() == wanted);
    assert!(local_job.read("rejects") == rejects);
}

fn two_at_once() {
    let job = Job::new(&tasks(300, 10_000)).with(&["--batch-size", "1KB", "--jobs", "1"]);
    let mut command = Command::new(crate::job::runner());
    command.env(crate::RUNNER, "1").args(job.mpi()).stderr(std::process::Stdio::null());
    let mut first = command.spawn().unwrap();
    wait_until("the journal", || job.path("out.journal").exists());
    // The second job waits for the first, which removes its journal, so that the second starts again.
    let ended = job.run_alone(&["--resume"]);
    assert_eq!(first.wait().unwrap().code(), Some(1));
    assert!(ended.output.contains("another job uses "), "{}", ended.output);
    assert_eq!(ended.code, Some(1), "{}", ended.output);
    job.without_arguments().assert_local(&ended);
}

fn headless() {
    let job = slow_job();
    begin(&job, 10_000, &[]);
    let journal = job.read("out.journal");
    for length in 0..50 {
        std::fs::write(job.path("out.journal"), &journal[..length]).unwrap();
        let quick = Job::new("{\"id\":1}\n");
        std::fs::copy(job.path("out.journal"), quick.path("out.journal")).unwrap();
        let ended = quick.run_alone(&["--resume"]);
        quick.assert_local(&ended);
    }
}

fn only_whole() {
    let job = slow_job();
    std::fs::write(job.path("out"), "of an earlier job").unwrap();
    begin(&job, 10_000, &[]);
    assert_eq!(job.text("out"), "of an earlier job");
    assert!(!job.path("rejects").exists());
    let ended = job.run_alone(&["--resume"]);
    job.without_arguments().assert_local(&ended);
}

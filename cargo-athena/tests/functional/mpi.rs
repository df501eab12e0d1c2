//! `cargo athena mpi`, with a program in the place of mpirun. The real one is in the tests of the
//! runtime's feature `mpi`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

use super::support::Project;

/// What stands for mpirun: it notes its words, and the first `deaths` times it dies and leaves a
/// journal behind.
fn launcher(project: &Project, deaths: u32) -> String {
    let bin = project.path("launcher");
    std::fs::create_dir_all(&bin).unwrap();
    let script = format!(
        "#!/bin/sh\n\
         echo \"$*\" >> words\n\
         if [ \"$(wc -l < words)\" -le {deaths} ]; then touch out.journal; kill -9 $$; fi\n\
         rm -f out.journal\n"
    );
    // Written by another process: a file that is open for writing, even in a fork, can't start.
    let mut write = Command::new("sh");
    write.args(["-c", "printf %s \"$1\" > \"$0/mpirun\"; chmod 755 \"$0/mpirun\""]);
    assert!(write.arg(&bin).arg(script).status().unwrap().success());
    format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())
}

const JOB: [&str; 8] = ["mpi", "double", "-n", "3", "--messages", "in", "--out", "out"];

#[test]
fn a_job_that_dies_is_started_again_until_its_attempts_are_used_up() {
    let project = Project::bin("ranks").file("in", "{}\n");
    let path = launcher(&project, 2);
    let run = |more: &[&str]| project.athena_with(&[&JOB[..], more].concat(), &[("PATH", &path)]);
    run(&[]).exits(1).says("the job has ended early").says("with --resume to continue");
    run(&["--attempts", "1", "--resume"]).exits(1).says("the job has ended early");
    run(&["--resume"]).exits(0);
    std::fs::remove_file(project.path("words")).unwrap();
    run(&["--attempts", "3"]).exits(0).says("attempt 1 of 3 ended with").says("attempt 2 of 3");
    let words = project.read("words");
    let words: Vec<&str> = words.lines().collect();
    assert_eq!(words.len(), 3);
    assert!(words[0].starts_with("-n 3 "), "{}", words[0]);
    assert!(words[0].contains(" mpi ranks::double --messages in --out out --expect-ranks 3 "));
    let resumed: Vec<bool> = words.iter().map(|words| words.ends_with(" --resume")).collect();
    assert_eq!(resumed, [false, true, true]);
}

#[test]
fn a_runner_without_mpi_says_what_to_add_and_what_to_install() {
    let project = Project::bin("lonely").file("in", "{}\n");
    let words = ["run", "-q", "--", "mpi", "double", "--messages", "in", "--out", "out"];
    let ended = project.cargo(&words);
    ended.exits(2).says("without the feature `mpi`").says("libopenmpi-dev");
    assert!(!project.has("out") && !project.has("out.journal"));
}

#[test]
fn a_job_of_two_environments_is_refused_before_anything_is_built() {
    let project = Project::bin("twice").file("in", "{}\n");
    let two = ["--environment", "a", "--environment", "b"];
    let ended = project.athena(&[&JOB[..], &two].concat());
    ended.exits(2).says("a job runs under one --environment").never_says("Compiling");
}

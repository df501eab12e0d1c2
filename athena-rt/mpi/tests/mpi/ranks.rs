//! Any number of ranks has the results of the local engine.

use crate::Tests;
use crate::job::{Job, tasks};

pub(crate) const TESTS: Tests = &[
    ("any_number_of_ranks_writes_the_bytes_of_the_local_engine", any_number),
    ("protocol_buffers_have_the_same_outcomes_in_both_directions", protocol_buffers),
    ("a_broken_stream_of_protocol_buffers_is_rejected_like_by_the_local_engine", broken_stream),
    ("many_outcomes_of_one_message_stay_together", many_outcomes),
    ("an_empty_input_has_an_empty_output", empty),
    ("an_unordered_job_writes_the_same_lines", unordered),
    ("batches_of_one_message_have_the_same_outcomes", small_batches),
    ("a_message_larger_than_a_part_arrives", large_message),
    ("settings_are_those_of_rank_0", settings),
    ("other_numbers_of_ranks_than_expected_are_refused", expected),
    ("ranks_of_another_build_are_refused_unless_that_is_allowed", other_ranks),
    ("an_error_in_the_request_is_reported_once", reported_once),
    ("memory_is_bounded_however_long_the_input_is", memory),
    ("a_terminal_shows_the_progress", progress),
    ("the_summary_lists_ranks_and_slowest_batches", summary),
];

fn any_number() {
    let job = Job::new(&tasks(3000, 20));
    job.assert_local(&job.run_alone(&[]));
    for ranks in 1..=4 {
        job.assert_local(&job.run(ranks, &[]));
    }
    let job = Job::new(tasks(500, 20).trim_end());
    job.assert_local(&job.run(3, &["--jobs", "3"]));
}

/// A stream of Protocol Buffers, each after its length: `{"id":id,"then":then}`.
fn encoded(ids: std::ops::Range<u8>) -> Vec<u8> {
    let mut stream = Vec::new();
    for id in ids {
        let then = if id % 10 == 3 { &b"err"[..] } else { b"" };
        let mut message = vec![0x08, id & 0x7f];
        if !then.is_empty() {
            message.extend([0x12, 3]);
            message.extend(then);
        }
        // An invalid message: a field that is longer than the message.
        if id % 10 == 7 {
            message = vec![0x12, 0x7f];
        }
        stream.push(u8::try_from(message.len()).unwrap());
        stream.extend(message);
    }
    stream
}

fn protocol_buffers() {
    for (input, output) in [("protobuf", "json"), ("protobuf", "protobuf"), ("json", "protobuf")] {
        let bytes = if input == "json" { tasks(300, 0).into_bytes() } else { encoded(1..120) };
        let formats = ["--input-format", input, "--output-format", output];
        let job = Job::with_model(&bytes, "mpi::work").with(&formats);
        job.assert_local(&job.run_alone(&[]));
        for ranks in [2, 3] {
            job.assert_local(&job.run(ranks, &["--batch-size", "100"]));
        }
    }
}

fn broken_stream() {
    for end in [&[0xff; 40][..], &[0x7f, 1, 2], &[0x80]] {
        let mut bytes = encoded(1..50);
        bytes.extend(end);
        let job = Job::with_model(&bytes, "mpi::work").with(&["--input-format", "protobuf"]);
        job.assert_local(&job.run_alone(&["--batch-size", "64"]));
        job.assert_local(&job.run(2, &[]));
    }
}

fn many_outcomes() {
    let lines: Vec<String> = (0..200).map(|n| format!("{{\"to\":{}}}\n", n % 7)).collect();
    let input = lines.concat();
    let job = Job::with_model(input.as_bytes(), "mpi::count");
    job.assert_local(&job.run(3, &["--batch-size", "100"]));
}

fn empty() {
    let job = Job::new("");
    for ended in [job.run_alone(&[]), job.run(3, &[])] {
        assert_eq!(ended.code, Some(0), "{}", ended.output);
        assert_eq!(job.read("out"), b"");
        job.assert_clean();
    }
}

fn unordered() {
    let job = Job::new(&tasks(2000, 20));
    let ended = job.run(3, &["--unordered", "--batch-size", "2KB"]);
    assert_eq!(ended.code, Some(1), "{}", ended.output);
    let sorted = |bytes: Vec<u8>| {
        let mut lines: Vec<_> = bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        lines.sort();
        lines
    };
    let (out, rejects) = job.local();
    assert!(sorted(job.read("out")) == sorted(out));
    assert!(sorted(job.read("rejects")) == sorted(rejects));
    job.assert_clean();
}

fn small_batches() {
    let job = Job::new(&tasks(300, 0));
    job.assert_local(&job.run(3, &["--batch-size", "1B", "--jobs", "1"]));
}

fn large_message() {
    let line = |length: usize| format!("{{\"id\":1,\"text\":\"{}\"}}\n", "x".repeat(length));
    let input = line(1) + &line(70 << 20) + &line(2);
    let job = Job::new(&input);
    job.assert_local(&job.run(2, &[]));
}

fn settings() {
    let job = Job::new("{\"id\":1}\n{\"id\":2}\n");
    let ended = job.run(3, &["-e", "ADD=40"]);
    assert_eq!(
        (ended.code, job.text("out").as_str()),
        (Some(0), "{\"id\":41,\"micros\":0}\n{\"id\":42,\"micros\":0}\n")
    );
    // Rank 0 has another environment than the other ranks.
    let mut command = crate::job::mpirun();
    let runner = crate::job::runner();
    command.args(["--oversubscribe", "-n", "1", "-x", "ADD=7"]).arg(&runner).args(job.mpi());
    command.args([":", "-n", "2", "-x", "ADD=8"]).arg(&runner).args(job.mpi());
    let ended = crate::job::finish(&mut command);
    assert_eq!(ended.code, Some(0), "{}", ended.output);
    assert!(job.text("out").starts_with("{\"id\":8,"), "{}", job.text("out"));
}

fn expected() {
    let job = Job::new("{\"id\":1}\n");
    for ended in [job.run(2, &["--expect-ranks", "3"]), job.run_alone(&["--expect-ranks", "2"])] {
        assert_eq!(ended.code, Some(2), "{}", ended.output);
        assert!(ended.output.contains(" expected, but the job has "), "{}", ended.output);
        assert!(!job.path("out").exists());
        job.assert_clean();
    }
    assert_eq!(job.run(2, &["--expect-ranks", "2"]).code, Some(0));
    // One of three that Slurm has started without an MPI that they know.
    let alone = |more: &[&str]| {
        let mut command = std::process::Command::new(crate::job::runner());
        command.env(crate::RUNNER, "1").env("SLURM_NTASKS", "3");
        crate::job::finish(command.args(job.mpi()).args(more))
    };
    let refused = alone(&["--resume"]);
    assert_eq!(refused.code, Some(2), "{}", refused.output);
    assert!(refused.output.contains("(SLURM_NTASKS=3)"), "{}", refused.output);
    job.assert_clean();
    assert_eq!(alone(&["--expect-ranks", "1"]).code, Some(0));
}

fn other_ranks() {
    let job = Job::new("{\"id\":1}\n");
    let other = job.other_build();
    let run = |more: &[&str]| {
        let mut command = crate::job::mpirun();
        let runner = crate::job::runner();
        command.args(["--oversubscribe", "-n", "2"]).arg(&runner).args(job.mpi()).args(more);
        command.args([":", "-n", "1"]).arg(&other).args(job.mpi()).args(more);
        crate::job::finish(&mut command)
    };
    let refused = run(&[]);
    assert_eq!(refused.code, Some(2), "{}", refused.output);
    assert!(refused.output.contains("rank 2 on "), "{}", refused.output);
    assert!(refused.output.contains("runs another build of the program"), "{}", refused.output);
    assert!(!job.path("out").exists());
    let ended = run(&["--resume", "--allow-other-build"]);
    assert_eq!((ended.code, job.text("out").lines().count()), (Some(0), 1), "{}", ended.output);
}

fn reported_once() {
    let job = Job::new("{\"id\":1}\n");
    let assert_error = |more: &[&str], what: &str| {
        let ended = job.run(3, more);
        assert_eq!(ended.code, Some(2), "{}", ended.output);
        assert_eq!(ended.output.matches("error: ").count(), 1, "{}", ended.output);
        assert!(ended.output.contains(what), "{}", ended.output);
        job.assert_clean();
    };
    assert_error(&["-e", "ADD=x"], "ADD");
    assert_error(&["-e", "AD=1"], "did you mean `ADD`");
    assert_error(&["--environment", "none"], "no environment is called `none`");
    let job = Job::with_model(b"{}\n", "mpi::wok");
    let ended = job.run(3, &[]);
    assert_eq!(ended.code, Some(2), "{}", ended.output);
    assert_eq!(ended.output.matches("error: ").count(), 1, "{}", ended.output);
    let job = Job::new("");
    std::fs::remove_file(job.path("in")).unwrap();
    let ended = job.run(3, &[]);
    assert_eq!(ended.code, Some(2), "{}", ended.output);
    assert!(ended.output.contains("can't read"), "{}", ended.output);
}

/// The maximum memory of any process of a job, in MB.
fn peak(job: &Job, ranks: usize) -> u64 {
    let mut child = job.ranks(ranks, &["--batch-size", "1MB", "--jobs", "1"]).spawn().unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        for (id, environ) in crate::job::descendants(&child) {
            if !environ.contains(crate::RUNNER) {
                continue;
            }
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
            let size = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            most = most.max(size.unwrap_or(0) / 1024);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success());
    most
}

fn memory() {
    let line = format!("{{\"id\":1,\"text\":\"{}\"}}\n", "x".repeat(4000));
    let job = Job::new(&line.repeat(25_000));
    let most = peak(&job, 3);
    assert!((1..70).contains(&most), "{most} MB for an input of 100 MB");
    let wanted = format!("{{\"id\":2,\"micros\":0,\"text\":\"{}\"}}\n", "x".repeat(4000));
    assert!(job.text("out") == wanted.repeat(25_000));
}

fn progress() {
    crate::job::require("script", "bsdutils");
    let job = Job::new(&tasks(2000, 1000));
    let shell_command = |command: &std::process::Command| {
        let arguments = std::iter::once(command.get_program()).chain(command.get_args());
        let arguments: Vec<_> =
            arguments.map(|argument| format!("'{}'", argument.display())).collect();
        arguments.join(" ")
    };
    let ranks = job.ranks(3, &["--batch-size", "2KB"]);
    let mut shown = std::process::Command::new("script");
    shown.envs(ranks.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let shown = crate::job::finish(shown.args(["-qec", &shell_command(&ranks), "/dev/null"]));
    assert!(shown.output.contains("\r[="), "{}", shown.output);
    assert!(shown.output.contains(" messages  "), "{}", shown.output);
    job.assert_local(&crate::job::Finished { code: shown.code, output: shown.output });
    let piped = job.run(3, &[]);
    assert!(!piped.output.contains("\r["), "{}", piped.output);
}

fn summary() {
    let job = Job::new(&tasks(300, 100));
    let ended = job.run(3, &[]);
    for what in [" messages in ", "rank 1 on ", "rank 2 on ", "slowest batches:"] {
        assert!(ended.output.contains(what), "{what}: {}", ended.output);
    }
    assert!(ended.output.contains("messages failed: "), "{}", ended.output);
}

//! `cargo athena mpi`

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use athena_protocol::Exit;

use crate::cli;
use crate::console::print_status;
use crate::error::{Error, Result};
use crate::options::OutputOptions;
use crate::session::Session;

/// Builds the runner that has the model, and has mpirun start it; again, where it dies.
pub(crate) fn run(verb: &cli::MpiVerb, output: OutputOptions) -> Result<Exit> {
    let mpi = &verb.mpi.args;
    if mpi.environments.named.len() > 1 {
        // Each rank would say so.
        return Err(Error::usage("a job runs under one --environment").help("run it once for each"));
    }
    let session = Session::open(verb.build.clone(), output)?;
    let (catalog, model) = session.find(&mpi.model)?;
    let model = &catalog.models[model];
    let arguments = arguments(verb, &model.info.id, session.fixtures());
    let launcher = launcher(verb)?;
    let journal = mpi.journal.clone().unwrap_or_else(|| mpi.out.with_added_extension("journal"));
    let mut resume = false;
    for attempt in 1..=verb.attempts.get() {
        let mut command = Command::new("mpirun");
        let runner = &catalog.runners[model.runner];
        command.args(&launcher).args(runner.launch.argv(&runner.path)).args(&arguments);
        runner.launch.set_variables(&mut command);
        if resume && !mpi.resume {
            command.arg("--resume");
        }
        if let Some(directory) = &verb.build.manifest.directory {
            command.current_dir(directory);
        }
        if !session.is_quiet() {
            print_status(&shown(&command));
        }
        let status = command.status().map_err(|error| {
            Error::usage("mpirun can't be started")
                .cause(error)
                .help("on Debian: apt-get install -y openmpi-bin libopenmpi-dev libclang-dev")
        })?;
        let ended = ended(status.code(), journal.exists());
        match ended {
            Ended::Done(exit) => return Ok(exit),
            Ended::Early if attempt < verb.attempts.get() => {
                print_status(&format!(
                    "attempt {attempt} of {} ended with {status}: resuming the job",
                    verb.attempts
                ));
                resume = true;
            }
            Ended::Early => {
                return Err(Error::failure(format!("the job has ended early, with {status}"))
                    .help(format!(
                        "finished batches are in {}: run the same command with --resume to continue",
                        journal.display()
                    )));
            }
        }
    }
    Ok(Exit::Failure)
}

/// How an attempt ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// Well, or so that another attempt would be of no use.
    Done(Exit),
    Early,
}

/// A job that is done has removed its journal.
fn ended(code: Option<i32>, has_journal: bool) -> Ended {
    match code {
        Some(0) => Ended::Done(Exit::Success),
        Some(2) => Ended::Done(Exit::Usage),
        Some(4) => Ended::Done(Exit::Nothing),
        _ if has_journal => Ended::Early,
        _ => Ended::Done(Exit::Failure),
    }
}

/// The arguments of mpirun before the runner.
fn launcher(verb: &cli::MpiVerb) -> Result<Vec<OsString>> {
    let more = match &verb.mpirun {
        Some(text) => {
            shlex::split(text).ok_or_else(|| Error::usage("--mpirun: a quote is not closed"))?
        }
        None => Vec::new(),
    };
    let mut words = vec!["-n".to_owned(), verb.ranks.to_string()];
    // Where other hosts are named, how many slots they have is said there.
    let is_elsewhere = more.iter().any(|word| word.trim_start_matches('-').contains("host"));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if verb.ranks.get() > cores && !is_elsewhere {
        // A rank that waits must leave its core to one that works: 15 to 25 times in time.
        words.extend(["--oversubscribe", "--mca", "mpi_yield_when_idle", "1"].map(str::to_owned));
    }
    // A rank runs messages on all cores it may use, and mpirun would give it one.
    if !more.iter().any(|word| word.trim_start_matches('-') == "bind-to") {
        words.extend(["--bind-to", "none"].map(str::to_owned));
    }
    if is_root() {
        words.push("--allow-run-as-root".to_owned());
    }
    words.extend(more);
    Ok(words.into_iter().map(OsString::from).collect())
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// The arguments of the runner: the user's own, as they were typed.
fn arguments(verb: &cli::MpiVerb, model: &str, fixtures: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["mpi".into(), model.into()];
    arguments.extend(verb.mpi.flags.iter().cloned());
    if verb.mpi.args.expect_ranks.is_none() {
        arguments.extend(["--expect-ranks".into(), verb.ranks.to_string().into()]);
    }
    arguments.extend(["--fixtures".into(), fixtures.into()]);
    arguments
}

/// A line that can be pasted, where nothing in it is secret: values of variables may be.
fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    let mut is_setting = false;
    for word in command.get_args() {
        let word = word.to_string_lossy();
        let name = word.split('=').next().unwrap_or_default();
        words.push(if is_setting { format!("{name}=***") } else { word.to_string() });
        is_setting = word == "--env";
    }
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(more: &[&str]) -> Box<cli::MpiVerb> {
        use clap::Parser as _;
        let words = ["x", "mpi", "m", "--messages", "in", "--out", "out"];
        let cli = cli::Cli::try_parse_from(words.iter().chain(more)).unwrap();
        let cli::Verb::Mpi(verb) = cli.verb else { panic!("another verb") };
        verb
    }

    fn text(words: &[OsString]) -> String {
        let words: Vec<_> = words.iter().map(|word| word.to_str().unwrap()).collect();
        words.join(" ")
    }

    #[test]
    fn what_is_typed_reaches_the_runner() {
        let verb = typed(&[
            "-n",
            "3",
            "--rejects",
            "r",
            "--output-format",
            "protobuf",
            "--unordered",
            "--allow-other-build",
            "--jobs",
            "2",
            "--batch-time",
            "50ms",
            "--batch-size",
            "1MB",
            "--silence",
            "5s",
            "--crashes",
            "3",
            "--timeout",
            "2s",
            "--memory-limit",
            "512MB",
            "-e",
            "A=1",
            "--env-file",
            "f",
            "--environment",
            "e",
            "--journal",
            "j",
        ]);
        assert_eq!(
            text(&arguments(&verb, "a::m", Path::new("/f"))),
            "mpi a::m --messages in --out out --rejects r --output-format protobuf \
             --environment e --env-file f --env A=1 --unordered --journal j --allow-other-build \
             --jobs 2 --crashes 3 --timeout 2s --memory-limit 512MB --batch-time 50ms \
             --batch-size 1MB --heartbeat-timeout 5s --expect-ranks 3 --fixtures /f"
        );
        let verb = typed(&["-n", "3", "--rejects=-r", "--expect-ranks", "2"]);
        assert_eq!(
            text(&arguments(&verb, "m", Path::new("/f"))),
            "mpi m --messages in --out out --rejects=-r --expect-ranks 2 --fixtures /f"
        );
    }

    #[test]
    fn ranks_yield_where_they_outnumber_cores_and_no_host_is_named() {
        let many = launcher(&typed(&["-n", "9999"])).unwrap();
        assert!(text(&many).contains("--oversubscribe --mca mpi_yield_when_idle 1"));
        assert!(!text(&launcher(&typed(&["-n", "1"])).unwrap()).contains("oversubscribe"));
        let named = ["-n", "9999", "--mpirun", "--hostfile 'my hosts'"];
        let named = launcher(&typed(&named)).unwrap();
        assert!(!text(&named).contains("oversubscribe"));
        assert_eq!(named.last().unwrap(), "my hosts");
        assert!(launcher(&typed(&["-n", "1", "--mpirun", "'"])).is_err());
    }

    #[test]
    fn a_rank_is_bound_to_no_core_unless_that_is_asked_for() {
        assert!(text(&launcher(&typed(&["-n", "1"])).unwrap()).contains("--bind-to none"));
        let asked = launcher(&typed(&["-n", "1", "--mpirun", "-bind-to core"])).unwrap();
        assert_eq!(text(&asked).matches("bind-to").count(), 1);
    }

    #[test]
    fn only_a_job_that_left_its_journal_goes_on() {
        assert_eq!(ended(Some(0), false), Ended::Done(Exit::Success));
        assert_eq!(ended(Some(1), false), Ended::Done(Exit::Failure));
        assert_eq!(ended(Some(2), true), Ended::Done(Exit::Usage));
        for code in [Some(1), Some(137), None] {
            assert_eq!(ended(code, true), Ended::Early);
        }
    }

    #[test]
    fn values_of_variables_are_not_shown() {
        let mut command = Command::new("mpirun");
        command.args(["runner", "--env", "KEY=a b", "--out", "x y"]);
        assert_eq!(shown(&command), "mpirun runner --env 'KEY=***' --out 'x y'");
    }
}

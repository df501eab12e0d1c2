//! The options of libtest, as `rustc --test` builds them into every test program.

use athena_core::display::escape;
use athena_core::error::{Error, Result};
use athena_protocol::args::value;
use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Parser, ValueEnum as _};
use libtest_mimic::{Arguments, ColorSetting, FormatSetting};

/// What is typed behind `cargo test --`.
///
/// An option that libtest takes is taken here, too: scripts pass the same options to every test
/// program of a package. Options about the order or the times of tests change nothing, since cases
/// run in processes of their own and are shown in the order of their names.
#[derive(Debug, Parser)]
#[command(
    name = "athena",
    override_usage = "[OPTIONS] [FILTERS]...",
    about = "Replays recorded cases. The options are those of libtest.",
    disable_version_flag = true
)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of libtest's")]
pub(super) struct LibtestArgs {
    /// Only cases whose name, `model id::case`, contains one of these texts
    #[arg(value_name = "FILTERS")]
    filters: Vec<String>,
    /// Match filters and skips against whole names
    #[arg(long)]
    exact: bool,
    /// Skip cases whose name contains this text; may be repeated
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    skip: Vec<String>,
    /// List the cases
    #[arg(long)]
    list: bool,
    /// Show what models print, as they print it
    #[arg(long, alias = "nocapture")]
    no_capture: bool,
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = value::positive::<usize>)]
    test_threads: Option<usize>,
    /// Show one character per case
    #[arg(short, long)]
    quiet: bool,
    /// Output format
    #[arg(long, value_parser = PossibleValuesParser::new(["pretty", "terse", "json"]))]
    format: Option<String>,
    /// Colours
    #[arg(long, value_parser = PossibleValuesParser::new(["auto", "always", "never"]))]
    color: Option<String>,
    /// File that gets the output, too
    #[arg(long, value_name = "PATH")]
    logfile: Option<String>,
    /// Run tests
    #[arg(long)]
    test: bool,
    /// Run benchmarks: no case is one
    #[arg(long)]
    bench: bool,
    /// Run ignored tests only: no case is one
    #[arg(long, conflicts_with = "include_ignored")]
    ignored: bool,
    /// Run ignored tests, too
    #[arg(long)]
    include_ignored: bool,
    /// Stop at the first failure
    #[arg(long)]
    fail_fast: bool,
    #[command(flatten)]
    without_effect: WithoutEffect,
}

/// Options that change nothing here.
#[derive(Debug, clap::Args)]
#[allow(dead_code, reason = "they are read to be accepted")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of libtest's")]
struct WithoutEffect {
    /// Accepted without effect: what passing cases print is not kept
    #[arg(long)]
    show_output: bool,
    /// Accepted without effect
    #[arg(long)]
    report_time: bool,
    /// Accepted without effect
    #[arg(long)]
    ensure_time: bool,
    /// Accepted without effect
    #[arg(long, conflicts_with = "shuffle_seed")]
    shuffle: bool,
    /// Accepted without effect
    #[arg(long, value_name = "SEED")]
    shuffle_seed: Option<u64>,
    /// Accepted without effect
    #[arg(long)]
    exclude_should_panic: bool,
    /// Accepted without effect: a crash of a model would end the test program
    #[arg(long)]
    force_run_in_process: bool,
    /// Accepted without effect: no option is unstable here
    #[arg(short = 'Z', value_name = "unstable-options", action = ArgAction::Append, value_parser = PossibleValuesParser::new(["unstable-options"]))]
    unstable: Vec<String>,
}

/// The command line of a test program, read.
#[derive(Clone, Debug, Default)]
pub(super) struct LibtestOptions {
    /// How results are shown; its filter is not used.
    pub(super) arguments: Arguments,
    pub(super) filters: Vec<String>,
    pub(super) fail_fast: bool,
}

impl LibtestOptions {
    /// Reads the command line of this process, and libtest's variables. Ends the process on wrong
    /// usage, with code 2, and on `--help`.
    ///
    /// # Errors
    ///
    /// `RUST_TEST_THREADS` is not a number from 1.
    pub(super) fn read() -> Result<Self> {
        let mut options = Self::from(LibtestArgs::parse());
        let arguments = &mut options.arguments;
        arguments.nocapture |=
            std::env::var_os("RUST_TEST_NOCAPTURE").is_some_and(|value| value != "0");
        if let (None, Some(threads)) =
            (arguments.test_threads, std::env::var_os("RUST_TEST_THREADS"))
        {
            let threads = threads.to_string_lossy();
            arguments.test_threads = Some(value::positive(&threads).map_err(|error| {
                Error::usage(format!("RUST_TEST_THREADS is `{}`: {error}", escape(&threads)))
                    .help("set it to the number of threads, from 1")
            })?);
        }
        Ok(options)
    }
}

impl From<LibtestArgs> for LibtestOptions {
    fn from(args: LibtestArgs) -> Self {
        let format = args.format.and_then(|name| FormatSetting::from_str(&name, false).ok());
        let arguments = Arguments {
            include_ignored: args.include_ignored,
            ignored: args.ignored,
            test: args.test,
            bench: args.bench && !args.test,
            list: args.list,
            nocapture: args.no_capture,
            exact: args.exact,
            quiet: args.quiet && format.is_none(),
            test_threads: args.test_threads,
            logfile: args.logfile,
            skip: args.skip,
            color: args.color.and_then(|name| ColorSetting::from_str(&name, false).ok()),
            format,
            ..Arguments::default()
        };
        Self { arguments, filters: args.filters, fail_fast: args.fail_fast }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn read(line: &str) -> std::result::Result<LibtestOptions, String> {
        let args = LibtestArgs::try_parse_from(std::iter::once("athena").chain(line.split(' ')));
        args.map(LibtestOptions::from).map_err(|error| error.to_string())
    }

    #[test]
    fn the_options_contradict_each_other_nowhere() {
        LibtestArgs::command().debug_assert();
    }

    #[test]
    fn every_option_of_libtest_is_accepted() {
        for line in [
            "--include-ignored",
            "--ignored",
            "--force-run-in-process",
            "--exclude-should-panic",
            "--test",
            "--bench",
            "--test --bench",
            "--list",
            "--logfile log",
            "--nocapture",
            "--no-capture",
            "--test-threads 1",
            "--test-threads=1",
            "--skip a --skip=b",
            "--skip -a",
            "-q",
            "--quiet --format pretty",
            "--exact",
            "--color auto",
            "--format terse",
            "--format json -Z unstable-options",
            "--show-output",
            "--report-time -Zunstable-options",
            "--ensure-time -Zunstable-options -Zunstable-options",
            "--shuffle",
            "--shuffle-seed 7",
            "--fail-fast",
            "one other",
            "one -- other",
        ] {
            assert!(read(line).is_ok(), "{line}: {:?}", read(line));
        }
    }

    #[test]
    fn what_libtest_refuses_is_refused_with_the_word() {
        for (line, says) in [
            ("--mystery", "'--mystery'"),
            ("--test-threads 0", "greater than zero"),
            ("--format junit", "pretty, terse, json"),
            ("-Z other", "unstable-options"),
            ("--ignored --include-ignored", "cannot be used with"),
        ] {
            let error = read(line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        }
    }

    #[test]
    fn several_filters_and_skips_are_kept() {
        let options = read("one other --skip a --skip b --nocapture --fail-fast").unwrap();
        assert_eq!(options.filters, ["one", "other"]);
        assert_eq!(options.arguments.skip, ["a", "b"]);
        assert!(options.arguments.nocapture && options.fail_fast);
    }
}

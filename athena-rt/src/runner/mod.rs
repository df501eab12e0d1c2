//! A runner: the program that `athena_rt::main!` makes.

#[cfg(feature = "replay")]
mod cargo;
mod cli;
mod files;
#[cfg(feature = "replay")]
mod libtest;
#[cfg(feature = "replay")]
mod libtest_args;
mod list;
mod move_cases;
mod paths;
pub(crate) mod production;
#[cfg(feature = "replay")]
mod replay_verbs;
#[cfg(not(feature = "replay"))]
#[path = "replay_disabled.rs"]
mod replay_verbs;
mod request;
mod schema;
mod stdout;
mod strength_verbs;
mod verb;

use std::path::Path;
use std::process::ExitCode;

use athena_protocol::{Exit, MARKER_LENGTH, REQUEST_VARIABLE};

use athena_core::display::init_base_dir;
use athena_core::error::{Error, Result};
use athena_core::logging;
use athena_core::registry::Registry;
use athena_core::stdio::print_stderr;
use athena_core::style::Style;
use athena_process::ProcessConfig;

/// The program that `main!` is in, as known at build time.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// The section that marks the executable; named here so that the linker keeps it.
    pub marker: &'static [u8; MARKER_LENGTH],
    pub package: &'static str,
    pub version: &'static str,
    /// The crate that `main!` stands in.
    pub module: &'static str,
    /// The folder of the package, as it was at build time.
    pub manifest_dir: Option<&'static str>,
    /// The path from there to the root of the workspace.
    pub workspace_root: &'static str,
    /// Whether this is neither a binary nor an example, or one that `cargo test` built: its `main`
    /// speaks libtest.
    pub is_test: bool,
    /// Whether cargo built this as a test or benchmark target.
    pub is_test_target: bool,
}

/// The marker of a runner.
#[doc(hidden)]
pub const fn marker() -> [u8; MARKER_LENGTH] {
    athena_protocol::marker(env!("CARGO_PKG_VERSION"))
}

/// The `main` of a runner.
#[doc(hidden)]
pub fn start(start: &Start) -> ExitCode {
    std::hint::black_box(start.marker);
    let warning = logging::init();
    // A model process displays paths as its parent does, so it comes before `init_base_dir`.
    if let Some(exit) = inner_role() {
        return exit.into();
    }
    athena_process::announce_entry();
    init_base_dir();
    if let Some(path) = std::env::var_os(REQUEST_VARIABLE) {
        return request::answer(Path::new(&path), warning.as_deref()).into();
    }
    if let Some(warning) = warning {
        print_stderr(&warning);
    }
    if start.is_test {
        return replay_verbs::libtest::main(start);
    }
    finish(cli::run(start)).into()
}

/// Begins a program that has a `main` of its own and runs models in model processes: call it first.
///
/// A model process is this program, started again. In such a process this function runs models and does
/// not return; otherwise it returns at once. A program without model processes need not call it.
pub fn init() {
    athena_process::announce_entry();
    if std::env::var_os(athena_process::PROCESS_VARIABLE).is_none() {
        return;
    }
    // The process that started this one has printed the warning.
    let _ = logging::init();
    if let Some(exit) = inner_role() {
        std::process::exit(exit.code().into());
    }
}

/// The test that `main!` adds: replays the models of a binary or an example. A test target has a
/// `main` for that, which libtest's own `main` replaces unless the manifest says otherwise.
#[doc(hidden)]
#[allow(clippy::panic, reason = "how a test fails")]
pub fn test(start: &Start, name: &str) {
    std::hint::black_box(start.marker);
    if inner_role().is_some() {
        std::process::exit(0);
    }
    init_base_dir();
    if start.is_test_target {
        let error = without_main(start);
        if let Some(path) = std::env::var_os(REQUEST_VARIABLE) {
            std::process::exit(request::refuse(Path::new(&path), &error).code().into());
        }
        panic!("{error}");
    }
    replay_verbs::libtest::inside_libtest(start, name);
}

/// The error of a test target whose `main` is never called.
fn without_main(start: &Start) -> Error {
    let target = start.module.split("::").next().unwrap_or_default();
    let models = Registry::collect().map_or(0, |registry| registry.entries().len());
    Error::usage(format!(
        "test target `{target}` of package `{}` replays no case: libtest's `main` runs in place of \
         the one of athena_rt::main!, so {} here have no test",
        start.package,
        athena_protocol::text::plural(models, "linked model")
    ))
    .help(format!(
        "add to Cargo.toml of the package:\n\n    [[test]]\n    name = \"{target}\"\n    harness = false\n"
    ))
}

/// Runs models if another process of the same program started this one for that.
fn inner_role() -> Option<Exit> {
    let config = ProcessConfig::from_environment().transpose()?;
    let done = config.and_then(|config| {
        #[cfg_attr(
            not(any(feature = "replay", feature = "service", feature = "queue", feature = "mpi")),
            expect(unused_variables, reason = "this program has no role")
        )]
        let registry = Registry::collect()?;
        match config.role.as_str() {
            #[cfg(feature = "replay")]
            athena_replay::harness::ROLE => {
                athena_replay::harness::run_model_process(config, &registry)
            }
            #[cfg(feature = "strength")]
            athena_strength::ROLE => athena_strength::run_strength_process(config, &registry),
            #[cfg(feature = "generate")]
            athena_generate::ROLE => athena_generate::run_generate_process(config, &registry),
            #[cfg(feature = "replay")]
            athena_replay::record::ROLE => {
                athena_replay::record::run_record_process(config, &registry)
            }
            #[cfg(feature = "service")]
            athena_service::ROLE => athena_service::run_model_process(config, &registry),
            #[cfg(feature = "queue")]
            athena_queue::ROLE => athena_queue::run_model_process(config, &registry),
            #[cfg(feature = "mpi")]
            athena_mpi::ROLE => athena_mpi::run_model_process(config, &registry),
            role => Err(Error::usage(format!("this program has no role {role}"))),
        }
    });
    Some(finish(done.map(|()| Exit::Success)))
}

/// Prints an error and returns its exit code.
fn finish(done: Result<Exit>) -> Exit {
    done.unwrap_or_else(|error| {
        print_error(&error);
        error.exit()
    })
}

fn print_error(error: &Error) {
    use std::io::IsTerminal;
    let paint = Style(std::io::stderr().is_terminal() && !athena_protocol::is_no_color());
    print_stderr(&format!("{}: {error}", paint.red("error")));
}

//! `cargo athena watch`

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{IsTerminal as _, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use athena_protocol::{Exit, TestSummary};
use signal_hook::consts::SIGINT;
use signal_hook::flag;

use super::deny;
use super::test::TestReplay;
use super::test_news::{NewsOnly, ShownFailures};
use crate::build_inputs::BuildInputs;
use crate::cli;
use crate::console::{print, print_status};
use crate::error::{Error, Result};
use crate::launch::config_files;
use crate::options::{ManifestOptions, OutputOptions, matches_any};
use crate::report::{self, ReportOutputs};
use crate::session::Session;
use crate::style::Style;
use crate::watch::{AffectedPackages, OwnWrites, PackageGraph, Snapshot, WatchRoots, Watcher};
use crate::workspace::{absolute, metadata};

/// The most failed cases to replay before all others.
const FIRST: usize = 200;

/// The most changed files to name.
const NAMED: usize = 3;

/// Replays, and replays affected cases again whenever files change. Ends only with Ctrl-C.
pub(crate) fn run(verb: &cli::TestVerb, output: &OutputOptions) -> Result<Exit> {
    // Errors in the command line never go away, so they end the watch.
    let session = Session::open(verb.build.clone(), output.clone())?;
    ReportOutputs::new(&verb.formats)?
        .check(session.fixtures(), &report::file(&session.workspace.artifacts))?;
    deny::check(verb, &session)?;
    exit_on_ctrl_c()?;
    let mut members = PackageGraph::new(&metadata(&verb.build.manifest)?, session.fixtures());
    members.add_inputs(configuration(&verb.build.manifest)?);
    let mut watch = WatchLoop {
        verb,
        output,
        style: Style::for_both_streams(output.color),
        is_terminal: stdout().is_terminal(),
        root: session.workspace.root.clone(),
        roots: WatchRoots {
            folders: members.folders(),
            target: session.workspace.target_directory.clone(),
            cases: session.fixtures().to_owned(),
            inputs: members.inputs(),
        },
        members,
        failed: failed_before(&session),
        shown: ShownFailures::default(),
        owed: AffectedPackages::All,
    };
    watch.forever()
}

/// The files that decide how cargo builds and starts programs, whether or not they exist.
fn configuration(manifest: &ManifestOptions) -> Result<BuildInputs> {
    let directory = match &manifest.directory {
        Some(directory) => directory.clone(),
        None => absolute(Path::new("."))?,
    };
    let toolchains = directory
        .ancestors()
        .flat_map(|folder| ["rust-toolchain", "rust-toolchain.toml"].map(|name| folder.join(name)));
    let given = manifest.config.iter().map(PathBuf::from).filter(|path| path.is_absolute());
    let files = config_files(&directory).into_iter().chain(toolchains).chain(given);
    Ok(files.map(|path| (path, BTreeSet::new())).collect())
}

/// Ends the program with success at Ctrl-C, which is how a watch ends.
fn exit_on_ctrl_c() -> Result<()> {
    let always = Arc::new(AtomicBool::new(true));
    flag::register_conditional_shutdown(SIGINT, Exit::Success.code().into(), always)
        .map_err(|error| Error::failure("Ctrl-C can't be handled").cause(error))?;
    Ok(())
}

struct WatchLoop<'a> {
    verb: &'a cli::TestVerb,
    output: &'a OutputOptions,
    style: Style,
    is_terminal: bool,
    root: PathBuf,
    members: PackageGraph,
    roots: WatchRoots,
    /// The cases that failed when they were last replayed.
    failed: BTreeSet<String>,
    /// The failures that this watch has shown.
    shown: ShownFailures,
    /// The packages still to replay. An unfinished run leaves them here.
    owed: AffectedPackages,
}

impl WatchLoop<'_> {
    fn forever(&mut self) -> Result<Exit> {
        let (mut watcher, warning) = Watcher::new();
        self.warn(warning);
        let mut noise = OwnWrites::default();
        let mut before = self.look(&mut watcher);
        self.round(&[])?;
        loop {
            // A file saved during the round starts another one. What only this build has read was
            // not looked at before it.
            let known = std::mem::replace(&mut self.roots.inputs, self.members.inputs());
            let mut now = self.look(&mut watcher);
            before.adopt(&now, &self.roots.inputs, &known);
            let mut changed = noise.filter(now.changes_since(&before), |path| {
                print_status(&format!(
                    "{} every run changes {}; its changes no longer start a run",
                    self.style.note("note:"),
                    self.shown(path)
                ));
            });
            while changed.is_empty() {
                before = now;
                watcher.wait();
                now = self.look(&mut watcher);
                changed = now.changes_since(&before);
            }
            before = now;
            self.reload();
            let affected = self.members.affected(&changed);
            self.owed = std::mem::take(&mut self.owed).and(affected);
            if !self.owed.is_none() {
                self.round(&changed)?;
            }
        }
    }

    /// Replays the affected packages, and prints the changed files and the duration.
    fn round(&mut self, changed: &[PathBuf]) -> Result<()> {
        let start = Instant::now();
        if self.is_terminal {
            print("\x1b[2J\x1b[H")?;
        }
        if let [first, ..] = changed {
            let shown: Vec<String> =
                changed.iter().take(NAMED).map(|path| self.shown(path)).collect();
            let more = match changed.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let what = if first.exists() || changed.len() > 1 { "changed" } else { "gone" };
            let header = format!("{what}: {}{more}", shown.join(", "));
            print(&format!("{}\n", self.style.strong(&header)))?;
        }
        if let Err(error) = self.replay() {
            error.print(self.style);
        }
        let took = start.elapsed().as_secs_f64();
        let footer = format!("{took:.1}s; waiting for changes, Ctrl-C to stop");
        print(&format!("{}\n", self.style.dim(&footer)))
    }

    fn replay(&mut self) -> Result<()> {
        // Manifests may have changed.
        let mut session = Session::open(self.verb.build.clone(), self.output.clone())?;
        let outputs = ReportOutputs::new(&self.verb.formats)?;
        let catalog = session.catalog(deny::counts(self.verb));
        self.members.add_inputs(session.build_inputs());
        let mut catalog = catalog?;
        let owed = self.owed.clone();
        if let AffectedPackages::Some(names) = &owed {
            session.restrict_to(names.iter().cloned().collect());
            catalog.restrict_to(|package| owed.has(package));
            if catalog.models.is_empty() {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                self.owed = AffectedPackages::default();
                return print(&format!("no selected model is affected: {}\n", names.join(", ")));
            }
        }
        let first: Vec<String> = self
            .failed
            .iter()
            .filter(|name| self.is_first(name, &owed))
            .take(FIRST)
            .cloned()
            .collect();
        let replay = TestReplay {
            verb: self.verb,
            session: &session,
            catalog: &catalog,
            outputs: &outputs,
            changes: RefCell::default(),
            style: self.style,
        };
        // With `-v` every case has its line in each round.
        let is_replayed = |name: &str| owed.has(package_of(name));
        let shown = (self.output.verbose == 0)
            .then_some(NewsOnly { shown: &mut self.shown, is_replayed: &is_replayed });
        let (_, replayed) = replay.once(&first, shown)?;
        self.failed.retain(|name| !owed.has(package_of(name)));
        self.failed.extend(failed_in(&replayed.path));
        // A runner that died has not reported all of its cases.
        if is_complete(&replayed.report.summary, replayed.exit) {
            self.owed = AffectedPackages::default();
        }
        Ok(())
    }

    /// Whether a failed case is replayed before the others.
    fn is_first(&self, name: &str, owed: &AffectedPackages) -> bool {
        let test = &self.verb.test;
        let matches = |filters: &[String]| matches_any(filters, test.exact, name);
        // Slices depend on the order of names, so taking cases out would change them.
        test.partition.is_none()
            && owed.has(package_of(name))
            && (test.filters.is_empty() || matches(&test.filters))
            && !matches(&test.skip)
    }

    /// Reads the packages again. The next replay reports a broken manifest.
    fn reload(&mut self) {
        let Ok(session) = Session::open(self.verb.build.clone(), self.output.clone()) else {
            return;
        };
        if let Ok(metadata) = metadata(&self.verb.build.manifest) {
            self.members.update(PackageGraph::new(&metadata, session.fixtures()));
            self.roots.folders = self.members.folders();
            session.fixtures().clone_into(&mut self.roots.cases);
        }
    }

    fn look(&self, watcher: &mut Watcher) -> Snapshot {
        let (snapshot, warning) = watcher.look(&self.roots);
        self.warn(warning);
        snapshot
    }

    fn warn(&self, warning: Option<Error>) {
        if let Some(warning) = warning {
            warning.print_as_warning(self.style);
        }
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// The package of a case.
fn package_of(name: &str) -> &str {
    athena_protocol::ModelId::new(name).package()
}

/// The cases that failed in the last run of any command.
fn failed_before(session: &Session) -> BTreeSet<String> {
    failed_in(&report::file(&session.workspace.artifacts)).into_iter().collect()
}

fn failed_in(report: &Path) -> Vec<String> {
    // Errors don't matter: only the order of the cases depends on this.
    let Ok(Some((_, failures))) = report::read(report) else { return Vec::new() };
    failures.map_while(Result::ok).map(|failure| failure.name).collect()
}

/// Whether every case was accounted for.
fn is_complete(summary: &TestSummary, exit: Exit) -> bool {
    summary.skipped == 0 && (exit != Exit::Failure || summary.failed + summary.schemas_failed > 0)
}

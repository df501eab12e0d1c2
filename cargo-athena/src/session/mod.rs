//! One command in progress: its workspace, and the settings that its runners receive.

mod advice;
mod build;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use athena_protocol::{Answer, Exit, Reply, Request, Schemas, Verb};
use walkdir::WalkDir;

use crate::build_inputs::{BuildInputs, BuildRecord};
use crate::catalog::{Catalog, Model};
use crate::compile::Executable;
use crate::error::{Error, Result};
use crate::gaps::{GapSearch, Gaps};
use crate::options::{BuildOptions, OutputOptions};
use crate::runner_process;
use crate::source_hash::SourceHash;
use crate::style::Style;
use crate::target::Target;
use crate::unit::Unit;
use crate::workspace::{Package, Workspace, absolute};

/// A workspace, with the settings for building it and for asking its runners.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) workspace: Workspace,
    build: BuildOptions,
    output: OutputOptions,
    fixtures: PathBuf,
    /// The packages to look at; all selected packages if absent.
    packages: Option<Vec<String>>,
    /// Whether the runners' stdout is discarded.
    silent: bool,
    /// What the last build consisted of.
    last_build: RefCell<BuildRecord>,
    /// Everything that was built, and what was up to date.
    units: RefCell<Vec<Unit>>,
    hashes_when_built: bool,
    /// The hash of what the last build consisted of, if it was begun right behind it.
    begun_hash: RefCell<Option<SourceHash>>,
}

impl Session {
    /// Loads the workspace. Nothing is built yet.
    pub(crate) fn open(build: BuildOptions, output: OutputOptions) -> Result<Self> {
        let workspace = Workspace::load(&build)?;
        let fixtures = match &build.fixtures {
            Some(folder) => absolute(folder)?,
            None => workspace.root.join("fixtures"),
        };
        Ok(Self {
            workspace,
            build,
            output,
            fixtures,
            packages: None,
            silent: false,
            last_build: RefCell::default(),
            units: RefCell::default(),
            hashes_when_built: false,
            begun_hash: RefCell::default(),
        })
    }

    /// Builds the selected runners and asks each for its models. `count` includes the number of
    /// their cases, which needs a walk through `fixtures/`.
    ///
    /// Fails if no model is linked. The error says what is missing.
    pub(crate) fn catalog(&self, count: bool) -> Result<Catalog> {
        let catalog = self.list(&self.targets(), count)?;
        self.checked(catalog)
    }

    /// A catalog of all targets, which has a model.
    fn checked(&self, catalog: Catalog) -> Result<Catalog> {
        if catalog.models.is_empty() {
            return Err(self.no_models_error(&catalog));
        }
        if !self.output.quiet {
            self.warn_of_unlinked(&catalog);
        }
        Ok(catalog)
    }

    /// Sends a request to the runner of the model that the verb names. A single runner looks the
    /// model up itself, and is started once.
    pub(crate) fn ask_model(&self, verb: Verb) -> Result<Exit> {
        let name = verb.model().unwrap_or_default().to_owned();
        let package = self.package_of(&name);
        let targets = match package {
            Some(package) => package.targets.clone(),
            None => self.targets(),
        };
        let (runners, cargo) = self.build(&targets)?;
        cargo.wait()?;
        let catalog = if let [runner] = &runners[..] {
            let directory = self.build.manifest.directory.as_deref();
            let reply =
                runner_process::ask(runner, directory, self.silent, verb.clone(), |request| {
                    let roots = self.workspace.packages.iter();
                    let packages = roots.map(|it| (it.name.clone(), it.root.clone())).collect();
                    let request = Request { packages, ..request };
                    self.prepared(request, &runner.target.root, &self.fixtures)
                })?;
            let Answer::List(models) = reply.answer else { return Ok(Exit::of(reply.exit)) };
            let catalog =
                Catalog::new(runners.into_iter().map(|it| (it, models.clone())).collect())?;
            if catalog.find(&name).is_ok() {
                if package.is_none() && !self.output.quiet {
                    self.warn_of_unlinked(&catalog);
                }
                return Ok(Exit::of(reply.exit));
            }
            catalog
        } else {
            self.list_built(runners, false)?
        };
        let (catalog, model) = self.find_listed(&name, catalog, targets.len())?;
        let verb = verb.with_model(catalog.models[model].info.id.clone());
        Ok(Exit::of(self.ask_for(&catalog, model, verb)?.exit))
    }

    /// Finds a model. Builds only its package if the name begins with one.
    pub(crate) fn find(&self, name: &str) -> Result<(Catalog, usize)> {
        let targets = match self.package_of(name) {
            Some(package) => package.targets.clone(),
            None => self.targets(),
        };
        let catalog = self.list(&targets, false)?;
        self.find_listed(name, catalog, targets.len())
    }

    /// Finds a model in the catalog of this number of targets, otherwise in that of all.
    fn find_listed(
        &self,
        name: &str,
        catalog: Catalog,
        targets: usize,
    ) -> Result<(Catalog, usize)> {
        let is_whole = targets == self.targets().len();
        let found = catalog.find(name).ok().and_then(|model| index(&catalog, model));
        if let (false, Some(at)) = (is_whole, found) {
            return Ok((catalog, at));
        }
        // Cargo is not asked to build the same again.
        let catalog = if is_whole { self.checked(catalog)? } else { self.catalog(false)? };
        let found = catalog.find(name).map(|model| index(&catalog, model));
        match found {
            Ok(at) => Ok((catalog, at.unwrap_or_default())),
            Err(error) => Err(match name.split_once("::").map(|(package, _)| package) {
                Some(package) if self.is_unselected(package) => {
                    error.help(format!("package `{package}` is not selected: add -p {package}"))
                }
                _ => error,
            }),
        }
    }

    /// Sends a request to the runner of a model.
    pub(crate) fn ask_for(&self, catalog: &Catalog, model: usize, verb: Verb) -> Result<Reply> {
        let model = &catalog.models[model];
        let runner = &catalog.runners[model.runner];
        let root = match self.workspace.package(&model.info.package) {
            Some(package) => &package.root,
            None => &runner.target.root,
        };
        self.send(runner, root, &self.fixtures, verb)
    }

    /// Sends a request to a runner.
    pub(crate) fn ask(&self, runner: &Executable, verb: Verb) -> Result<Reply> {
        self.send(runner, &runner.target.root, &self.fixtures, verb)
    }

    /// Replaces this process by the runner, for requests that run until a signal arrives.
    pub(crate) fn exec_runner(&self, runner: &Executable, verb: Verb) -> Result<Exit> {
        let directory = self.build.manifest.directory.as_deref();
        runner_process::exec_runner(runner, directory, &self.workspace.artifacts, verb, |request| {
            self.prepared(request, &runner.target.root, &self.fixtures)
        })
    }

    /// Sends a request to a runner, with the cases of another folder.
    pub(crate) fn ask_over(
        &self,
        runner: &Executable,
        fixtures: &Path,
        verb: Verb,
    ) -> Result<Reply> {
        self.send(runner, &runner.target.root, fixtures, verb)
    }

    /// The files that the last build read.
    pub(crate) fn build_inputs(&self) -> BuildInputs {
        let workspace = &self.workspace;
        self.last_build.borrow().inputs(&workspace.root, &workspace.target_directory)
    }

    pub(crate) fn fixtures(&self) -> &Path {
        &self.fixtures
    }

    /// From now on begins to hash what was built right behind each build: the first use of the hash waits less.
    pub(crate) fn hash_when_built(&mut self) {
        self.hashes_when_built = true;
    }

    /// Starts to hash what was built, if that has not begun.
    pub(crate) fn source_hash(&self) -> SourceHash {
        self.begun_hash.take().unwrap_or_else(|| self.start_hash())
    }

    fn start_hash(&self) -> SourceHash {
        let Workspace { root, target_directory, .. } = &self.workspace;
        SourceHash::start(self.last_build.borrow().clone(), root.clone(), target_directory.clone())
    }

    /// Whether the last build had nothing to do.
    pub(crate) fn is_fresh(&self) -> bool {
        self.last_build.borrow().artifacts.iter().all(|artifact| artifact.fresh)
    }

    /// Everything that this session has built or found up to date.
    pub(crate) fn units(&self) -> Vec<Unit> {
        self.units.borrow().clone()
    }

    /// Restricts the session to these packages.
    pub(crate) fn restrict_to(&mut self, packages: Vec<String>) {
        self.packages = Some(packages);
    }

    /// What a run of these runners does not replay.
    pub(crate) fn gaps(&self, catalog: &Catalog) -> Gaps {
        let (workspace, fixtures) = (&self.workspace, self.fixtures());
        GapSearch { workspace, fixtures, catalog, focus: self.packages.as_deref() }.find()
    }

    /// The packages that are replayed. `None` means every package of the workspace.
    pub(crate) fn replayed_packages(&self) -> Option<Vec<String>> {
        if self.packages.is_none() && self.workspace.packages.iter().all(|package| package.selected)
        {
            return None;
        }
        let in_focus =
            |name: &String| self.packages.as_ref().is_none_or(|focus| focus.contains(name));
        let names = self.workspace.selected().map(|package| package.name.clone());
        Some(names.filter(in_focus).collect())
    }

    /// The packages of which all models are linked. `None` means every package of the workspace.
    fn complete_packages(&self) -> Option<Vec<String>> {
        let is_whole =
            self.workspace.packages.iter().all(|package| package.selected && package.complete);
        if is_whole && self.packages.is_none() {
            return None;
        }
        let in_focus =
            |name: &String| self.packages.as_ref().is_none_or(|focus| focus.contains(name));
        let judged = self.workspace.selected().filter(|package| package.complete);
        let judged = judged.filter(|package| in_focus(&package.name));
        Some(judged.map(|package| package.name.clone()).collect())
    }

    /// The request for a runner to check the schemas of packages. If several runners check a
    /// package, the first of them reports what was removed.
    pub(crate) fn schemas(
        &self,
        catalog: &Catalog,
        runner: Option<usize>,
        packages: Vec<String>,
    ) -> Schemas {
        let judged = self.complete_packages();
        let is_whole = |package: &&String| {
            !self.workspace.narrowed
                && judged.as_ref().is_none_or(|judged| judged.contains(package))
                && (runner.is_none() || runner == catalog.first_to_check(package))
        };
        let whole = packages.iter().filter(is_whole).cloned().collect();
        Schemas { packages, known: catalog.ids(), whole }
    }

    /// Whether only errors and outcomes are printed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.output.quiet
    }

    /// Whether any file or folder of cases was changed at or after this time.
    pub(crate) fn recorded_since(&self, time: SystemTime) -> bool {
        WalkDir::new(&self.fixtures).follow_links(true).into_iter().any(|entry| {
            match entry.map(|entry| entry.metadata().map(|metadata| metadata.modified())) {
                Ok(Ok(Ok(modified))) => modified >= time,
                // The next run reports what can't be read.
                _ => true,
            }
        })
    }

    /// From now on prints errors only, whatever the flags say.
    pub(crate) fn silence_output(&mut self) {
        self.silent = true;
        self.output.quiet = true;
    }

    /// The targets of the selected packages.
    fn targets(&self) -> Vec<Target> {
        self.workspace.selected().flat_map(|package| package.targets.clone()).collect()
    }

    /// The selected package that a model's name begins with.
    fn package_of(&self, name: &str) -> Option<&Package> {
        let (package, _) = name.split_once("::")?;
        self.workspace.package(package).filter(|package| package.selected)
    }

    fn list(&self, targets: &[Target], count: bool) -> Result<Catalog> {
        let (runners, cargo) = self.build(targets)?;
        // Cargo takes as long to end as a runner to list its models.
        let listed = self.list_built(runners, count);
        cargo.wait()?;
        listed
    }

    /// Asks runners for their models.
    fn list_built(&self, runners: Vec<Executable>, count: bool) -> Result<Catalog> {
        // No folder of cases means that nothing is counted.
        let nowhere = PathBuf::new();
        let fixtures = if count { &self.fixtures } else { &nowhere };
        let mut listed = Vec::new();
        for runner in runners {
            let reply = self.send(&runner, &runner.target.root, fixtures, Verb::List)?;
            match reply.answer {
                Answer::List(models) if reply.exit == 0 => {
                    let runner = Executable { features: reply.features, ..runner };
                    listed.push((runner, models));
                }
                // The runner has printed the reason.
                _ => {
                    let error = format!("{} can't list its models", runner.target.describe());
                    return Err(if reply.exit == Exit::Failure.code() {
                        Error::failure(error)
                    } else {
                        Error::usage(error)
                    });
                }
            }
        }
        Catalog::new(listed)
    }

    fn send(&self, runner: &Executable, root: &Path, fixtures: &Path, verb: Verb) -> Result<Reply> {
        let directory = self.build.manifest.directory.as_deref();
        runner_process::ask(runner, directory, self.silent, verb, |request| {
            self.prepared(request, root, fixtures)
        })
    }

    fn prepared(&self, mut request: Request, root: &Path, fixtures: &Path) -> Request {
        request.color = Style::for_both_streams(self.output.color).is_on();
        request.quiet = self.output.quiet;
        fixtures.clone_into(&mut request.fixtures);
        request.artifacts.clone_from(&self.workspace.artifacts);
        root.clone_into(&mut request.package_root);
        request
    }

    fn is_unselected(&self, package: &str) -> bool {
        self.workspace.package(package).is_some_and(|package| !package.selected)
    }
}

fn index(catalog: &Catalog, model: &Model) -> Option<usize> {
    catalog.models.iter().position(|other| other.info.id == model.info.id)
}

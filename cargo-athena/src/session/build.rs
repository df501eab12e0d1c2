//! Builds the runners of a session.

use crate::checkout::KnownArtifacts;
use crate::compile::{BuildResult, EndingCargo, Executable, compile, remove_artifacts};
use crate::console::print_status;
use crate::error::{Error, Result};
use crate::launch::{LaunchedProgram, Launcher};
use crate::lock_file::LockFile;
use crate::marker;
use crate::style::Style;
use crate::target::Target;

use super::Session;

impl Session {
    /// Builds targets from this checkout, whatever another one has left in the target folder.
    fn build_own(&self, targets: &[Target]) -> Result<BuildResult> {
        let built = compile(&self.build, &self.output, targets)?;
        let workspace = &self.workspace;
        let mut known = KnownArtifacts::read(&workspace.artifacts);
        let foreign = known.foreign(&built.record, &workspace.root);
        if foreign.is_empty() {
            return Ok(built);
        }
        if !self.output.quiet {
            print_status(&format!(
                "{} another checkout has built into {}: {} built again",
                Style::for_stderr(self.output.color).note("note:"),
                workspace.target_directory.display(),
                if foreign.len() == 1 { "1 package is" } else { "packages are" },
            ));
        }
        built.cargo.wait()?;
        remove_artifacts(&self.build, &foreign)?;
        let built = compile(&self.build, &self.output, targets)?;
        if known.foreign(&built.record, &workspace.root).is_empty() {
            return Ok(built);
        }
        let folder = workspace.target_directory.display();
        Err(Error::build(format!("another checkout is building into {folder} at the same time"))
            .help("use a target folder of its own: --target-dir, or CARGO_TARGET_DIR"))
    }

    /// Builds the runners among these targets. Cargo may still have to end.
    pub(super) fn build(&self, targets: &[Target]) -> Result<(Vec<Executable>, EndingCargo)> {
        if targets.is_empty() {
            return Ok((Vec::new(), EndingCargo::default()));
        }
        let launcher = Launcher::start(&self.build)?;
        let lock = LockFile::read(&self.workspace.root)?;
        let built = self.build_own(targets);
        if let Some(warning) = lock.restore()? {
            warning.print_as_warning(Style::for_stderr(self.output.color));
        }
        let built = built?;
        let mut runners = marker::runners(built.executables)?;
        let programs: Vec<_> = runners
            .iter()
            .map(|runner| LaunchedProgram {
                path: &runner.path,
                package_id: &runner.target.package_id,
                variables: self
                    .workspace
                    .package(&runner.target.package)
                    .map_or(&[][..], |package| &package.variables),
            })
            .collect();
        let started = launcher.launches(&programs, &built.record.scripts)?;
        for (runner, launch) in runners.iter_mut().zip(started) {
            runner.launch = launch;
        }
        self.last_build.replace(built.record);
        self.units.borrow_mut().extend(built.units);
        if self.hashes_when_built {
            self.begun_hash.replace(Some(self.start_hash()));
        }
        Ok((runners, built.cargo))
    }
}

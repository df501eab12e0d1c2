//! Builds the targets that can be runners, in one call of cargo.

use std::collections::BTreeSet;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use cargo_metadata::{Artifact, Message};

use crate::build_inputs::{BuildRecord, is_path_package};
use crate::cargo;
use crate::error::{Error, Result};
use crate::launch::Launch;
use crate::options::{BuildOptions, OutputOptions};
use crate::target::{Target, TargetKind};
use crate::unit::Unit;

/// A built target.
#[derive(Debug)]
pub(crate) struct Executable {
    pub(crate) target: Target,
    pub(crate) path: PathBuf,
    /// The features of `athena-rt` it was built with, once it has listed its models.
    pub(crate) features: Vec<String>,
    /// How cargo would start it.
    pub(crate) launch: Launch,
}

impl Executable {
    /// The command that starts it as cargo would.
    pub(crate) fn command(&self) -> Command {
        self.launch.command(&self.path)
    }
}

/// What a build made.
#[derive(Debug, Default)]
pub(crate) struct BuildResult {
    /// The executables of the targets, in the same order.
    pub(crate) executables: Vec<Executable>,
    /// What the build consists of.
    pub(crate) record: BuildRecord,
    /// Everything that was built or found up to date, also dependencies.
    pub(crate) units: Vec<Unit>,
    /// Cargo, which has said that the build succeeded.
    pub(crate) cargo: EndingCargo,
}

/// Cargo after its last message. It takes as long to end as it takes to look at what it has built.
#[derive(Debug, Default)]
pub(crate) struct EndingCargo(Option<(Child, BufReader<ChildStdout>)>);

impl EndingCargo {
    /// Waits until it has ended.
    ///
    /// # Errors
    ///
    /// It fails after all.
    pub(crate) fn wait(self) -> Result<()> {
        let Some((mut cargo, mut stdout)) = self.0 else { return Ok(()) };
        // It must not fail because nobody reads.
        let read = io::copy(&mut stdout, &mut io::sink());
        let status = read.and_then(|_| cargo.wait()).map_err(unstarted)?;
        if status.success() { Ok(()) } else { Err(Error::build("the build failed")) }
    }
}

/// Builds these targets. Cargo's output goes to stderr.
pub(crate) fn compile(
    build: &BuildOptions,
    output: &OutputOptions,
    targets: &[Target],
) -> Result<BuildResult> {
    if targets.is_empty() {
        return Ok(BuildResult::default());
    }
    let mut cargo = cargo::command_for(&build.manifest, cargo::build(build, output, targets))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(unstarted)?;
    let mut stdout = BufReader::new(
        cargo.stdout.take().ok_or_else(|| unstarted(io::ErrorKind::BrokenPipe.into()))?,
    );
    let mut paths = vec![None; targets.len()];
    let mut record = BuildRecord::default();
    let mut units = Vec::new();
    let mut is_built = false;
    for message in Message::parse_stream(&mut stdout) {
        let message =
            message.map_err(|error| Error::build("cargo's output can't be read").cause(error))?;
        units.extend(Unit::from_message(&message));
        match message {
            Message::CompilerArtifact(artifact) => {
                if let Some(at) =
                    targets.iter().position(|target| is_artifact_of(&artifact, target))
                    && let Some(path) = &artifact.executable
                {
                    paths[at] = Some(path.clone().into());
                }
                if is_path_package(&artifact) {
                    record.artifacts.push(artifact);
                }
            }
            Message::BuildScriptExecuted(script) => record.scripts.push(script),
            Message::BuildFinished(finished) if finished.success => {
                is_built = true;
                break;
            }
            _ => {}
        }
    }
    let cargo = EndingCargo(Some((cargo, stdout)));
    if !is_built {
        cargo.wait()?;
        return Err(Error::build("cargo has not said how the build ended"));
    }
    let executables = targets
        .iter()
        .zip(paths)
        .map(|(target, path)| {
            let path = path.ok_or_else(|| {
                Error::build(format!("cargo built no executable for {}", target.describe()))
            })?;
            Ok(Executable {
                target: target.clone(),
                path,
                features: Vec::new(),
                launch: Launch::default(),
            })
        })
        .collect::<Result<_>>()?;
    Ok(BuildResult { executables, record, units, cargo })
}

fn unstarted(error: io::Error) -> Error {
    Error::build("cargo can't be started").cause(error)
}

/// Removes what was built of these packages, so that the next build makes it.
pub(crate) fn remove_artifacts(build: &BuildOptions, packages: &BTreeSet<String>) -> Result<()> {
    let failed = || Error::build("`cargo clean` can't remove what another checkout has built");
    let output = cargo::command_for(&build.manifest, cargo::clean(build, packages))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed().cause(error))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed().cause(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

fn is_artifact_of(artifact: &Artifact, target: &Target) -> bool {
    let kind = match target.kind {
        TargetKind::Test => cargo_metadata::TargetKind::Test,
        TargetKind::Bin => cargo_metadata::TargetKind::Bin,
        TargetKind::Example => cargo_metadata::TargetKind::Example,
    };
    artifact.package_id.repr == target.package_id
        && artifact.target.name == target.name
        && artifact.target.kind.contains(&kind)
}

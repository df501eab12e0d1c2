//! Builds the base whose outcomes are compared.

use super::program::ModelProgram;
use crate::baseline::{Baseline, Git};
use crate::cli;
use crate::error::{Error, Result};
use crate::options::OutputOptions;
use crate::session::Session;

/// The program of another commit.
pub(super) struct BaselineProgram {
    pub(super) side: ModelProgram,
    /// The commit in a message.
    pub(super) name: String,
    /// Holds the lock of the baseline's folder.
    _base: Baseline,
}

/// The commit to compare with: the named one, otherwise HEAD if files differ from it.
pub(super) fn rev(named: Option<&str>, head: &ModelProgram) -> Option<String> {
    if let Some(rev) = named {
        return Some(rev.to_owned());
    }
    let root = &head.session.workspace.root;
    let has_commit = Git::find_repository(root).is_ok_and(|git| git.commit("HEAD").is_ok());
    (has_commit && Git::has_changes(root)).then(|| "HEAD".to_owned())
}

/// Builds the base and finds the model in it.
pub(super) fn open(
    rev: &str,
    verb: &cli::Shrink,
    output: OutputOptions,
    head: &ModelProgram,
) -> Result<BaselineProgram> {
    let git = Git::find_repository(&head.session.workspace.root)?;
    let commit = git.commit(rev)?;
    let base = Baseline::prepare(&git, rev, commit, &head.session, &verb.build, output.quiet)?;
    let name = base.name();
    let within = |error: Error| error.within(format!("the base {name}"));
    let Some(build) = base.build(&verb.build).map_err(within)? else {
        return Err(Error::usage(format!("{} does not exist on {name}", head.id())));
    };
    let session = Session::open(build, output).map_err(within)?;
    let (catalog, model) = session.find(head.id()).map_err(within)?;
    Ok(BaselineProgram { side: ModelProgram { session, catalog, model }, name, _base: base })
}

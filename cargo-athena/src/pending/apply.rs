//! Carries out decisions: runners record accepted outcomes, rejected ones are remembered.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use athena_protocol::files::Transaction;
use athena_protocol::{Accepted, Exit, Rerecord, Verb};

use super::cases::PendingCase;
use super::rejected::RejectedCases;
use crate::catalog::Catalog;
use crate::console::print_status;
use crate::error::{Error, Result};
use crate::options::AcceptOptions;
use crate::report::{Cluster, Clusters, FailureArchive};
use crate::scratch::temporary_folder;
use crate::session::Session;

/// Records outcomes through the runners.
pub(crate) struct Acceptance<'a> {
    pub(crate) session: &'a Session,
    pub(crate) catalog: &'a Catalog,
    pub(crate) keep: AcceptOptions,
}

/// The result of accepting cases.
pub(crate) struct AcceptanceResult {
    /// The number of recorded outcomes.
    pub(crate) cases: usize,
    /// The accepted cases grouped by what changed, the largest group first.
    pub(crate) clusters: Vec<Cluster>,
    /// The number of cases that were not recorded. Their runner has printed the reason.
    pub(crate) refused: usize,
    /// The combined exit of the runners.
    pub(crate) exit: Exit,
}

/// A runner that has run its accepted cases.
struct AskedRunner {
    runner: usize,
    /// The file of accepted cases.
    accepted: PathBuf,
    /// The file of changes.
    changes: PathBuf,
}

/// The cases of one runner, written to a file.
struct RunnerPart {
    file: BufWriter<File>,
    path: PathBuf,
    clusters: Clusters,
    cases: usize,
}

impl RunnerPart {
    fn new(path: PathBuf) -> std::io::Result<Self> {
        let file = BufWriter::new(File::create(&path)?);
        Ok(Self { file, path, clusters: Clusters::default(), cases: 0 })
    }
}

impl Acceptance<'_> {
    /// Has each runner run its cases once more, and records the outcomes of all of them or none: if a
    /// runner refuses, the others are not asked.
    pub(crate) fn accept<'c>(
        &self,
        cases: impl Iterator<Item = &'c PendingCase>,
        archive: &mut FailureArchive,
    ) -> Result<AcceptanceResult> {
        let failed = || Error::failure("the accepted outcomes can't be passed to a runner");
        let folder = temporary_folder()?;
        let mut parts: BTreeMap<usize, RunnerPart> = BTreeMap::new();
        for case in cases {
            let failure = archive.get(case.position)?;
            let owner = self.catalog.models.iter().find(|model| model.info.id == failure.model);
            let Some(owner) = owner else {
                return Err(Error::usage(format!("{}: its model is gone", failure.name)));
            };
            let part = match parts.entry(owner.runner) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => {
                    let path = folder.path().join(format!("{}.jsonl", owner.runner));
                    free.insert(RunnerPart::new(path).map_err(|error| failed().cause(error))?)
                }
            };
            part.clusters.add(&failure);
            part.cases += 1;
            let line = Accepted {
                name: failure.name,
                recorded: failure.recorded,
                now: failure.now,
                digest: failure.digest,
            };
            serde_json::to_writer(&mut part.file, &line).map_err(|error| failed().cause(error))?;
            part.file.write_all(b"\n").map_err(|error| failed().cause(error))?;
        }
        let mut done =
            AcceptanceResult { cases: 0, clusters: Vec::new(), refused: 0, exit: Exit::Success };
        let all = parts.values().map(|part| part.cases).sum();
        let mut asked = Vec::new();
        for (runner, mut part) in parts {
            part.file.flush().map_err(|error| failed().cause(error))?;
            let changes = folder.path().join(format!("changes-{runner}.json"));
            done.exit = self.ask(runner, &part.path, Some(&changes))?;
            if done.exit != Exit::Success {
                done.refused = all;
                done.clusters.clear();
                return Ok(done);
            }
            done.clusters.extend(part.clusters.finish());
            asked.push(AskedRunner { runner, accepted: part.path, changes });
        }
        done.exit = self.write(asked)?;
        done.cases = all;
        done.clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.cases));
        Ok(done)
    }

    /// Has a runner record its accepted cases, or only say what that changes.
    fn ask(&self, runner: usize, accepted: &Path, changes: Option<&Path>) -> Result<Exit> {
        let request = Rerecord {
            models: self.catalog.owned(runner),
            accepted: Some(accepted.to_owned()),
            force: self.keep.force,
            accept_breaking: self.keep.accept_breaking,
            schemas: self.session.schemas(self.catalog, None, self.catalog.checked(runner)),
            changes: changes.map(Path::to_owned),
            ..Rerecord::default()
        };
        let runner = &self.catalog.runners[runner];
        Ok(Exit::of(self.session.ask(runner, Verb::Rerecord(request))?.exit))
    }

    /// Makes the changes of all runners, or none.
    fn write(&self, asked: Vec<AskedRunner>) -> Result<Exit> {
        let begun = Transaction::begin(self.session.fixtures());
        let mut transaction = begun.map_err(Error::file_error)?;
        let mut later = Vec::new();
        for one in asked {
            if !transaction.load(&one.changes).map_err(Error::file_error)? {
                later.push(one);
            }
        }
        for note in transaction.commit().map_err(Error::file_error)? {
            print_status(&format!("note: {note}"));
        }
        // Runners of one package that both change its schema lock, which is merged step by step.
        let exits = later.iter().map(|one| self.ask(one.runner, &one.accepted, None));
        let exits = exits.collect::<Result<Vec<_>>>()?;
        // Without a runner that is asked again, the changes of all are made.
        Ok(Exit::worst(exits.into_iter().chain([Exit::Success])))
    }
}

/// Remembers the cases whose recorded outcome is to stay.
pub(crate) fn reject<'c>(
    session: &Session,
    cases: impl Iterator<Item = &'c PendingCase>,
) -> Result<usize> {
    let mut rejected = RejectedCases::read(&session.workspace.artifacts)?;
    let mut count = 0;
    for case in cases {
        rejected.add(&case.name, &case.fingerprint);
        count += 1;
    }
    rejected.write()?;
    Ok(count)
}

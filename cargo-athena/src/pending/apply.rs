//! Carries out decisions: runners record accepted outcomes, rejected ones are remembered.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use athena_protocol::{Accepted, Exit, Rerecord, Verb};

use super::cases::PendingCase;
use super::rejected::RejectedCases;
use crate::catalog::Catalog;
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
    /// Has each runner record the outcomes of its cases. A runner records all of them or none.
    /// After a runner that refuses, the others are not asked.
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
        for (runner, mut part) in parts {
            if done.exit != Exit::Success {
                done.refused += part.cases;
                continue;
            }
            part.file.flush().map_err(|error| failed().cause(error))?;
            let request = Rerecord {
                models: self.catalog.owned(runner),
                accepted: Some(part.path),
                force: self.keep.force,
                accept_breaking: self.keep.accept_breaking,
                schemas: self.session.schemas(self.catalog, None, self.catalog.checked(runner)),
                ..Rerecord::default()
            };
            let runner = &self.catalog.runners[runner];
            let exit = Exit::of(self.session.ask(runner, Verb::Rerecord(request))?.exit);
            if exit == Exit::Success {
                done.cases += part.cases;
                done.clusters.extend(part.clusters.finish());
            } else {
                done.refused += part.cases;
                done.exit = exit;
            }
        }
        done.clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster.cases));
        Ok(done)
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

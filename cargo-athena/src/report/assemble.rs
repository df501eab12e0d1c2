//! Assembles a report from the runners' results, one failure at a time: a hundred thousand failures
//! are never in memory at once.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use athena_protocol::files::resolve;
use athena_protocol::{Entry, Failure};
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::case_input::CaseInputs;
use super::format::{END, FAILURES};
use super::io::{parent, persist, temporary_file};
use super::{ByModel, Clusters, ModelCounts, Report};
use crate::error::{Error, Result};

/// The number of clusters whose example is kept in memory for the writers of other forms.
const EXEMPLARS: usize = 100;

/// The parts of a report.
pub(crate) struct ReportInput<'a> {
    /// The known fields: selection, summary, models.
    pub(crate) report: Report,
    /// The results files of the runners.
    pub(crate) parts: &'a [PathBuf],
    /// The results files of runners that died before they sent their counts.
    pub(crate) unanswered: &'a [PathBuf],
    /// The workspace's root, to which paths become relative.
    pub(crate) root: &'a Path,
}

/// Writes the report to `path` atomically, and returns it with its clusters.
///
/// # Errors
///
/// A part can't be read, or the report can't be written.
pub(crate) fn assemble(run: ReportInput<'_>, path: &Path) -> Result<Report> {
    let failed = || Error::failure(format!("the report {} can't be written", path.display()));
    let target = resolve(path);
    let folder = parent(&target);
    fs::create_dir_all(folder).map_err(|error| failed().cause(error))?;
    let file = || tempfile::Builder::new().prefix(".report-").suffix(".tmp").tempfile_in(folder);
    let mut gathered = ReportBuilder {
        report: run.report,
        clusters: Clusters::default(),
        passed: ByModel::default(),
        skipped: ByModel::default(),
        inputs: CaseInputs::default(),
        spool: FailureSpool::new(file().map_err(|error| failed().cause(error))?),
    };
    for part in run.parts {
        gathered.read(part, run.root)?;
    }
    let answered = gathered.counted();
    for part in run.unanswered {
        gathered.read(part, run.root)?;
    }
    gathered.count_since(&answered);
    let out = temporary_file(folder).map_err(|error| failed().cause(error))?;
    let report = gathered.write(out.as_file()).map_err(|error| failed().cause(error))?;
    persist(out, &target).map_err(|error| failed().cause(error))?;
    Ok(report)
}

/// A line of a runner's results, without its details.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct FailureLine {
    #[serde(default)]
    failed: Option<FailureKey>,
    #[serde(default)]
    flaky: Option<FailureKey>,
}

/// Identifies a failure: the broken lines of one file share a name.
#[derive(Hash, Deserialize)]
struct FailureKey {
    name: String,
    file: String,
    line: u64,
}

/// The lines of failures that a later line of the same case replaces.
fn superseded(part: &Path) -> io::Result<HashSet<usize>> {
    let hasher = RandomState::new();
    let mut last: HashMap<u64, usize> = HashMap::new();
    let mut superseded = HashSet::new();
    let file = BufReader::with_capacity(256 << 10, File::open(part)?);
    for (at, line) in file.split(b'\n').enumerate() {
        let line = line?;
        // Parsing is slow, and most lines are not failures.
        if !line.starts_with(b"{\"f") {
            continue;
        }
        let Ok(line) = serde_json::from_slice::<FailureLine>(&line) else { continue };
        let Some(key) = line.failed.or(line.flaky) else { continue };
        superseded.extend(last.insert(hasher.hash_one(&key), at));
    }
    Ok(superseded)
}

struct ReportBuilder {
    report: Report,
    clusters: Clusters,
    passed: ByModel,
    skipped: ByModel,
    inputs: CaseInputs,
    spool: FailureSpool,
}

impl ReportBuilder {
    fn read(&mut self, part: &Path, root: &Path) -> Result<()> {
        let failed = || Error::failure("a runner's results can't be read");
        let superseded = match superseded(part) {
            Ok(lines) => lines,
            // The runner never reached its cases; its exit has the reason.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed().cause(error)),
        };
        let file = File::open(part).map_err(|error| failed().cause(error))?;
        for (at, line) in BufReader::with_capacity(256 << 10, file).split(b'\n').enumerate() {
            let line = line.map_err(|error| failed().cause(error))?;
            if superseded.contains(&at) {
                continue;
            }
            // The last line of a runner that died may be incomplete.
            let Ok(entry) = serde_json::from_slice(&line) else {
                let text = "a runner's results are truncated: it died during the replay".to_owned();
                self.report.troubles.push(text);
                self.report.summary.cases += 1;
                self.report.summary.failed += 1;
                continue;
            };
            match entry {
                Entry::Failed(failure) => {
                    let failure = relative(self.with_input(failure), root);
                    self.model(&failure.model).failed += 1;
                    self.clusters.add(&failure);
                    self.spool.push(failure).map_err(|error| failed().cause(error))?;
                }
                Entry::Flaky(failure) => {
                    self.model(&failure.model).flaky += 1;
                    let failure = relative(self.with_input(failure), root);
                    self.report.flaky.push(failure);
                }
                Entry::Passed(names) => {
                    self.model(&names.model).passed += names.cases.len() as u64;
                    self.passed.add(names);
                }
                Entry::Skipped(names) => {
                    self.model(&names.model).skipped += names.cases.len() as u64;
                    self.skipped.add(names);
                }
                Entry::Schema(check) => self.report.schemas.push(check),
                Entry::Trouble(text) => self.report.troubles.push(text),
                Entry::Observed(_) => {}
            }
        }
        Ok(())
    }

    /// The failure with the input of its case, and with its label.
    fn with_input(&mut self, failure: Failure) -> Failure {
        let mut failure = self.inputs.add_to(failure);
        let key = self.model(&failure.model).label.as_deref();
        failure.label = key.and_then(|key| failure.input.as_ref()?.label(key));
        failure
    }

    /// The counts so far, over all models.
    fn counted(&self) -> ModelCounts {
        let mut all = ModelCounts::default();
        for model in &self.report.models {
            all.passed += model.passed;
            all.failed += model.failed;
            all.skipped += model.skipped;
            all.flaky += model.flaky;
        }
        all
    }

    /// Adds the counts since `before` to the summary.
    fn count_since(&mut self, before: &ModelCounts) {
        let now = self.counted();
        let total = &mut self.report.summary;
        let counts = [
            (&mut total.passed, now.passed - before.passed),
            (&mut total.failed, now.failed - before.failed),
            (&mut total.skipped, now.skipped - before.skipped),
            (&mut total.flaky, now.flaky - before.flaky),
        ];
        for (count, more) in counts {
            *count += more;
            total.cases += more;
        }
    }

    /// The counts of a model, which may no longer exist.
    fn model(&mut self, id: &str) -> &mut ModelCounts {
        let models = &mut self.report.models;
        let at = match models.binary_search_by(|known| known.id.as_str().cmp(id)) {
            Ok(at) => at,
            Err(at) => {
                models.insert(at, ModelCounts { id: id.to_owned(), ..ModelCounts::default() });
                at
            }
        };
        &mut models[at]
    }

    fn write(self, out: &File) -> io::Result<Report> {
        let mut report = self.report;
        let mut failures = self.spool.finish()?;
        report.clusters = self.clusters.finish();
        for cluster in report.clusters.iter_mut().take(EXEMPLARS) {
            cluster.exemplar = failures.get(&cluster.example)?.map(Box::new);
        }
        report.passed = self.passed.sorted();
        report.skipped = self.skipped.sorted();
        report.flaky.sort_by(|one, other| one.name.cmp(&other.name));
        report.schemas.sort_by(|one, other| one.name.cmp(&other.name));
        let mut out = BufWriter::with_capacity(256 << 10, out);
        let head = serde_json::to_string(&report)?;
        writeln!(out, "{},", head.strip_suffix('}').unwrap_or(&head))?;
        writeln!(out, "{FAILURES}")?;
        failures.copy(&mut out)?;
        writeln!(out, "{END}")?;
        out.flush()?;
        Ok(report)
    }
}

/// Failures on disk, with their positions.
struct FailureSpool {
    file: BufWriter<NamedTempFile>,
    /// Name, offset, length.
    places: Vec<(String, u64, usize)>,
    length: u64,
}

impl FailureSpool {
    fn new(file: NamedTempFile) -> Self {
        Self { file: BufWriter::with_capacity(256 << 10, file), places: Vec::new(), length: 0 }
    }

    fn push(&mut self, failure: Failure) -> io::Result<()> {
        let line = serde_json::to_vec(&failure)?;
        self.file.write_all(&line)?;
        self.places.push((failure.name, self.length, line.len()));
        self.length += line.len() as u64;
        Ok(())
    }

    /// Sorts the failures by name.
    fn finish(self) -> io::Result<SortedFailures> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let mut places = self.places;
        places.sort_unstable();
        Ok(SortedFailures { file: BufReader::new(file), at: self.length, places })
    }
}

/// Failures on disk, to be read by name or in the order of their names.
struct SortedFailures {
    file: BufReader<NamedTempFile>,
    /// Where the next byte is read.
    at: u64,
    places: Vec<(String, u64, usize)>,
}

impl SortedFailures {
    fn read(&mut self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut line = vec![0; length];
        // Neighbours mostly are neighbours on disk, too: what is read ahead stays.
        self.file.seek_relative(offset.wrapping_sub(self.at).cast_signed())?;
        self.at = offset + length as u64;
        self.file.read_exact(&mut line)?;
        Ok(line)
    }

    fn get(&mut self, name: &str) -> io::Result<Option<Failure>> {
        let at = self.places.partition_point(|(known, ..)| known.as_str() < name);
        let Some((_, offset, length)) = self.places.get(at).filter(|(known, ..)| known == name)
        else {
            return Ok(None);
        };
        let (offset, length) = (*offset, *length);
        Ok(serde_json::from_slice(&self.read(offset, length)?).ok())
    }

    /// Writes the failures.
    fn copy(mut self, out: &mut impl Write) -> io::Result<()> {
        let places = std::mem::take(&mut self.places);
        let count = places.len();
        for (at, (_, offset, length)) in places.into_iter().enumerate() {
            out.write_all(&self.read(offset, length)?)?;
            out.write_all(if at + 1 == count { b"\n" } else { b",\n" })?;
        }
        Ok(())
    }
}

/// Makes a failure's file relative to the workspace's root.
fn relative(mut failure: Failure, root: &Path) -> Failure {
    if let Ok(inside) = Path::new(&failure.file).strip_prefix(root) {
        failure.file = inside.to_string_lossy().replace('\\', "/");
    }
    failure
}

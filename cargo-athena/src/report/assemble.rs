//! Puts a report together from what the runners noted, a failure at a time: a hundred thousand of
//! them are never in memory at once.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use athena_protocol::{Entry, Failure};
use tempfile::NamedTempFile;

use super::format::{END, FAILURES};
use super::io::temporary_file;
use super::{ByModel, Clusters, ModelCounts, Report};
use crate::error::{Error, Result};

/// What a report is made of.
pub(crate) struct ReportInput<'a> {
    /// What is known of the run already: selection, summary, models.
    pub(crate) report: Report,
    /// The files in which runners noted what became of cases.
    pub(crate) parts: &'a [PathBuf],
    /// The same of runners that died before they could give their counts.
    pub(crate) unanswered: &'a [PathBuf],
    /// The workspace's root, by which files are told.
    pub(crate) root: &'a Path,
}

/// Writes the report to `path`, and gives it back with its clusters. The former one is replaced
/// only when the new one is whole.
///
/// # Errors
///
/// A part that can't be read; a report that can't be written.
pub(crate) fn assemble(run: ReportInput<'_>, path: &Path) -> Result<Report> {
    let failed = || Error::failure(format!("the report {} can't be written", path.display()));
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| failed().cause(error))?;
    let file = || tempfile::Builder::new().prefix(".report-").suffix(".tmp").tempfile_in(folder);
    let mut gathered = ReportBuilder {
        report: run.report,
        clusters: Clusters::default(),
        passed: ByModel::default(),
        skipped: ByModel::default(),
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
    out.persist(path).map_err(|error| failed().cause(error.error))?;
    Ok(report)
}

struct ReportBuilder {
    report: Report,
    clusters: Clusters,
    passed: ByModel,
    skipped: ByModel,
    spool: FailureSpool,
}

impl ReportBuilder {
    fn read(&mut self, part: &Path, root: &Path) -> Result<()> {
        let failed = || Error::failure("a runner's results can't be read");
        let file = match File::open(part) {
            Ok(file) => file,
            // A runner that never got to its cases; its exit says why.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed().cause(error)),
        };
        for line in BufReader::with_capacity(256 << 10, file).split(b'\n') {
            let line = line.map_err(|error| failed().cause(error))?;
            // The last line of a runner that died may be half a line.
            let Ok(entry) = serde_json::from_slice(&line) else {
                let text = "a runner's results are truncated: it died during the replay".to_owned();
                self.report.troubles.push(text);
                self.report.summary.cases += 1;
                self.report.summary.failed += 1;
                continue;
            };
            match entry {
                Entry::Failed(failure) => {
                    let failure = relative(failure, root);
                    self.model(&failure.model).failed += 1;
                    self.clusters.add(&failure);
                    self.spool.push(failure).map_err(|error| failed().cause(error))?;
                }
                Entry::Flaky(failure) => {
                    self.model(&failure.model).flaky += 1;
                    self.report.flaky.push(relative(failure, root));
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

    /// What has been noted so far, all models together.
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

    /// Counts what was noted since, which nobody has counted.
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

    /// The counts of a model; one that is gone has them too.
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
        report.clusters = self.clusters.finish();
        report.passed = self.passed.sorted();
        report.skipped = self.skipped.sorted();
        report.flaky.sort_by(|one, other| one.name.cmp(&other.name));
        report.schemas.sort_by(|one, other| one.name.cmp(&other.name));
        let mut out = BufWriter::with_capacity(256 << 10, out);
        let head = serde_json::to_string(&report)?;
        writeln!(out, "{},", head.strip_suffix('}').unwrap_or(&head))?;
        writeln!(out, "{FAILURES}")?;
        self.spool.copy(&mut out)?;
        writeln!(out, "{END}")?;
        out.flush()?;
        Ok(report)
    }
}

/// Failures on disk, and where each is.
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

    /// Writes them in the order of their names.
    fn copy(self, out: &mut impl Write) -> io::Result<()> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let mut places = self.places;
        places.sort_unstable();
        let mut line = Vec::new();
        let count = places.len();
        for (at, (_, offset, length)) in places.into_iter().enumerate() {
            file.seek(SeekFrom::Start(offset))?;
            line.resize(length, 0);
            file.read_exact(&mut line)?;
            out.write_all(&line)?;
            out.write_all(if at + 1 == count { b"\n" } else { b",\n" })?;
        }
        Ok(())
    }
}

/// Files are told from the workspace's root, wherever the checkout is.
fn relative(mut failure: Failure, root: &Path) -> Failure {
    if let Ok(inside) = Path::new(&failure.file).strip_prefix(root) {
        failure.file = inside.to_string_lossy().replace('\\', "/");
    }
    failure
}

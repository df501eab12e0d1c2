//! Assembles a report from the runners' results, one failure at a time: a hundred thousand failures
//! are never in memory at once.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use athena_protocol::files::resolve;
use athena_protocol::{Entry, Failure};

use super::case_input::CaseInputs;
use super::failure_line::{relative_to, superseded};
use super::failure_spool::{FailureSpool, StoredText};
use super::format::{END, FAILURES};
use super::io::{parent, persist, temporary_file};
use super::result_lines::{ResultLine, each_line};
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
    /// Whether a case may have several entries, of which the last one counts.
    pub(crate) amended: bool,
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
    let mut gathered = ReportBuilder {
        report: run.report,
        clusters: Clusters::default(),
        passed: ByModel::default(),
        skipped: ByModel::default(),
        inputs: CaseInputs::default(),
        root: run.root,
        spool: FailureSpool::new(folder),
    };
    for part in run.parts {
        gathered.read(part, run.amended)?;
    }
    let answered = gathered.counted();
    for part in run.unanswered {
        gathered.read(part, run.amended)?;
    }
    gathered.count_since(&answered);
    let out = temporary_file(folder).map_err(|error| failed().cause(error))?;
    let report = gathered.write(out.as_file()).map_err(|error| failed().cause(error))?;
    persist(out, &target).map_err(|error| failed().cause(error))?;
    Ok(report)
}

struct ReportBuilder<'r> {
    report: Report,
    clusters: Clusters,
    passed: ByModel,
    skipped: ByModel,
    inputs: CaseInputs,
    root: &'r Path,
    spool: FailureSpool,
}

impl ReportBuilder<'_> {
    fn read(&mut self, part: &Path, amended: bool) -> Result<()> {
        let failed = || Error::failure("a runner's results can't be read");
        let skipped = if amended { superseded(part) } else { Ok(HashSet::new()) };
        let file = skipped.and_then(|lines| Ok((lines, File::open(part)?)));
        let (superseded, file) = match file {
            Ok(file) => file,
            // The runner never reached its cases; its exit has the reason.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed().cause(error)),
        };
        let root = self.root;
        let read = each_line(&file, &superseded, root, |line| self.add_line(line));
        read.map_err(|error| failed().cause(error))?;
        self.spool.end_part(file);
        Ok(())
    }

    fn add_line(&mut self, line: ResultLine) -> io::Result<()> {
        let entry = match line {
            ResultLine::Stored(failure, text) => return self.add_stored(&failure, &text),
            ResultLine::Entry(entry) => *entry,
            ResultLine::Truncated => {
                let text = "a runner's results are truncated: it died during the replay".to_owned();
                self.report.troubles.push(text);
                self.report.summary.cases += 1;
                self.report.summary.failed += 1;
                return Ok(());
            }
        };
        match entry {
            Entry::Failed(failure) => {
                let failure = self.with_input(failure);
                let text = serde_json::to_vec(&failure)?;
                self.count(&failure);
                self.spool.push(&failure.name, &text)?;
            }
            Entry::Flaky(failure) => {
                self.model(&failure.model).flaky += 1;
                let failure = self.with_input(failure);
                self.report.flaky.push(failure);
            }
            Entry::Passed(names) => {
                let model = self.model(&names.model);
                model.passed += names.cases.len() as u64;
                model.micros += names.micros.iter().sum::<u64>();
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
        Ok(())
    }

    /// The failure as a report has it: with the input of its case, and with its label.
    fn with_input(&mut self, failure: Failure) -> Failure {
        let mut failure = self.inputs.add_to(failure);
        let key = self.model(&failure.model).label.as_deref();
        if failure.label.is_none() {
            failure.label = key.and_then(|key| failure.input.as_ref()?.label(key));
        }
        relative_to(self.root, failure)
    }

    /// Adds a failure whose JSON is in the results.
    fn add_stored(&mut self, failure: &Failure, text: &StoredText) -> io::Result<()> {
        self.count(failure);
        self.spool.add_stored(&failure.name, text)
    }

    fn count(&mut self, failure: &Failure) {
        let model = self.model(&failure.model);
        model.failed += 1;
        model.micros += failure.micros;
        self.clusters.add(failure);
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
        let mut failures = self.spool.finish();
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

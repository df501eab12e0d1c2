//! Assembles a report from the runners' results, one failure at a time: a hundred thousand failures
//! are never in memory at once.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use athena_protocol::files::resolve;
use athena_protocol::{Entry, Failure};

use super::case_input::CaseInputs;
use super::failure_line::{relative_to, superseded};
use super::failure_spool::{FailureSpool, StoredText};
use super::format::{END, FAILURES};
use super::io::{parent, persist_unsynced, temporary_file};
use super::result_lines::{ResultLine, each_line};
use super::{ByModel, Clusters, ModelCounts, Report, add_summary};
use crate::error::{Error, Result};

/// The number of clusters whose example is kept in memory for the writers of other forms.
const EXEMPLARS: usize = 100;

/// How many bytes of the report are written at once.
const BLOCK: usize = 96 << 10;

/// How long is waited for more results of a runner.
const PAUSE: Duration = Duration::from_millis(2);

/// The parts of a report.
pub(crate) struct ReportInput<'a> {
    /// The known fields: selection, summary, models.
    pub(crate) report: Report,
    /// The results files of the runners.
    pub(crate) parts: &'a [PathBuf],
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
    let mut report = run.report;
    let models = std::mem::take(&mut report.models);
    let mut builder = ReportBuilder::new(path, models, run.amended, run.root)?;
    for part in run.parts {
        builder.read(part)?;
    }
    builder.finish(report)
}

/// Collects the results of runners.
pub(crate) struct ReportBuilder<'r> {
    /// What the results come to: models, and what they add to the rest of the report.
    found: Report,
    clusters: Clusters,
    passed: ByModel,
    skipped: ByModel,
    inputs: CaseInputs,
    amended: bool,
    root: &'r Path,
    path: &'r Path,
    /// The report's file, where a symbolic link leads.
    target: PathBuf,
    spool: FailureSpool,
}

impl<'r> ReportBuilder<'r> {
    /// Makes the folder of the report `path`. `models` have their counts at zero, `amended` is that of [`ReportInput`],
    /// and paths become relative to `root`.
    ///
    /// # Errors
    ///
    /// The folder can't be made.
    pub(crate) fn new(
        path: &'r Path,
        models: Vec<ModelCounts>,
        amended: bool,
        root: &'r Path,
    ) -> Result<Self> {
        let target = resolve(path);
        let folder = parent(&target);
        fs::create_dir_all(folder).map_err(|error| unwritten(path).cause(error))?;
        Ok(Self {
            found: Report { models, ..Report::default() },
            clusters: Clusters::default(),
            passed: ByModel::default(),
            skipped: ByModel::default(),
            inputs: CaseInputs::default(),
            amended,
            root,
            path,
            spool: FailureSpool::new(folder),
            target,
        })
    }

    /// Reads the results of a runner that has ended.
    ///
    /// # Errors
    ///
    /// The file can't be read. One that is missing is of a runner that never reached its cases.
    pub(crate) fn read(&mut self, part: &Path) -> Result<()> {
        let skipped = if self.amended { superseded(part) } else { Ok(HashSet::new()) };
        let read = skipped.and_then(|lines| self.add_lines(File::open(part)?, &lines, || false));
        match read {
            // Its exit has the reason.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            read => read.map_err(unread),
        }
    }

    /// Reads the results of a runner while `run` runs it. If that fails, the runner has not sent its counts, and those
    /// of its results are added to the summary.
    ///
    /// # Errors
    ///
    /// The file can't be read.
    pub(crate) fn read_while<T, E>(
        &mut self,
        part: &Path,
        run: impl FnOnce() -> std::result::Result<T, E>,
    ) -> Result<std::result::Result<T, E>> {
        let before = self.counted();
        let ran = if self.amended {
            let ran = run();
            self.read(part)?;
            ran
        } else {
            // The runner writes to the file that it finds.
            let file = File::create_new(part).and_then(|_| File::open(part)).map_err(unread)?;
            let (is_over, over) = channel::<()>();
            let growth = Growth { over, is_over: false };
            let (ran, read) = std::thread::scope(|scope| {
                let reading = scope.spawn(|| self.add_growing_lines(file, growth));
                let ran = run();
                drop(is_over);
                let panicked = |_| Err(io::Error::other("a thread panicked"));
                (ran, reading.join().unwrap_or_else(panicked))
            });
            read.map_err(unread)?;
            ran
        };
        if ran.is_err() {
            self.count_since(&before);
        }
        Ok(ran)
    }

    /// Writes the report: these fields with what was found.
    ///
    /// # Errors
    ///
    /// It can't be written.
    pub(crate) fn finish(self, report: Report) -> Result<Report> {
        let (path, target) = (self.path, self.target.clone());
        let failed = || unwritten(path);
        let out = temporary_file(parent(&target)).map_err(|error| failed().cause(error))?;
        let report = self.write(report, out.as_file()).map_err(|error| failed().cause(error))?;
        persist_unsynced(out, &target).map_err(|error| failed().cause(error))?;
        Ok(report)
    }

    fn add_growing_lines(&mut self, file: File, mut growth: Growth) -> io::Result<()> {
        self.add_lines(file, &HashSet::new(), || growth.may_follow())
    }

    fn add_lines(
        &mut self,
        file: File,
        superseded: &HashSet<usize>,
        may_grow: impl FnMut() -> bool,
    ) -> io::Result<()> {
        let root = self.root;
        each_line(&file, superseded, root, may_grow, |line| self.add_line(line))?;
        self.spool.end_part(file);
        Ok(())
    }

    fn add_line(&mut self, line: ResultLine<'_>) -> io::Result<()> {
        let entry = match line {
            ResultLine::Stored(failure, text) => return self.add_stored(failure, &text),
            ResultLine::Entry(entry) => *entry,
            ResultLine::Truncated => {
                let text = "a runner's results are truncated: it died during the replay".to_owned();
                self.found.troubles.push(text);
                self.found.summary.cases += 1;
                self.found.summary.failed += 1;
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
                self.found.flaky.push(failure);
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
            Entry::Schema(check) => self.found.schemas.push(check),
            Entry::Trouble(text) => self.found.troubles.push(text),
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
        for model in &self.found.models {
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
        let total = &mut self.found.summary;
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
        let models = &mut self.found.models;
        let at = match models.binary_search_by(|known| known.id.as_str().cmp(id)) {
            Ok(at) => at,
            Err(at) => {
                models.insert(at, ModelCounts { id: id.to_owned(), ..ModelCounts::default() });
                at
            }
        };
        &mut models[at]
    }

    fn write(self, mut report: Report, out: &File) -> io::Result<Report> {
        let found = self.found;
        report.models = found.models;
        add_summary(&mut report.summary, found.summary);
        report.troubles.extend(found.troubles);
        report.flaky.extend(found.flaky);
        report.schemas.extend(found.schemas);
        let failures = self.spool.finish();
        report.clusters = self.clusters.finish();
        for cluster in report.clusters.iter_mut().take(EXEMPLARS) {
            cluster.exemplar = failures.get(&cluster.example)?.map(Box::new);
        }
        report.passed = self.passed.sorted();
        report.skipped = self.skipped.sorted();
        report.flaky.sort_by(|one, other| one.name.cmp(&other.name));
        report.schemas.sort_by(|one, other| one.name.cmp(&other.name));
        let head = serde_json::to_string(&report)?;
        let mut out = BufWriter::with_capacity(BLOCK, out);
        writeln!(out, "{},", head.strip_suffix('}').unwrap_or(&head))?;
        writeln!(out, "{FAILURES}")?;
        failures.copy(&mut out)?;
        writeln!(out, "{END}")?;
        out.flush()?;
        Ok(report)
    }
}

/// Whether a file grows: until the sender is gone.
struct Growth {
    over: Receiver<()>,
    is_over: bool,
}

impl Growth {
    /// Waits a moment, and returns whether there may be more in the file than before.
    fn may_follow(&mut self) -> bool {
        if self.is_over {
            return false;
        }
        // What was written until the end is read once more.
        self.is_over = self.over.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout);
        true
    }
}

fn unwritten(path: &Path) -> Error {
    Error::failure(format!("the report {} can't be written", path.display()))
}

fn unread(error: io::Error) -> Error {
    Error::failure("a runner's results can't be read").cause(error)
}

#[cfg(test)]
mod tests {
    use athena_protocol::{Names, TestSummary};

    use super::*;
    use crate::report::describe::tests::failure;

    fn line(entry: &Entry) -> String {
        serde_json::to_string(entry).unwrap() + "\n"
    }

    #[test]
    fn results_that_are_written_meanwhile_are_those_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut texts: Vec<String> = (0..200)
            .map(|at| {
                let input = Some(serde_json::json!([at]).into());
                let failure = failure("m::f", &format!("{:03}", (at * 7) % 200), "/x");
                line(&Entry::Failed(Failure { input, file: "/w/a.jsonl".to_owned(), ..failure }))
            })
            .collect();
        let cases = vec!["p".to_owned()];
        texts.push(line(&Entry::Passed(Names {
            model: "m::f".to_owned(),
            cases,
            micros: vec![3],
        })));
        std::fs::write(path("whole"), texts.concat()).unwrap();
        let (one, other) = (path("one.json"), path("other.json"));
        let report = || Report {
            summary: TestSummary { cases: 201, failed: 200, ..TestSummary::default() },
            ..Report::default()
        };
        let parts = [path("whole")];
        let root = Path::new("/w");
        assemble(ReportInput { report: report(), parts: &parts, amended: false, root }, &one)
            .unwrap();
        let mut builder = ReportBuilder::new(&other, Vec::new(), false, root).unwrap();
        let growing = path("growing");
        let ran = builder.read_while(&growing, || -> std::result::Result<u8, ()> {
            let mut file = File::create(&growing).unwrap();
            for (at, text) in texts.iter().enumerate() {
                let (start, end) = text.split_at(at % text.len());
                file.write_all(start.as_bytes()).unwrap();
                if at % 40 == 0 {
                    std::thread::sleep(2 * PAUSE);
                }
                file.write_all(end.as_bytes()).unwrap();
            }
            Ok(7)
        });
        assert_eq!(ran.unwrap(), Ok(7));
        builder.finish(report()).unwrap();
        let text = |path: &Path| std::fs::read_to_string(path).unwrap();
        assert!(text(&one) == text(&other));
        assert_eq!(text(&other).matches("\"file\":\"a.jsonl\"").count(), 200);
    }

    #[test]
    fn a_runner_that_dies_has_the_counts_of_its_results() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let mut builder = ReportBuilder::new(&path, Vec::new(), false, Path::new("/w")).unwrap();
        let part = folder.path().join("part");
        let ran = builder.read_while(&part, || -> std::result::Result<(), ()> {
            let whole = line(&Entry::Failed(failure("m::f", "a", "/x")));
            std::fs::write(&part, format!("{whole}{}", &whole[..20])).unwrap();
            Err(())
        });
        assert_eq!(ran.unwrap(), Err(()));
        let report = builder.finish(Report::default()).unwrap();
        assert_eq!((report.summary.cases, report.summary.failed), (2, 2));
        assert_eq!(report.troubles.len(), 1);
    }
}

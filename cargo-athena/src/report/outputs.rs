//! Writes the report in the formats that `--report` and `--format` select.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use athena_protocol::files::FilePlan;

use super::finished::FinishedReport;
use super::io::{parent, replace, temporary_file};
use super::workspace_location::{WorkspaceLocation, folder_in};
use super::{Report, github, html, junit, markdown};
use crate::console::print;
use crate::error::{Error, Result};
use crate::options::{FailureDisplay, ReportFormats, ReportKind};

/// The variable with the file to which GitHub's summary of a step is appended.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The variable with the repository's folder on GitHub's machines.
const REPOSITORY: &str = "GITHUB_WORKSPACE";

/// The selected formats and their files.
#[derive(Debug)]
pub(crate) struct ReportOutputs {
    files: Vec<(ReportKind, PathBuf)>,
    display: FailureDisplay,
}

impl ReportOutputs {
    /// Checks, before anything is built, that the files can be written, and creates their folders.
    ///
    /// # Errors
    ///
    /// A format or a file is named twice, or a file can't be created.
    pub(crate) fn new(formats: &ReportFormats) -> Result<Self> {
        let files = formats.files.clone();
        for (at, (kind, _)) in files.iter().enumerate() {
            if files[..at].iter().any(|(known, _)| known == kind) {
                let error = format!("--report has `{}` twice", kind.name());
                return Err(Error::usage(error).help("name one file per kind"));
            }
        }
        let outputs = Self { files, display: formats.display };
        outputs.plan().check().map_err(Error::file_error)?;
        outputs.files.iter().try_for_each(|(_, path)| try_out(path))?;
        Ok(outputs)
    }

    /// Checks that no file is a recorded case or the stored report, from which the files are written.
    ///
    /// # Errors
    ///
    /// One is; it is named.
    pub(crate) fn check(&self, fixtures: &Path, stored: &Path) -> Result<()> {
        let mut plan = self.plan();
        plan.protects(fixtures);
        plan.check().map_err(Error::file_error)?;
        let mut plan = FilePlan::default();
        plan.reads("the stored report", stored);
        // A copy of the report onto itself leaves it as it is.
        for (kind, path) in self.files.iter().filter(|(kind, _)| *kind != ReportKind::Json) {
            plan.writes(&format!("--report {}", kind.name()), path);
        }
        plan.check().map_err(Error::file_error)
    }

    /// Whether this file is one of them.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let whole = |path: &Path| std::path::absolute(path).ok();
        self.files.iter().any(|(_, file)| whole(file) == whole(path))
    }

    /// Whether a page is written.
    pub(crate) fn has_page(&self) -> bool {
        self.files.iter().any(|(kind, _)| *kind == ReportKind::Html)
    }

    /// The files, as what a command writes.
    pub(crate) fn plan(&self) -> FilePlan {
        let mut plan = FilePlan::default();
        for (kind, path) in &self.files {
            plan.writes(&format!("--report {}", kind.name()), path);
        }
        plan
    }

    /// Writes a finished report in each format, atomically. Its failures are in the file `path`;
    /// `root` is the workspace's folder.
    ///
    /// # Errors
    ///
    /// The report can't be read, or a file can't be written.
    pub(crate) fn write(&self, report: &Report, path: &Path, root: &Path) -> Result<()> {
        self.write_files(report, path, root, |_| true)?;
        let finished = FinishedReport { report, path };
        match self.display {
            FailureDisplay::Text => Ok(()),
            FailureDisplay::Github => {
                let repository = env::var_os(REPOSITORY).map(PathBuf::from);
                let repository = repository.or_else(|| repository_of(root));
                let folder = folder_in(repository.as_deref(), root);
                let place = WorkspaceLocation { root, folder: &folder };
                print(&github::annotations(finished, place)?)?;
                match env::var_os(STEP_SUMMARY).filter(|file| !file.is_empty()) {
                    Some(file) => append(Path::new(&file), &markdown::render(finished)?),
                    None => Ok(()),
                }
            }
        }
    }

    /// Writes the files that an earlier run has left: they must not pass for those of this run.
    ///
    /// # Errors
    ///
    /// A file can't be written.
    pub(crate) fn replace_earlier(&self, report: &Report, path: &Path, root: &Path) -> Result<()> {
        self.write_files(report, path, root, Path::is_file)
    }

    /// The same where the folder of cases is unknown: no file that could be a case is written.
    ///
    /// # Errors
    ///
    /// A file can't be written.
    pub(crate) fn replace_unless_cases(&self, report: &Report, path: &Path) -> Result<()> {
        let of_reports = ["xml", "html", "htm", "md"];
        self.write_files(report, path, Path::new("/"), |file| {
            let extension = file.extension().and_then(|it| it.to_str());
            file.is_file() && extension.is_some_and(|it| of_reports.contains(&it))
        })
    }

    fn write_files(
        &self,
        report: &Report,
        path: &Path,
        root: &Path,
        is_wanted: impl Fn(&Path) -> bool,
    ) -> Result<()> {
        let finished = FinishedReport { report, path };
        let folder = folder_in(repository_of(root).as_deref(), root);
        let place = WorkspaceLocation { root, folder: &folder };
        for (kind, file) in self.files.iter().filter(|(_, file)| is_wanted(file)) {
            match kind {
                ReportKind::Junit => replace(file, |out| junit::write(finished, place, out))?,
                ReportKind::Html => replace(file, |out| html::write(finished, file, out))?,
                ReportKind::Markdown => {
                    let text = markdown::render(finished)?;
                    replace(file, |out| out.put(&text))?;
                }
                ReportKind::Json => copy(path, file)?,
            }
        }
        Ok(())
    }
}

/// The repository that contains a folder.
fn repository_of(root: &Path) -> Option<PathBuf> {
    let root = root.canonicalize().ok()?;
    root.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// Checks whether a file can be written, as far as possible.
fn try_out(path: &Path) -> Result<()> {
    let failed = || Error::usage(format!("--report: {} can't be written", path.display()));
    match fs::metadata(path) {
        Ok(known) if known.is_dir() => return Err(failed().cause("it is a folder")),
        Ok(known) if !known.is_file() => {
            return OpenOptions::new()
                .write(true)
                .open(path)
                .map(drop)
                .map_err(|e| failed().cause(e));
        }
        Ok(known) if known.permissions().readonly() => {
            return Err(failed().cause("it is read-only"));
        }
        _ => {}
    }
    if path.file_name().is_none() {
        return Err(failed().cause("it does not name a file"));
    }
    let folder = parent(path);
    fs::create_dir_all(folder).map_err(|error| failed().cause(error))?;
    temporary_file(folder).map(drop).map_err(|error| failed().cause(error))
}

fn copy(report: &Path, path: &Path) -> Result<()> {
    if let (Ok(one), Ok(other)) = (report.canonicalize(), path.canonicalize())
        && one == other
    {
        return Ok(());
    }
    let mut source = File::open(report).map_err(|error| Error::unwritable(path, error))?;
    replace(path, |out| out.with(|writer| io::copy(&mut source, writer).map(drop)))
}

fn append(path: &Path, text: &str) -> Result<()> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    // In Markdown only an empty line ends a block of HTML.
    file.and_then(|mut file| file.write_all(format!("\n{text}").as_bytes()))
        .map_err(|error| Error::unwritable(path, error).help(format!("{STEP_SUMMARY} names it")))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn forms(report: &[(ReportKind, &Path)]) -> ReportFormats {
        ReportFormats {
            files: report.iter().map(|(kind, path)| (*kind, (*path).to_owned())).collect(),
            display: FailureDisplay::Text,
        }
    }

    #[test]
    fn every_form_is_written_and_its_folder_made() {
        let sample = samples::mixed();
        let place = sample.folder.path().join("new/folder");
        let path = |name: &str| place.join(name);
        let outputs = ReportOutputs::new(&forms(&[
            (ReportKind::Junit, &path("a.xml")),
            (ReportKind::Markdown, &path("a.md")),
            (ReportKind::Html, &path("a.html")),
            (ReportKind::Json, &path("a.json")),
        ]))
        .unwrap();
        outputs.write(&sample.report, &sample.path(), Path::new("/")).unwrap();
        let read = |name: &str| fs::read_to_string(path(name)).unwrap();
        assert!(read("a.xml").contains("<testsuites"));
        assert!(read("a.md").starts_with("### Athena"));
        assert!(read("a.html").starts_with("<!doctype html>"));
        assert_eq!(read("a.json"), fs::read_to_string(sample.path()).unwrap());
        assert_eq!(fs::read_dir(&place).unwrap().count(), 4, "nothing else is left");
    }

    #[test]
    fn what_can_t_be_written_is_known_before_anything_is_built() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "kept").unwrap();
        for path in [place.path().to_owned(), file.join("below"), place.path().join("..")] {
            let error = ReportOutputs::new(&forms(&[(ReportKind::Html, &path)])).unwrap_err();
            assert_eq!(error.exit(), athena_protocol::Exit::Usage, "{}", path.display());
        }
        let twice =
            forms(&[(ReportKind::Html, &file), (ReportKind::Html, &place.path().join("b"))]);
        assert!(ReportOutputs::new(&twice).is_err());
        let same = forms(&[(ReportKind::Html, &file), (ReportKind::Json, &file)]);
        assert!(ReportOutputs::new(&same).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
    }

    #[test]
    fn a_report_that_is_damaged_leaves_the_former_files() {
        let sample = samples::mixed();
        let file = sample.folder.path().join("a.xml");
        fs::write(&file, "former").unwrap();
        let outputs = ReportOutputs::new(&forms(&[(ReportKind::Junit, &file)])).unwrap();
        let text = fs::read_to_string(sample.path()).unwrap();
        fs::write(sample.path(), text.trim_end().trim_end_matches("]}")).unwrap();
        assert!(outputs.write(&sample.report, &sample.path(), Path::new("/")).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "former");
        assert_eq!(fs::read_dir(sample.folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_copy_onto_the_report_itself_leaves_it() {
        let sample = samples::clean();
        let path = sample.path();
        let before = fs::read_to_string(&path).unwrap();
        let outputs = ReportOutputs::new(&forms(&[(ReportKind::Json, &path)])).unwrap();
        outputs.write(&sample.report, &path, Path::new("/")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
    }

    #[test]
    fn a_summary_is_put_behind_what_is_there() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("summary.md");
        append(&file, "one\n").unwrap();
        append(&file, "two\n").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "\none\n\ntwo\n");
    }
}

//! Which imported cases have a message that the model can't read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use athena_protocol::{Answer, Doctor, Finding, ModelId, Verb};

use super::mapping::ImportedSuite;
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::scratch::temporary_folder;
use crate::session::Session;

/// The lines of one suite that can't be read, by index, with the reason.
pub(crate) type UnreadableLines = BTreeMap<usize, String>;

/// Has the runner of a model read the messages of suites, without calling the model.
///
/// # Errors
///
/// A temporary file can't be written, or the runner does not answer.
pub(crate) fn unreadable(
    session: &Session,
    catalog: &Catalog,
    model: usize,
    suites: &[(PathBuf, ImportedSuite)],
) -> Result<Vec<UnreadableLines>> {
    let model = &catalog.models[model];
    let fixtures = temporary_folder()?;
    let folder = fixtures.path().join(ModelId::new(&model.info.id).folder());
    let failed = |path: &Path, error| Error::unwritable(path, error);
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    for (at, (_, suite)) in suites.iter().enumerate() {
        let path = folder.join(format!("{at}.jsonl"));
        fs::write(&path, suite.lines.join("\n") + "\n").map_err(|error| failed(&path, error))?;
    }
    let request =
        Doctor { models: vec![model.info.id.clone()], messages: true, ..Doctor::default() };
    let runner = &catalog.runners[model.runner];
    let reply = session.ask_over(runner, fixtures.path(), Verb::Doctor(request))?;
    let mut found = vec![UnreadableLines::new(); suites.len()];
    if let Answer::Doctor(health) = reply.answer {
        for finding in health.findings {
            let Finding::Broken { file, line, reason } = finding else { continue };
            let suite = Path::new(&file).file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            let suite = suite.and_then(|at: usize| found.get_mut(at));
            let line = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
            if let (Some(lines), Some(line)) = (suite, line) {
                lines.insert(line, reason);
            }
        }
    }
    Ok(found)
}

impl ImportedSuite {
    /// Takes out the lines that can't be read, and returns them as lines of a file of rejects.
    pub(crate) fn take_out(&mut self, lines: &UnreadableLines) -> Vec<String> {
        let mut rejects = Vec::new();
        let mut kept = Vec::new();
        for (at, (line, source)) in self.lines.drain(..).zip(self.sources.drain(..)).enumerate() {
            match lines.get(&at) {
                None => kept.push((line, source)),
                Some(reason) => rejects.push(format!(
                    "{{\"source\":{},\"kind\":\"message\",\"reason\":{},\"case\":{line}}}",
                    serde_json::Value::from(source),
                    serde_json::Value::from(reason.as_str())
                )),
            }
        }
        (self.lines, self.sources) = kept.into_iter().unzip();
        rejects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_can_t_be_read_are_taken_out_with_the_reason() {
        let texts = |all: [&str; 3]| all.map(str::to_owned).to_vec();
        let mut suite = ImportedSuite::default();
        suite.lines = texts(["{\"case\":\"a\"}", "{\"case\":\"b\"}", "{\"case\":\"c\"}"]);
        suite.sources = texts(["s.json#/0", "s.json#/1", "s.json#/2"]);
        let lines = UnreadableLines::from([(1, "missing field `id`".to_owned())]);
        assert_eq!(
            suite.take_out(&lines),
            ["{\"source\":\"s.json#/1\",\"kind\":\"message\",\"reason\":\"missing field `id`\",\
              \"case\":{\"case\":\"b\"}}"]
        );
        assert_eq!(suite.lines, ["{\"case\":\"a\"}", "{\"case\":\"c\"}"]);
        assert_eq!(suite.sources, ["s.json#/0", "s.json#/2"]);
    }
}

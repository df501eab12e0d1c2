//! The inputs of both programs: the recorded cases of the working tree, or messages of a file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write, stdin};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::error::{Error, Result};

/// The name of the suite made from the messages of a file.
const SUITE: &str = "messages";

/// The inputs of both programs.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) fixtures: PathBuf,
    /// The model of the messages. `None` for recorded cases, which are of all models.
    pub(crate) model: Option<String>,
    /// The source of the messages in a report. `None` for recorded cases.
    pub(crate) file: Option<String>,
}

/// A line of a suite, format 1.
#[derive(Serialize)]
struct SuiteLine<'a> {
    model: &'a str,
    case: String,
    format: u32,
    env: &'a BTreeMap<String, String>,
    input: &'a RawValue,
    output: (),
}

impl Inputs {
    /// The recorded cases.
    pub(crate) fn recorded(fixtures: &Path) -> Self {
        Self { fixtures: fixtures.to_owned(), model: None, file: None }
    }

    /// Makes one case per message of a file, or of standard input for `-`, in a new folder inside
    /// `folder`. A case has the line number of its message.
    ///
    /// # Errors
    ///
    /// The file can't be read, a line is not JSON, or there are no messages.
    pub(crate) fn messages(
        file: &Path,
        model: &str,
        env: &BTreeMap<String, String>,
        folder: &Path,
    ) -> Result<Self> {
        let is_stdin = file.as_os_str() == "-";
        let shown = if is_stdin { "standard input".into() } else { file.display().to_string() };
        let unread = || Error::usage(format!("--messages: {shown} can't be read"));
        let lines: Box<dyn BufRead> = if is_stdin {
            Box::new(stdin().lock())
        } else {
            Box::new(BufReader::new(File::open(file).map_err(|error| unread().cause(error))?))
        };
        let fixtures = folder.join("fixtures");
        let mut place = fixtures.clone();
        place.extend(model.split("::"));
        let unwritten = |error: std::io::Error| {
            Error::failure(format!("{} can't be written to", folder.display())).cause(error)
        };
        fs::create_dir_all(&place).map_err(unwritten)?;
        let suite = File::create(place.join(format!("{SUITE}.jsonl"))).map_err(unwritten)?;
        let mut suite = BufWriter::with_capacity(256 << 10, suite);
        let mut count = 0_u64;
        for (number, line) in (1..).zip(lines.lines()) {
            let line = line.map_err(|error| unread().cause(error))?;
            let text = line.trim();
            if !text.is_empty() {
                let broken = |error: serde_json::Error| {
                    Error::usage(format!("--messages: {shown}:{number}: not JSON")).cause(error)
                };
                let input: &RawValue = serde_json::from_str(text).map_err(broken)?;
                serde_json::from_str::<IgnoredAny>(text).map_err(broken)?;
                let case = format!("line-{number}");
                let line = SuiteLine { model, case, format: 1, env, input, output: () };
                serde_json::to_writer(&mut suite, &line)
                    .map_err(|error| unwritten(error.into()))?;
                count += 1;
            }
            // Empty lines stay, so that line numbers are the same in both files.
            suite.write_all(b"\n").map_err(unwritten)?;
        }
        suite.flush().map_err(unwritten)?;
        if count == 0 {
            return Err(Error::nothing(format!("--messages: {shown} has no message")));
        }
        Ok(Self { fixtures, model: Some(model.to_owned()), file: Some(shown) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("in.jsonl");
        fs::write(&file, text).unwrap();
        let env = BTreeMap::from([("SEED".to_owned(), "3".to_owned())]);
        let inputs = Inputs::messages(&file, "a::b", &env, folder.path())?;
        Ok(fs::read_to_string(inputs.fixtures.join("a/b/messages.jsonl")).unwrap())
    }

    #[test]
    fn messages_become_cases_without_an_outcome_on_the_same_lines() {
        assert_eq!(
            messages("{\"x\": 1.0}\n\n{}\n").unwrap(),
            "{\"model\":\"a::b\",\"case\":\"line-1\",\"format\":1,\"env\":{\"SEED\":\"3\"},\
             \"input\":{\"x\": 1.0},\"output\":null}\n\n{\"model\":\"a::b\",\"case\":\"line-3\",\
             \"format\":1,\"env\":{\"SEED\":\"3\"},\"input\":{},\"output\":null}\n"
        );
    }

    #[test]
    fn a_line_that_is_no_json_is_named_and_no_message_is_nothing_to_do() {
        let error = messages("{}\n{\"x\":\n").unwrap_err();
        assert_eq!(error.exit().code(), 2);
        assert!(format!("{error:?}").contains("in.jsonl:2"), "{error:?}");
        assert_eq!(messages("\n\n").unwrap_err().exit().code(), 4);
    }
}

//! The input and the environment of failed cases, read from their files.

use std::fs;
use std::path::Path;

use athena_protocol::{Failure, JsonText, LARGEST_OUTCOME};
use serde::Deserialize;

/// The largest file of cases that is read for inputs, in bytes.
const LARGEST_FILE: u64 = 256 << 20;

/// Reads inputs. Consecutive failures mostly are in one suite, so the last file is kept.
#[derive(Debug, Default)]
pub(super) struct CaseInputs {
    file: String,
    text: String,
    /// Where each line of the text starts and ends.
    lines: Vec<(usize, usize)>,
}

#[derive(Deserialize)]
struct CallOnly {
    #[serde(default)]
    env: Option<JsonText>,
    #[serde(default)]
    input: Option<JsonText>,
}

impl CaseInputs {
    /// The failure with the input of its case, if that can be read and is not too large.
    pub(super) fn add_to(&mut self, mut failure: Failure) -> Failure {
        if failure.input.is_some() {
            return failure;
        }
        let Some(CallOnly { env, input }) = self.read(&failure.file, failure.line) else {
            return failure;
        };
        let fits = |value: &JsonText| value.as_str().len() <= LARGEST_OUTCOME;
        failure.input = input.filter(fits);
        failure.env = env.filter(|env| env.has_members() && fits(env));
        failure
    }

    fn read(&mut self, file: &str, line: u64) -> Option<CallOnly> {
        if self.file != file {
            self.load(file);
        }
        if Path::new(file).extension().is_none_or(|extension| extension != "jsonl") {
            return serde_json::from_str(&self.text).ok();
        }
        let at = usize::try_from(line).ok()?.checked_sub(1)?;
        let (start, end) = *self.lines.get(at)?;
        serde_json::from_str(&self.text[start..end]).ok()
    }

    fn load(&mut self, file: &str) {
        file.clone_into(&mut self.file);
        let is_small = fs::metadata(file).is_ok_and(|file| file.len() <= LARGEST_FILE);
        self.text =
            if is_small { fs::read_to_string(file).unwrap_or_default() } else { String::new() };
        self.lines.clear();
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            self.lines.push((start, start + line.trim_end().len()));
            start += line.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::describe::tests::failure;

    #[test]
    fn a_failure_has_the_input_of_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("suite.jsonl");
        fs::write(&file, "{\"env\":{},\"input\":1}\n\n{\"env\":{\"A\":\"b\"},\"input\":[2]}\n")
            .unwrap();
        let at = |line| Failure {
            file: file.to_string_lossy().into_owned(),
            line,
            ..failure("m::f", "a", "/x")
        };
        let mut inputs = CaseInputs::default();
        let first = inputs.add_to(at(1));
        assert_eq!((first.input, first.env), (Some(json!(1).into()), None));
        let third = inputs.add_to(at(3));
        assert_eq!(
            (third.input, third.env),
            (Some(json!([2]).into()), Some(json!({"A": "b"}).into()))
        );
        assert_eq!(inputs.add_to(at(9)).input, None);
    }
}

//! Messages that can't be recorded, as `--rejects` writes them.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use athena_cases::case::CaseOutcome;
use athena_core::error::{Error, Result};
use athena_protocol::Exit;
use serde::Serialize;

use super::evaluate::Call;

/// A line of the file, like that of `run --rejects`.
#[derive(Serialize)]
struct Reject<'a> {
    /// Its line, from 1.
    line: u64,
    /// `message` for one that the model can't read, otherwise `model`.
    kind: &'static str,
    reason: String,
    input: &'a str,
}

/// The file of rejects, which is created when the first calls have run.
pub(super) struct Rejects<'a> {
    path: &'a Path,
    out: Option<BufWriter<File>>,
    count: u64,
}

impl<'a> Rejects<'a> {
    pub(super) fn new(path: &'a Path) -> Self {
        Self { path, out: None, count: 0 }
    }

    /// Writes the calls that failed, and returns the outcomes of the others.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub(super) fn keep(
        &mut self,
        calls: &[Call],
        outcomes: Vec<Result<CaseOutcome>>,
    ) -> Result<Vec<Option<CaseOutcome>>> {
        let failed = |error: std::io::Error| Error::io("write", self.path, &error);
        let out = match &mut self.out {
            Some(out) => out,
            None => self.out.insert(BufWriter::new(File::create(self.path).map_err(failed)?)),
        };
        let mut kept = Vec::with_capacity(calls.len());
        for (call, outcome) in calls.iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => kept.push(Some(outcome)),
                Err(error) => {
                    let kind = if error.exit() == Exit::Usage { "message" } else { "model" };
                    let number = call.origin.rsplit(':').next().and_then(|text| text.parse().ok());
                    let line = number.unwrap_or(1);
                    let reject =
                        Reject { line, kind, reason: error.to_string(), input: &call.input };
                    let text = serde_json::to_string(&reject).unwrap_or_default();
                    writeln!(out, "{text}").map_err(failed)?;
                    self.count += 1;
                    kept.push(None);
                }
            }
        }
        Ok(kept)
    }

    /// Ends the file, and returns the number of rejects.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub(super) fn finish(self) -> Result<u64> {
        let failed = |error: std::io::Error| Error::io("write", self.path, &error);
        self.out.map_or(Ok(()), |mut out| out.flush()).map_err(failed)?;
        Ok(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::evaluate::TextPlace;
    use super::*;

    #[test]
    fn what_fails_is_a_line_and_the_rest_is_kept() {
        let call = |number: u32| Call {
            model: "m::f".to_owned(),
            variables: athena_core::environment::Variables::default(),
            input: format!("{{\"n\":{number}}}"),
            origin: format!("in.jsonl:{number}"),
            place: TextPlace::Line,
            given: None,
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rejects.jsonl");
        let outcome = CaseOutcome { many: false, messages: vec!["{}".to_owned()], error: None };
        let outcomes = vec![Err(Error::failure("it panicked")), Ok(outcome.clone())];
        let mut rejects = Rejects::new(&file);
        let kept = rejects.keep(&[call(1), call(2)], outcomes).unwrap();
        assert_eq!(kept, [None, Some(outcome)]);
        rejects.keep(&[call(3)], vec![Err(Error::usage("it can't be read"))]).unwrap();
        assert_eq!(rejects.finish().unwrap(), 2);
        assert_eq!(
            std::fs::read_to_string(&file).unwrap(),
            "{\"line\":1,\"kind\":\"model\",\"reason\":\"it panicked\",\"input\":\"{\\\"n\\\":1}\"}\n\
             {\"line\":3,\"kind\":\"message\",\"reason\":\"it can't be read\",\"input\":\"{\\\"n\\\":3}\"}\n"
        );
    }
}

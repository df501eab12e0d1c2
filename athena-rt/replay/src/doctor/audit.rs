//! Reads one model's cases, one after the other.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use athena_protocol::collect::sort_by;
use athena_protocol::{ExaminedModel, Finding, MessageSide, Unseen};

use super::coverage::Coverage;
use super::duplicates::{self, CallKey};
use super::gaps::gaps;
use super::tolerances;
use super::visitor::hash;
use crate::{as_u32, vacuous};
use athena_cases::case::Case;
use athena_cases::index::Folder;
use athena_cases::layout::Stem;
use athena_cases::store;
use athena_cases::suite::SuiteIndex;
use athena_core::environment::Variable;
use athena_core::error::{Error, Result};
use athena_core::model::Message;
use athena_core::registry::Entry;
use athena_structure::description::{Shape, TypeDescription};
use athena_structure::json::MessageError;

/// The maximum number of unreadable lines that are named per suite.
const MOST_BROKEN: usize = 20;

/// The maximum number of undeclared variables that are named.
const MOST_UNDECLARED: usize = 100;

/// A model, and the findings about its cases so far.
struct ModelAudit<'a> {
    entry: &'a Entry,
    variables: Vec<Variable>,
    is_set: Vec<bool>,
    /// How many cases have a variable that is not declared, and the first of them.
    undeclared: BTreeMap<String, (u64, CallKey)>,
    input: Coverage<'a>,
    output: Coverage<'a>,
    output_type: &'a TypeDescription,
    calls: Vec<CallKey>,
    errors: u64,
    broken: Vec<Finding>,
    sources: Vec<AuditedSource<'a>>,
    /// Whether the model must be able to read each message.
    reads_messages: bool,
}

enum AuditedSource<'a> {
    Files(&'a [Stem]),
    Suite(&'a Stem, SuiteIndex),
}

/// Reads a model's cases. A model without a folder has none. With `reads_messages` a case whose message
/// the model can't read is broken.
pub(super) fn audit(
    entry: &Entry,
    folder: Option<&Folder>,
    reads_messages: bool,
) -> (ExaminedModel, Vec<Finding>) {
    let (input, mut output) = (entry.model.input_type(), entry.model.output_type());
    let is_same = input.shape == output.shape;
    let output_type = output.clone();
    if entry.model.source().many {
        output.shape = Shape::List(Box::new(output.shape));
    }
    let variables = entry.model.variables();
    let mut audit = ModelAudit {
        entry,
        is_set: vec![false; variables.len()],
        variables,
        undeclared: BTreeMap::new(),
        input: Coverage::new(&input),
        output: Coverage::new(&output),
        output_type: &output_type,
        calls: Vec::new(),
        errors: 0,
        broken: Vec::new(),
        sources: Vec::new(),
        reads_messages,
    };
    if let Some(folder) = folder {
        audit.files(folder);
        for stem in &folder.suites {
            audit.suite(&folder.path, stem);
        }
    }
    audit.input.count_defaults();
    audit.output.count_defaults();
    let examined = ExaminedModel { model: entry.id.clone(), cases: audit.calls.len() as u64 };
    (examined, audit.findings(is_same))
}

impl<'a> ModelAudit<'a> {
    fn files(&mut self, folder: &'a Folder) {
        let source = as_u32(self.sources.len());
        for (index, stem) in folder.cases.iter().enumerate() {
            let path = stem.case_file(&folder.path);
            match store::read(&path) {
                Ok(text) => {
                    let at = CallKey { hash: 0, source, index: as_u32(index) };
                    if let Err((line, reason)) = self.case(&text.unwrap_or_default(), at) {
                        self.broken(&path, line, reason);
                    }
                }
                Err(error) => self.broken.push(super::broken(&path, &error)),
            }
        }
        self.sources.push(AuditedSource::Files(&folder.cases));
    }

    fn suite(&mut self, folder: &Path, stem: &'a Stem) {
        let path = stem.suite_file(folder);
        let read = SuiteIndex::read(&path).and_then(|lines| {
            let broken = self.lines(&path, &lines)?;
            Ok((lines, broken))
        });
        let (lines, mut broken) = match read {
            Ok(read) => read,
            Err(error) => return self.broken.push(super::broken(&path, &error)),
        };
        broken.extend(lines.broken.iter().cloned());
        broken.sort();
        let most = if self.reads_messages { usize::MAX } else { MOST_BROKEN };
        let more = broken.len().saturating_sub(most);
        for (line, reason) in broken.into_iter().take(most) {
            self.broken(&path, line, reason);
        }
        if more > 0 {
            self.broken(&path, 0, format!("{more} more lines can't be read"));
        }
        self.sources.push(AuditedSource::Suite(stem, lines));
    }

    /// Reads the lines of a suite that have a case, one line in memory at a time. Returns those
    /// that can't be read.
    fn lines(&mut self, path: &Path, lines: &SuiteIndex) -> Result<Vec<(usize, String)>> {
        let failed = |error: std::io::Error| Error::io("read", path, &error);
        let mut reader = BufReader::with_capacity(256 << 10, File::open(path).map_err(failed)?);
        let source = as_u32(self.sources.len());
        let mut wanted = lines.iter().enumerate().peekable();
        let mut broken = Vec::new();
        let mut raw = Vec::new();
        let mut number = 0;
        while wanted.peek().is_some() {
            raw.clear();
            if reader.read_until(b'\n', &mut raw).map_err(failed)? == 0 {
                break;
            }
            number += 1;
            let Some((index, _)) = wanted.next_if(|(_, line)| line.number == number) else {
                continue;
            };
            let at = CallKey { hash: 0, source, index: as_u32(index) };
            let read = match std::str::from_utf8(&raw) {
                Ok(text) => self.case(text, at).map_err(|(_, reason)| reason),
                Err(error) => Err(format!("not valid UTF-8: {error}")),
            };
            broken.extend(read.err().map(|reason| (number, reason)));
        }
        Ok(broken)
    }

    /// Counts a case. The error has the line in this text, from 1.
    fn case(&mut self, text: &str, at: CallKey) -> std::result::Result<(), (usize, String)> {
        let case = Case::parse(text, &self.entry.id)?;
        // The wrong value may be a secret, so it is not shown.
        let variables = case.variables().map_err(|_| {
            let reason = "`env` must be an object with string values, each key once";
            (case.line_of_env(text), reason.to_owned())
        })?;
        let deep = |error: serde_json::Error| {
            // The line number is relative to the message, not to the file.
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            (1, format!("a message can't be read: {reason}"))
        };
        if self.reads_messages {
            // The line and column are those of the message, not of the file.
            let explained =
                |error: MessageError| MessageError::new(error.pointer, error.reason).to_string();
            let read = self.entry.model.check(Message::Json(case.input.get()));
            read.map_err(|error| (1, explained(error)))?;
        }
        let input = self.input.count(case.input.get()).map_err(deep)?;
        if let Some(output) = case.output {
            self.output.count(output.get()).map_err(deep)?;
        }
        if let Some(outputs) = &case.outputs {
            let texts: Vec<&str> = outputs.iter().map(|output| output.get()).collect();
            self.output.count(&format!("[{}]", texts.join(","))).map_err(deep)?;
        }
        self.errors += u64::from(case.error.is_some());
        let mut env: u64 = 0;
        for (name, value) in variables {
            match self.variables.iter().position(|known| known.name == name) {
                // Replay replaces it with a placeholder.
                Some(known) if self.variables[known].secret => {}
                Some(known) => {
                    self.is_set[known] = true;
                    env = env.wrapping_add(hash((known, value)));
                }
                None if self.undeclared.len() < MOST_UNDECLARED
                    || self.undeclared.contains_key(&name) =>
                {
                    self.undeclared.entry(name).or_insert((0, at)).0 += 1;
                }
                None => {}
            }
        }
        self.calls.push(CallKey { hash: hash((env, input)), ..at });
        Ok(())
    }

    fn broken(&mut self, path: &Path, line: usize, reason: String) {
        let file = path.to_string_lossy().into_owned();
        self.broken.push(Finding::Broken { file, line: line as u64, reason });
    }

    /// `is_same`: input and output have the same type.
    fn findings(self, is_same: bool) -> Vec<Finding> {
        let model = &self.entry.id;
        let mut findings = self.broken;
        if self.calls.is_empty() {
            if findings.is_empty() {
                findings.push(Finding::Uncovered { model: model.clone() });
            }
            return findings;
        }
        findings.extend(
            vacuous::vacuous(self.output_type, &self.entry.model.source()).into_iter().map(
                |found| Finding::Vacuous {
                    model: model.clone(),
                    path: found.path,
                    reason: found.reason,
                },
            ),
        );
        let too_wide = tolerances::too_wide(&self.output).into_iter();
        let known: Vec<String> = findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Vacuous { path, .. } => Some(path.clone()),
                _ => None,
            })
            .collect();
        findings.extend(
            too_wide
                .filter(|(path, _)| !known.contains(path))
                .map(|(path, reason)| Finding::Vacuous { model: model.clone(), path, reason }),
        );
        let sources = &self.sources;
        let name = |call: CallKey| match &sources[call.source as usize] {
            AuditedSource::Files(stems) => stems[call.index as usize].to_string(),
            AuditedSource::Suite(stem, lines) => {
                format!("{stem}/{}", lines.get(call.index as usize).name)
            }
        };
        for (variable, (cases, first)) in self.undeclared {
            let (model, example) = (model.clone(), name(first));
            findings.push(Finding::Undeclared { model, variable, cases, example });
        }
        findings.extend(duplicates::find(model, self.calls, name));
        for (variable, _) in self
            .variables
            .iter()
            .zip(&self.is_set)
            .filter(|(variable, is_set)| !**is_set && !variable.secret)
        {
            let variable = variable.name.to_owned();
            findings.push(Finding::Unset { model: model.clone(), variable });
        }
        let source = self.entry.model.source();
        let inputs = gaps(&self.input, MessageSide::Input);
        let mut outputs = gaps(&self.output, MessageSide::Output);
        if is_same {
            // A value that is in no input is rarely in an output.
            outputs.retain(|(path, what)| {
                let below = if source.many { path.strip_prefix("/*") } else { Some(path.as_str()) };
                !inputs.iter().any(|(path, known)| Some(path.as_str()) == below && known == what)
            });
        }
        if let (Some(error), 0) = (source.error, self.errors) {
            outputs.push((String::new(), Unseen::Error(error.to_owned())));
        }
        let sided = |side| move |(path, what)| (side, path, what);
        let mut unseen: Vec<_> = outputs
            .into_iter()
            .map(sided(MessageSide::Output))
            .chain(inputs.into_iter().map(sided(MessageSide::Input)))
            .collect();
        sort_by(&mut unseen, |(side, _, what), (other_side, _, other)| {
            weight(*side, what).cmp(&weight(*other_side, other))
        });
        findings.extend(unseen.into_iter().map(|(side, path, what)| Finding::Unseen {
            model: model.clone(),
            side,
            path,
            what,
        }));
        findings
    }
}

/// The rank of a finding; the lowest is the most important: untested outcomes come before
/// untested inputs.
fn weight(side: MessageSide, what: &Unseen) -> u8 {
    let rank = match what {
        Unseen::Error(_) => 0,
        Unseen::Variants(_) => 1,
        Unseen::Value(_) => 2,
        Unseen::Set | Unseen::Present => 3,
        Unseen::Items => 4,
        Unseen::Absent => 5,
    };
    rank * 2 + u8::from(side == MessageSide::Input)
}

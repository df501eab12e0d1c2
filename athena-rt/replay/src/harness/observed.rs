//! Reads what runs have observed, of which memory holds no more than the places: there may be a million outcomes.

use std::borrow::Cow;
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use athena_cases::case::{Case, CaseOutcome};
use athena_cases::line_reader::{LineReader, each_line};
use athena_cases::store;
use athena_core::error::{Error, Result};

/// An [`Observation`](athena_protocol::Observation) in a line of results, with the outcome as it stands there.
#[derive(Deserialize)]
pub(super) struct ObservedLine<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) model: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) file: Cow<'a, str>,
    #[serde(default)]
    pub(super) line: u64,
    /// A JSON text, in quotes.
    #[serde(borrow, default)]
    pub(super) outcome: Option<&'a RawValue>,
}

/// An [`Entry`](athena_protocol::Entry), read only if it is an observation.
#[derive(Deserialize)]
struct ObservedEntry<'a> {
    #[serde(borrow, default)]
    observed: Option<ObservedLine<'a>>,
}

/// The position of a line in a file of results.
#[derive(Clone, Copy)]
pub(super) struct ResultSpan {
    offset: u64,
    length: usize,
}

/// Calls `take` with each observation in a file of results, and with its place.
pub(super) fn each_observed(
    path: &Path,
    mut take: impl FnMut(ObservedLine<'_>, ResultSpan) -> Result<()>,
) -> Result<()> {
    each_line(path, |line, offset| match parse(path, line)? {
        Some(observed) => take(observed, ResultSpan { offset, length: line.len() }),
        None => Ok(()),
    })
}

fn parse<'a>(path: &Path, line: &'a str) -> Result<Option<ObservedLine<'a>>> {
    let entry: ObservedEntry<'_> = serde_json::from_str(line)
        .map_err(|error| Error::usage(format!("{}: not a note: {error}", path.display())))?;
    Ok(entry.observed)
}

/// The outcomes of a run, by the names of their cases.
pub(super) struct OldOutcomes {
    path: PathBuf,
    lines: LineReader,
    /// By the hash of the name, and in the order of the file.
    places: Vec<(u64, ResultSpan)>,
    hasher: RandomState,
}

impl OldOutcomes {
    /// Finds the cases that have an outcome.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let (mut places, hasher) = (Vec::new(), RandomState::new());
        each_observed(path, |observed, place| {
            if observed.outcome.is_some() {
                places.push((hasher.hash_one(&*observed.name), place));
            }
            Ok(())
        })?;
        places.sort_by_key(|(hash, _)| *hash);
        Ok(Self { path: path.to_owned(), lines: LineReader::open(path)?, places, hasher })
    }

    /// The outcome of a case, as it stands in its line. The last of several counts.
    pub(super) fn get(&mut self, name: &str) -> Result<Option<String>> {
        let hash = self.hasher.hash_one(name);
        let first = self.places.partition_point(|(known, _)| *known < hash);
        let end = self.places.partition_point(|(known, _)| *known <= hash);
        for (_, place) in self.places[first..end].iter().rev() {
            let line = self.lines.read(place.offset, place.length)?;
            let observed = parse(&self.path, &line)?.filter(|observed| observed.name == name);
            if let Some(outcome) = observed.and_then(|observed| observed.outcome) {
                return Ok(Some(outcome.get().to_owned()));
            }
        }
        Ok(None)
    }
}

/// The recorded outcomes. The cases of a suite follow each other, so its lines are found once.
#[derive(Default)]
pub(super) struct Recordings {
    file: String,
    suite: Option<SuiteLines>,
}

/// The lines of a suite by their number.
struct SuiteLines {
    reader: LineReader,
    /// Where each line begins, and the length of the file.
    starts: Vec<u64>,
}

impl Recordings {
    /// The recorded outcome of a case.
    pub(super) fn get(
        &mut self,
        case: &ObservedLine<'_>,
        many: bool,
    ) -> Result<Option<CaseOutcome>> {
        let path = Path::new(&*case.file);
        let text = if path.extension().is_some_and(|kind| kind == "jsonl") {
            if self.file != case.file {
                self.suite = SuiteLines::open(path)?;
                (*case.file).clone_into(&mut self.file);
            }
            let line = usize::try_from(case.line).unwrap_or(usize::MAX);
            self.suite.as_mut().map(|suite| suite.get(line)).transpose()?.flatten()
        } else {
            store::read(path)?
        };
        let case = text.as_ref().and_then(|text| Case::parse(text, &case.model).ok());
        Ok(case.map(|case| case.recorded(many)))
    }
}

impl SuiteLines {
    /// `None` if the file is gone.
    fn open(path: &Path) -> Result<Option<Self>> {
        let failed = |error: std::io::Error| Error::io("read", path, &error);
        let file = match File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(failed)?,
        };
        let (mut reader, mut starts) = (BufReader::with_capacity(64 << 10, file), vec![0]);
        loop {
            let length = reader.skip_until(b'\n').map_err(failed)?;
            if length == 0 {
                return Ok(Some(Self { reader: LineReader::open(path)?, starts }));
            }
            starts.push(starts[starts.len() - 1] + length as u64);
        }
    }

    /// A line by its number, from 1.
    fn get(&mut self, number: usize) -> Result<Option<String>> {
        let range = number.checked_sub(1).and_then(|at| self.starts.get(at..=at + 1));
        let Some([start, end]) = range else { return Ok(None) };
        let mut line = self.reader.read(*start, usize::try_from(end - start).unwrap_or(0))?;
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        Ok(Some(line))
    }
}

//! How a model process reports the cases of a batch that have completed: numbers and texts, each behind its length.

use super::messages::{CaseFailure, DetailText, FailureKind};

/// The kinds of failures, by the number that stands for each.
const KINDS: [FailureKind; 9] = [
    FailureKind::Differs,
    FailureKind::Failed,
    FailureKind::Crashed,
    FailureKind::TimedOut,
    FailureKind::Flaky,
    FailureKind::Broken,
    FailureKind::Orphan,
    FailureKind::Schema,
    FailureKind::Known,
];

/// The results of the first cases of a batch; those that are not listed have passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BatchProgress {
    /// The number of completed cases.
    pub(super) completed: usize,
    pub(super) failures: Vec<(usize, CaseFailure)>,
    pub(super) observed: Vec<(usize, String)>,
    /// The time of each case since the last report, in microseconds; only for a report.
    pub(super) micros: Vec<u64>,
}

impl BatchProgress {
    /// Its bytes in a response.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let detail =
            |failure: &CaseFailure| failure.detail.as_ref().map_or(0, |it| it.as_str().len());
        let texts: usize = self
            .failures
            .iter()
            .map(|(_, one)| one.text.len() + one.reason.len() + detail(one) + 40)
            .sum();
        let mut out = Vec::with_capacity(32 + 8 * self.micros.len() + texts);
        append_number(self.completed as u64, &mut out);
        append_number(self.micros.len() as u64, &mut out);
        self.micros.iter().for_each(|micros| append_number(*micros, &mut out));
        append_number(self.observed.len() as u64, &mut out);
        for (index, outcome) in &self.observed {
            append_number(*index as u64, &mut out);
            append_text(outcome, &mut out);
        }
        append_number(self.failures.len() as u64, &mut out);
        for (index, failure) in &self.failures {
            let CaseFailure { kind, text, reason, detail } = failure;
            append_number(*index as u64, &mut out);
            let kind = KINDS.iter().position(|known| known == kind);
            append_number(kind.unwrap_or_default() as u64, &mut out);
            append_text(text, &mut out);
            append_text(reason, &mut out);
            append_text(detail.as_ref().map_or("", DetailText::as_str), &mut out);
        }
        out
    }

    /// Reads what [`to_bytes`](Self::to_bytes) has written. `None` if it is something else.
    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        let from = &mut bytes;
        let mut progress = Self { completed: size(from)?, ..Self::default() };
        for _ in 0..size(from)? {
            progress.micros.push(number(from)?);
        }
        for _ in 0..size(from)? {
            progress.observed.push((size(from)?, text(from)?.to_owned()));
        }
        for _ in 0..size(from)? {
            let (index, kind) = (size(from)?, *KINDS.get(size(from)?)?);
            let (text, reason, detail) =
                (text(from)?.to_owned(), text(from)?.to_owned(), text(from)?);
            let detail = (!detail.is_empty()).then(|| DetailText::from_sent(detail.to_owned()));
            progress.failures.push((index, CaseFailure { kind, text, reason, detail }));
        }
        bytes.is_empty().then_some(progress)
    }
}

fn append_number(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn append_text(text: &str, out: &mut Vec<u8>) {
    append_number(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

fn number(from: &mut &[u8]) -> Option<u64> {
    let (number, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(u64::from_le_bytes(*number))
}

fn size(from: &mut &[u8]) -> Option<usize> {
    usize::try_from(number(from)?).ok()
}

fn text<'b>(from: &mut &'b [u8]) -> Option<&'b str> {
    let length = size(from)?;
    let (text, rest) = from.split_at_checked(length)?;
    *from = rest;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::super::messages::FailureDetail;
    use super::*;

    #[test]
    fn progress_comes_back_whole_or_not_at_all() {
        let with = |kind: FailureKind, printed: &str| CaseFailure {
            detail: FailureDetail { printed: printed.to_owned(), ..FailureDetail::default() }
                .to_text(),
            ..CaseFailure::new(kind, "a\nb\n")
        };
        let progress = BatchProgress {
            completed: 4,
            failures: KINDS.iter().map(|kind| (3, with(*kind, "\u{2028}\"{}"))).collect(),
            observed: vec![(1, "{}".to_owned()), (2, String::new())],
            micros: vec![1, u64::MAX],
        };
        let mut bytes = progress.to_bytes();
        assert_eq!(BatchProgress::read(&bytes).as_ref(), Some(&progress));
        for end in 0..bytes.len() {
            assert_eq!(BatchProgress::read(&bytes[..end]), None, "{end}");
        }
        bytes.push(0);
        assert_eq!(BatchProgress::read(&bytes), None);
        let without = BatchProgress {
            failures: vec![(0, with(FailureKind::Failed, ""))],
            ..BatchProgress::default()
        };
        assert_eq!(without.failures[0].1.detail, None);
        assert_eq!(BatchProgress::read(&without.to_bytes()), Some(without));
        assert_eq!(BatchProgress::read(&[0xff; 64]), None);
    }
}

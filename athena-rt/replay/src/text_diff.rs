//! The lines of two texts that differ, and the words in them that do.
//!
//! `similar` has the same as `TextDiff`, which it compiles for each of its algorithms and each kind of text: that took a
//! twelfth of a user's first build. Here lines and words are numbers, so the algorithms are compiled for one type.

use std::ops::Range;
use std::time::Instant;

use similar::algorithms::{Capture, Compact, IdentifyDistinct, Replace, myers, patience};
use similar::{ChangeTag, DiffOp, DiffTag, diff_ratio, group_diff_ops};

/// The least share of equal words, and of lines with a counterpart, for which words are compared: below it the
/// emphasis is noise.
const LEAST_ALIKE: f32 = 0.5;

/// A line of both texts or of one, in pieces. Those that are emphasised are in this text only.
pub(crate) struct DiffLine<'t> {
    pub(crate) tag: ChangeTag,
    pub(crate) pieces: Vec<(bool, &'t str)>,
}

impl<'t> DiffLine<'t> {
    fn whole(tag: ChangeTag, line: &'t str) -> Self {
        Self { tag, pieces: vec![(false, without_end(line))] }
    }
}

/// The lines that differ, in groups, with up to `context` lines around each that do not. After the deadline the diff is
/// coarser.
pub(crate) fn groups<'t>(
    old: &'t str,
    new: &'t str,
    context: usize,
    deadline: Instant,
) -> Vec<Vec<DiffLine<'t>>> {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let ops = operations(Algorithm::Myers, &old, &new, deadline);
    let groups = group_diff_ops(ops, context);
    let lines = |group: &Vec<DiffOp>| -> Vec<DiffLine<'t>> {
        group.iter().flat_map(|op| changed_lines(op, &old, &new, deadline)).collect()
    };
    groups.iter().map(lines).collect()
}

#[derive(Clone, Copy)]
enum Algorithm {
    Myers,
    /// Aligns by what is once in each text: people find its result easier to read.
    Patience,
}

fn operations(algorithm: Algorithm, old: &[&str], new: &[&str], deadline: Instant) -> Vec<DiffOp> {
    let numbers = IdentifyDistinct::<u32>::new(old, 0..old.len(), new, 0..new.len());
    let (old, new) = (numbers.old_lookup(), numbers.new_lookup());
    let (old_range, new_range) = (numbers.old_range(), numbers.new_range());
    let mut edits = Compact::new(Replace::new(Capture::new()), old, new);
    let compare = match algorithm {
        Algorithm::Myers => myers::diff_deadline,
        Algorithm::Patience => patience::diff_deadline,
    };
    let Ok(()) = compare(&mut edits, old, old_range, new, new_range, Some(deadline));
    edits.into_inner().into_inner().into_ops()
}

fn changed_lines<'t>(
    op: &DiffOp,
    old: &[&'t str],
    new: &[&'t str],
    deadline: Instant,
) -> Vec<DiffLine<'t>> {
    let (tag, old_range, new_range) = op.as_tag_tuple();
    let (old, new) = (&old[old_range], &new[new_range]);
    if tag == DiffTag::Equal {
        return old.iter().map(|line| DiffLine::whole(ChangeTag::Equal, line)).collect();
    }
    let words = if tag == DiffTag::Replace { changed_words(old, new, deadline) } else { None };
    words.unwrap_or_else(|| {
        let deleted = old.iter().map(|line| DiffLine::whole(ChangeTag::Delete, line));
        let inserted = new.iter().map(|line| DiffLine::whole(ChangeTag::Insert, line));
        deleted.chain(inserted).collect()
    })
}

/// Lines that took the place of others, with the words that differ emphasised; `None` if they have little in common.
fn changed_words<'t>(
    old: &[&'t str],
    new: &[&'t str],
    deadline: Instant,
) -> Option<Vec<DiffLine<'t>>> {
    if ratio(old.len().min(new.len()), old.len() + new.len()) < LEAST_ALIKE {
        return None;
    }
    let (mut old, mut new) = (Words::of(old), Words::of(new));
    let ops = operations(Algorithm::Patience, &old.texts, &new.texts, deadline);
    if diff_ratio(&ops, old.texts.len(), new.texts.len()) < LEAST_ALIKE {
        return None;
    }
    for op in ops {
        let (tag, old_range, new_range) = op.as_tag_tuple();
        old.take(old_range, tag != DiffTag::Equal);
        new.take(new_range, tag != DiffTag::Equal);
    }
    let deleted = old.pieces.into_iter().map(|pieces| (ChangeTag::Delete, pieces));
    let inserted = new.pieces.into_iter().map(|pieces| (ChangeTag::Insert, pieces));
    Some(deleted.chain(inserted).map(|(tag, pieces)| DiffLine { tag, pieces }).collect())
}

/// The share of two sides that is in both.
#[allow(clippy::cast_precision_loss, reason = "a share of lines, to compare with a half")]
fn ratio(common: usize, total: usize) -> f32 {
    2.0 * common as f32 / total as f32
}

/// The words of some lines, each with the space behind it as a word of its own.
struct Words<'l, 't> {
    lines: &'l [&'t str],
    texts: Vec<&'t str>,
    /// The line of each word, and where it starts there.
    places: Vec<(usize, usize)>,
    /// The pieces of each line as far as words were taken.
    pieces: Vec<Vec<(bool, &'t str)>>,
}

impl<'l, 't> Words<'l, 't> {
    fn of(lines: &'l [&'t str]) -> Self {
        let (mut texts, mut places) = (Vec::new(), Vec::new());
        for (index, line) in lines.iter().enumerate() {
            let mut start = 0;
            while let Some(first) = line[start..].chars().next() {
                let is_end = |c: char| c.is_whitespace() != first.is_whitespace();
                let end = line[start..].find(is_end).map_or(line.len(), |length| start + length);
                texts.push(&line[start..end]);
                places.push((index, start));
                start = end;
            }
        }
        Self { lines, texts, places, pieces: vec![Vec::new(); lines.len()] }
    }

    /// Adds words to the pieces of their lines, those of one line as one piece.
    fn take(&mut self, mut words: Range<usize>, is_emphasised: bool) {
        while let Some(&(line, start)) = self.places[words.clone()].first() {
            let is_same = |place: &&(usize, usize)| place.0 == line;
            let count = self.places[words.clone()].iter().take_while(is_same).count();
            let length: usize =
                self.texts[words.start..words.start + count].iter().map(|text| text.len()).sum();
            let piece = without_end(&self.lines[line][start..start + length]);
            self.pieces[line].push((is_emphasised, piece));
            words.start += count;
        }
    }
}

/// The end of a line is not shown as a change.
fn without_end(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use similar::TextDiff;

    use super::*;

    type Lines = Vec<(ChangeTag, String)>;

    /// Emphasis in brackets.
    fn shown<'t>(pieces: impl IntoIterator<Item = (bool, &'t str)>) -> String {
        let mut text = String::new();
        for (is_emphasised, piece) in pieces {
            let is_shown = is_emphasised && !piece.is_empty();
            text.extend(if is_shown { ["[", piece, "]"] } else { ["", piece, ""] });
        }
        text
    }

    fn ours(old: &str, new: &str, deadline: Instant) -> Vec<Lines> {
        let lines = |group: &Vec<DiffLine<'_>>| {
            group.iter().map(|line| (line.tag, shown(line.pieces.iter().copied()))).collect()
        };
        groups(old, new, 3, deadline).iter().map(lines).collect()
    }

    fn by_similar(old: &str, new: &str, deadline: Instant) -> Vec<Lines> {
        let diff = TextDiff::configure().deadline(deadline).diff_lines(old, new);
        let lines = |group: Vec<DiffOp>| {
            let changes = group.iter().flat_map(|op| {
                diff.iter_inline_changes_deadline(op, Some(deadline)).collect::<Vec<_>>()
            });
            changes
                .map(|change| {
                    let pieces = change.values().iter();
                    let pieces =
                        pieces.map(|(emphasised, piece)| (*emphasised, without_end(piece)));
                    (change.tag(), shown(pieces))
                })
                .collect()
        };
        diff.grouped_ops(3).into_iter().map(lines).collect()
    }

    fn text() -> impl Strategy<Value = String> {
        let line = proptest::string::string_regex("( {0,2}(a|b|\"c\":|1|2|é|,){0,2}){0,4}");
        proptest::collection::vec(line.expect("a pattern"), 0..160)
            .prop_map(|lines| lines.iter().flat_map(|line| [line, "\n"]).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn texts_are_compared_as_by_similar(old in text(), new in text(), shared in text()) {
            let deadline = Instant::now() + Duration::from_mins(1);
            for (old, new) in [
                (old.clone(), new.clone()),
                (format!("{old}{shared}{new}"), format!("{new}{shared}{old}")),
                (shared.clone(), shared.replace('a', "b")),
                (shared.clone(), shared.replace("a\n", "b c\n")),
            ] {
                prop_assert_eq!(ours(&old, &new, deadline), by_similar(&old, &new, deadline));
            }
        }
    }

    #[test]
    fn words_that_differ_are_emphasised_and_unlike_lines_are_whole() {
        let deadline = Instant::now() + Duration::from_mins(1);
        let lines = |old, new| ours(old, new, deadline).concat();
        let expected = [
            (ChangeTag::Equal, "{".to_owned()),
            (ChangeTag::Delete, "  \"price\": [1,]".to_owned()),
            (ChangeTag::Insert, "  \"price\": [2,]".to_owned()),
        ];
        assert_eq!(lines("{\n  \"price\": 1,\n", "{\n  \"price\": 2,\n"), expected);
        let whole: Lines =
            vec![(ChangeTag::Delete, "one".into()), (ChangeTag::Insert, "two words".into())];
        assert_eq!(lines("one\n", "two words\n"), whole);
        assert!(lines("same\n", "same\n").is_empty());
    }
}

//! Reads the results of a runner, line by line.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use athena_protocol::{Entry, Failure};

use super::failure_line::{FailureLines, FailureText};
use super::failure_spool::StoredText;

/// A line of the results.
pub(super) enum ResultLine<'a> {
    /// A failure whose JSON in the file is that of the report.
    Stored(&'a Failure, StoredText),
    /// Anything else.
    Entry(Box<Entry>),
    /// The last line of a runner that died may be incomplete.
    Truncated,
}

/// Calls `take` with each line of a file, but for those of these numbers, from 0. Files of failures are relative to
/// `root`. At the end of the file `may_grow` waits, and returns whether there may be more.
///
/// # Errors
///
/// The file can't be read, or `take` has failed.
pub(super) fn each_line(
    file: &File,
    superseded: &HashSet<usize>,
    root: &Path,
    mut may_grow: impl FnMut() -> bool,
    mut take: impl FnMut(ResultLine<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(256 << 10, file);
    let mut failures = FailureLines::new(root);
    let mut line = Vec::new();
    let mut offset = 0;
    for at in 0.. {
        line.clear();
        while !line.ends_with(b"\n") {
            if reader.read_until(b'\n', &mut line)? == 0 && !may_grow() {
                break;
            }
        }
        if line.is_empty() {
            break;
        }
        if !superseded.contains(&at) {
            take(parse(&line, offset, &mut failures))?;
        }
        offset += line.len() as u64;
    }
    Ok(())
}

fn parse<'f>(line: &[u8], offset: u64, failures: &'f mut FailureLines<'_>) -> ResultLine<'f> {
    if let Some(FailureText { failure, json, cut }) = failures.read(line) {
        let range = offset + json.start as u64..offset + json.end as u64;
        let cut = cut.start - json.start..cut.end - json.start;
        return ResultLine::Stored(failure, StoredText { range, cut });
    }
    match serde_json::from_slice(line) {
        Ok(entry) => ResultLine::Entry(Box::new(entry)),
        Err(_) => ResultLine::Truncated,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::report::describe::tests::failure;

    /// A file with this many lines, the last of which is cut off.
    fn written(count: usize) -> (tempfile::NamedTempFile, Vec<String>) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut texts = Vec::new();
        for at in 0..count {
            let entry = if at % 5 == 0 {
                Entry::Trouble(format!("trouble {at}"))
            } else {
                let input = Some(serde_json::json!([at]).into());
                Entry::Failed(Failure { input, ..failure("m::f", &at.to_string(), "/x") })
            };
            texts.push(serde_json::to_string(&entry).unwrap());
            writeln!(file, "{}", texts[at]).unwrap();
        }
        write!(file, "{{\"failed\":{{\"name\":\"").unwrap();
        (file, texts)
    }

    #[test]
    fn lines_are_read_in_their_order_whatever_the_size_of_the_file() {
        for count in [3, 5_000] {
            let (file, texts) = written(count);
            let all = std::fs::read_to_string(file.path()).unwrap();
            let skipped = HashSet::from([1]);
            let (mut seen, mut truncated) = (Vec::new(), 0);
            let opened = File::open(file.path()).unwrap();
            each_line(
                &opened,
                &skipped,
                Path::new("/"),
                || false,
                |line| {
                    match line {
                        ResultLine::Stored(_, StoredText { range, cut }) => {
                            assert_eq!(cut.len(), 0);
                            let place = |offset| usize::try_from(offset).unwrap();
                            let range = place(range.start)..place(range.end);
                            seen.push(format!("{{\"failed\":{}}}", &all[range]));
                        }
                        ResultLine::Entry(entry) => {
                            seen.push(serde_json::to_string(&entry).unwrap());
                        }
                        ResultLine::Truncated => truncated += 1,
                    }
                    Ok(())
                },
            )
            .unwrap();
            assert_eq!((seen.len(), truncated), (count - 1, 1));
            assert!(
                seen.iter().eq(texts
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != 1)
                    .map(|(_, text)| text))
            );
        }
    }

    #[test]
    fn reading_ends_with_the_first_error() {
        for count in [3, 5_000] {
            let (file, _) = written(count);
            let mut taken = 0;
            let opened = File::open(file.path()).unwrap();
            let ended = each_line(
                &opened,
                &HashSet::new(),
                Path::new("/"),
                || false,
                |_| {
                    taken += 1;
                    if taken == 2 { Err(io::Error::other("full")) } else { Ok(()) }
                },
            );
            assert_eq!((ended.unwrap_err().to_string(), taken), ("full".to_owned(), 2));
        }
    }
}

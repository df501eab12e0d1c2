//! Reads the results of a runner: a thread parses while another one adds up.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use athena_protocol::{Entry, Failure};

use super::failure_line::FailureText;
use super::failure_spool::StoredText;

/// The lines that are passed on at once.
const LINES: usize = 256;

/// How many times as many may wait.
const WAITING: usize = 4;

/// Smaller files are not worth a thread, in bytes.
const SMALL: u64 = 256 << 10;

/// A line of the results.
pub(super) enum ResultLine {
    /// A failure whose JSON in the file is that of the report.
    Stored(Box<Failure>, StoredText),
    /// Anything else.
    Entry(Box<Entry>),
    /// The last line of a runner that died may be incomplete.
    Truncated,
}

/// Calls `take` with each line of a file, but for those of these numbers, from 0. Files of failures are relative to
/// `root`.
///
/// # Errors
///
/// The file can't be read, or `take` has failed.
pub(super) fn each_line(
    file: &File,
    superseded: &HashSet<usize>,
    root: &Path,
    mut take: impl FnMut(ResultLine) -> io::Result<()>,
) -> io::Result<()> {
    let mut take_all = |lines: Vec<ResultLine>| lines.into_iter().try_for_each(&mut take);
    if file.metadata()?.len() <= SMALL {
        let mut taken = Ok(());
        read(file, superseded, root, |lines| {
            taken = take_all(lines);
            if taken.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        return taken;
    }
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel(WAITING);
        let reader = scope.spawn(move || {
            read(file, superseded, root, |lines| match send.send(lines) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        });
        let taken = receive.iter().try_for_each(take_all);
        // The reader stops if nobody takes its lines.
        drop(receive);
        let read = reader.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")));
        taken.and(read)
    })
}

fn read(
    file: &File,
    superseded: &HashSet<usize>,
    root: &Path,
    mut pass: impl FnMut(Vec<ResultLine>) -> ControlFlow<()>,
) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(256 << 10, file);
    let (mut line, mut lines) = (Vec::new(), Vec::new());
    let mut offset = 0;
    for at in 0.. {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)? as u64;
        let is_end = length == 0;
        if !is_end && !superseded.contains(&at) {
            lines.push(parse(&line, offset, root));
        }
        offset += length;
        if (is_end || lines.len() == LINES) && pass(std::mem::take(&mut lines)).is_break() {
            break;
        }
        if is_end {
            break;
        }
    }
    Ok(())
}

fn parse(line: &[u8], offset: u64, root: &Path) -> ResultLine {
    if let Some(FailureText { failure, json, cut }) = FailureText::read(line, root) {
        let range = offset + json.start as u64..offset + json.end as u64;
        let cut = cut.start - json.start..cut.end - json.start;
        return ResultLine::Stored(Box::new(failure), StoredText { range, cut });
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
            each_line(&opened, &skipped, Path::new("/"), |line| {
                match line {
                    ResultLine::Stored(_, StoredText { range, cut }) => {
                        assert_eq!(cut.len(), 0);
                        let place = |offset| usize::try_from(offset).unwrap();
                        let range = place(range.start)..place(range.end);
                        seen.push(format!("{{\"failed\":{}}}", &all[range]));
                    }
                    ResultLine::Entry(entry) => seen.push(serde_json::to_string(&entry).unwrap()),
                    ResultLine::Truncated => truncated += 1,
                }
                Ok(())
            })
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
            let ended = each_line(&opened, &HashSet::new(), Path::new("/"), |_| {
                taken += 1;
                if taken == 2 { Err(io::Error::other("full")) } else { Ok(()) }
            });
            assert_eq!((ended.unwrap_err().to_string(), taken), ("full".to_owned(), 2));
        }
    }
}

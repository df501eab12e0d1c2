//! A file of captured messages: lines like those of a suite, of any number of models. A line may
//! lack its outcome, and the last line may be incomplete.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde::Deserialize;

use super::case::{FORMAT, not_a_case};
use super::layout;
use athena_core::display;
use athena_core::error::{Error, Result};

/// The first fields of a line.
#[derive(Deserialize)]
pub struct LineHeader<'a> {
    #[serde(borrow)]
    pub model: Cow<'a, str>,
    #[serde(borrow)]
    pub case: Cow<'a, str>,
    format: u32,
}

impl<'a> LineHeader<'a> {
    /// Reads a line's header. The rest of the line is only checked to be JSON.
    pub fn read(line: &'a [u8]) -> std::result::Result<Self, String> {
        let head: Self = serde_json::from_slice(line).map_err(|error| {
            if error.is_eof() {
                return "not a case: the line is cut off".to_owned();
            }
            not_a_case(&error)
        })?;
        if head.format != FORMAT {
            let format = head.format;
            return Err(format!("the case has format {format}, this version has {FORMAT}"));
        }
        layout::check(&head.case, "case name").map_err(|error| error.to_string())?;
        Ok(head)
    }
}

/// The position of a line in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineSpan {
    /// Its number, from 1.
    pub number: usize,
    offset: u64,
    length: usize,
}

/// The positions of each model's lines.
#[derive(Debug)]
pub struct CaptureIndex {
    pub models: BTreeMap<String, Vec<LineSpan>>,
    file: File,
}

impl CaptureIndex {
    /// Scans the file. An incomplete last line is skipped: it is being written.
    ///
    /// # Errors
    ///
    /// A file that can't be read, or a line that is not a case.
    pub fn scan(path: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| Error::io("read", path, &error);
        let file = File::open(path).map_err(failed)?;
        let mut reader = BufReader::with_capacity(256 << 10, file.try_clone().map_err(failed)?);
        let mut models: BTreeMap<String, Vec<LineSpan>> = BTreeMap::new();
        let mut line = Vec::new();
        let (mut number, mut offset) = (0, 0);
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).map_err(failed)?;
            if length == 0 {
                return Ok(Self { models, file });
            }
            number += 1;
            let place = LineSpan { number, offset, length };
            offset += length as u64;
            if line.trim_ascii().is_empty() {
                continue;
            }
            match LineHeader::read(&line) {
                Ok(head) => match models.get_mut(&*head.model) {
                    Some(places) => places.push(place),
                    None => drop(models.insert(head.model.into_owned(), vec![place])),
                },
                Err(_) if !line.ends_with(b"\n") => {}
                Err(reason) => {
                    let place = display::display_path(path);
                    return Err(Error::usage(format!("{place}:{number}: {reason}"))
                        .help("fix or delete the line; nothing was recorded"));
                }
            }
        }
    }

    /// The text of a line.
    pub fn text(&mut self, place: LineSpan) -> std::io::Result<String> {
        self.file.seek(SeekFrom::Start(place.offset))?;
        let mut text = vec![0; place.length];
        self.file.read_exact(&mut text)?;
        String::from_utf8(text).map_err(std::io::Error::other)
    }
}

//! Reads which models have messages in a capture file from production.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};

#[derive(Deserialize)]
struct CapturedHeader {
    model: String,
}

/// Counts the messages of each model. A last line without a line end is skipped: it is still being
/// written.
pub(crate) fn models(path: &Path) -> Result<BTreeMap<String, u64>> {
    let failed = |error: std::io::Error| Error::unreadable(path, error);
    let mut reader = BufReader::with_capacity(256 << 10, File::open(path).map_err(failed)?);
    let mut models = BTreeMap::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<CapturedHeader>(&line) {
            Ok(head) => *models.entry(head.model).or_default() += 1,
            Err(_) if !line.ends_with(b"\n") => {}
            Err(error) => {
                return Err(Error::usage(format!("{}:{number}: not a case", path.display()))
                    .cause(error)
                    .help("fix or delete the line; nothing was recorded"));
            }
        }
    }
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_by_model_and_a_line_in_the_making_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.jsonl");
        std::fs::write(&path, "{\"model\":\"a\"}\n\n{\"model\":\"b\"}\n{\"model\":\"a\"}\n{\"mod")
            .unwrap();
        let wanted = BTreeMap::from([("a".to_owned(), 2), ("b".to_owned(), 1)]);
        assert_eq!(models(&path).unwrap(), wanted);
        std::fs::write(&path, "{\"model\":\"a\"}\n{\"mod\n").unwrap();
        assert!(models(&path).unwrap_err().to_line().contains("c.jsonl:2: not a case"));
    }
}

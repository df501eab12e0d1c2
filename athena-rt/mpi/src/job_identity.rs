//! The identity of a job: only the job that wrote a journal may resume from it.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use athena_protocol::Format;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::build_id::build_id;
use athena_core::display::plural;
use athena_core::environment::Variables;
use athena_core::error::{Error, Result};

/// The number of bytes that are hashed at the start and at the end of the input.
const HASHED_SIZE: u64 = 1 << 20;

/// The header of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct JobFingerprint {
    model: String,
    /// The program, as a [`build_id`].
    build: u64,
    size: u64,
    /// A hash of the first and the last megabyte of the input.
    hash: u64,
    input_format: Format,
    output_format: Format,
    unordered: bool,
    /// A hash of each value, since some are secret.
    variables: BTreeMap<String, u64>,
}

impl JobFingerprint {
    pub(super) fn new(
        model: &str,
        input: &File,
        size: u64,
        formats: (Format, Format),
        unordered: bool,
        variables: &Variables,
    ) -> std::io::Result<Self> {
        let hashed = |(name, value): &(String, String)| (name.clone(), xxh3_64(value.as_bytes()));
        Ok(Self {
            model: model.to_owned(),
            build: build_id(),
            size,
            hash: hash(input, size)?,
            input_format: formats.0,
            output_format: formats.1,
            unordered,
            variables: variables.iter().map(hashed).collect(),
        })
    }

    /// Fails unless this job may resume the one of the journal.
    pub(super) fn check(
        &self,
        journal: &Self,
        allow_other_build: bool,
        journal_path: &Path,
    ) -> Result<()> {
        let path = journal_path.display();
        let differences = self.differences(journal);
        if !differences.is_empty() {
            let differences = differences.join("; ");
            return Err(Error::usage(format!(
                "{path} is the journal of another job: {differences}"
            ))
            .help("run the job of the journal, or remove the file to start again"));
        }
        if !allow_other_build && self.build != journal.build {
            return Err(Error::usage(format!(
                "{path} is the journal of another build of this program, whose outcomes may differ"
            ))
            .help(
                "remove the file to start again, or use --allow-other-build to continue and keep the finished batches",
            ));
        }
        Ok(())
    }

    /// How this job differs from the one of the journal, apart from the build.
    fn differences(&self, journal: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        if self.model != journal.model {
            differences.push(format!("the model was {}", journal.model));
        }
        if self.size != journal.size {
            differences.push(format!(
                "the input had {}, and now has {}",
                plural(journal.size, "byte"),
                self.size
            ));
        } else if self.hash != journal.hash {
            differences.push("the input has changed".to_owned());
        }
        let name = |format: Format| if format == Format::Json { "json" } else { "protobuf" };
        for (option, old, new) in [
            ("--input-format", journal.input_format, self.input_format),
            ("--output-format", journal.output_format, self.output_format),
        ] {
            if old != new {
                differences.push(format!("{option} was {}", name(old)));
            }
        }
        if self.unordered != journal.unordered {
            let was = if journal.unordered { "was set" } else { "was not set" };
            differences.push(format!("--unordered {was}"));
        }
        let names = self.variables.keys().chain(journal.variables.keys());
        let names: std::collections::BTreeSet<_> = names.collect();
        for name in names {
            match (journal.variables.get(name), self.variables.get(name)) {
                (Some(old), Some(new)) if old == new => {}
                (Some(_), Some(_)) => differences.push(format!("{name} had another value")),
                (None, _) => differences.push(format!("{name} was not set")),
                (_, None) => differences.push(format!("{name} was set")),
            }
        }
        differences
    }
}

fn hash(file: &File, size: u64) -> std::io::Result<u64> {
    let mut hasher = Xxh3::new();
    let length = usize::try_from(size.min(HASHED_SIZE)).unwrap_or(0);
    let mut bytes = vec![0; length];
    for offset in [0, size - length as u64] {
        file.read_exact_at(&mut bytes, offset)?;
        hasher.update(&bytes);
    }
    Ok(hasher.digest())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn fingerprint(text: &[u8], value: &str) -> JobFingerprint {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        let variables = vec![("SEED".to_owned(), value.to_owned())];
        let formats = (Format::Json, Format::Json);
        JobFingerprint::new("a::b", &file, text.len() as u64, formats, false, &variables).unwrap()
    }

    #[test]
    fn differences_are_named_without_values() {
        let journal = fingerprint(b"{}\n", "secret");
        assert_eq!(journal.differences(&fingerprint(b"{}\n", "secret")), Vec::<String>::new());
        assert_eq!(
            fingerprint(b"{ }\n", "other").differences(&journal),
            ["the input had 3 bytes, and now has 4", "SEED had another value",]
        );
        assert_eq!(fingerprint(b"[]\n", "secret").differences(&journal), ["the input has changed"]);
        let mut other = journal.clone();
        other.model = "a::c".into();
        other.unordered = true;
        other.output_format = Format::Protobuf;
        other.variables.clear();
        assert_eq!(
            journal.differences(&other),
            [
                "the model was a::c",
                "--output-format was protobuf",
                "--unordered was set",
                "SEED was not set",
            ]
        );
        assert!(!serde_json::to_string(&journal).unwrap().contains("secret"));
    }

    #[test]
    fn the_header_of_a_journal_stays_the_same() {
        let mut header = fingerprint(b"{}\n", "value");
        header.build = 1;
        assert_eq!(
            serde_json::to_string(&header).unwrap(),
            format!(
                r#"{{"model":"a::b","build":1,"size":3,"hash":{},"input_format":"json","output_format":"json","unordered":false,"variables":{{"SEED":{}}}}}"#,
                header.hash,
                xxh3_64(b"value")
            )
        );
    }

    #[test]
    fn a_change_at_the_end_of_a_large_input_is_found() {
        let mut large = vec![b'a'; 3 << 20];
        let journal = fingerprint(&large, "");
        *large.last_mut().unwrap() = b'b';
        assert_eq!(fingerprint(&large, "").differences(&journal), ["the input has changed"]);
    }
}

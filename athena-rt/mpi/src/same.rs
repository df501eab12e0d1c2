//! What must be the same for a job to go on where another one ended.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

use athena_protocol::Format;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::program::build;
use athena_core::environment::Variables;

/// How much of the input is looked at, in front and at the end.
const LOOKED_AT: u64 = 1 << 20;

/// The first record of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Same {
    model: String,
    /// Which build of the program.
    build: u64,
    size: u64,
    /// Of the first and the last megabyte.
    hash: u64,
    input_format: Format,
    output_format: Format,
    unordered: bool,
    /// A hash of each value, since some are secret.
    variables: BTreeMap<String, u64>,
}

impl Same {
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
            build: build(),
            size,
            hash: hash(input, size)?,
            input_format: formats.0,
            output_format: formats.1,
            unordered,
            variables: variables.iter().map(hashed).collect(),
        })
    }

    /// Whether it is the same build of the program that was begun.
    pub(super) fn is_build_of(&self, begun: &Self) -> bool {
        self.build == begun.build
    }

    /// In what else this job differs from the one that was begun.
    pub(super) fn differences(&self, begun: &Self) -> Vec<String> {
        let mut differ = Vec::new();
        if self.model != begun.model {
            differ.push(format!("the model was {}", begun.model));
        }
        if self.size != begun.size {
            differ.push(format!("the input had {} bytes, and has {}", begun.size, self.size));
        } else if self.hash != begun.hash {
            differ.push("the input has changed".to_owned());
        }
        let name = |format: Format| if format == Format::Json { "json" } else { "protobuf" };
        for (option, old, new) in [
            ("--input-format", begun.input_format, self.input_format),
            ("--output-format", begun.output_format, self.output_format),
        ] {
            if old != new {
                differ.push(format!("{option} was {}", name(old)));
            }
        }
        if self.unordered != begun.unordered {
            let was = if begun.unordered { "was there" } else { "was not there" };
            differ.push(format!("--unordered {was}"));
        }
        let names = self.variables.keys().chain(begun.variables.keys());
        let names: std::collections::BTreeSet<_> = names.collect();
        for name in names {
            match (begun.variables.get(name), self.variables.get(name)) {
                (Some(old), Some(new)) if old == new => {}
                (Some(_), Some(_)) => differ.push(format!("{name} had another value")),
                (None, _) => differ.push(format!("{name} was not set")),
                (_, None) => differ.push(format!("{name} was set")),
            }
        }
        differ
    }
}

fn hash(file: &File, size: u64) -> std::io::Result<u64> {
    let mut hasher = Xxh3::new();
    let length = usize::try_from(size.min(LOOKED_AT)).unwrap_or(0);
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

    fn same(text: &[u8], value: &str) -> Same {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        let variables = vec![("SEED".to_owned(), value.to_owned())];
        let formats = (Format::Json, Format::Json);
        Same::new("a::b", &file, text.len() as u64, formats, false, &variables).unwrap()
    }

    #[test]
    fn what_differs_is_named_and_no_value_is_shown() {
        let begun = same(b"{}\n", "secret");
        assert_eq!(begun.differences(&same(b"{}\n", "secret")), Vec::<String>::new());
        assert_eq!(
            same(b"{ }\n", "other").differences(&begun),
            ["the input had 3 bytes, and has 4", "SEED had another value",]
        );
        assert_eq!(same(b"[]\n", "secret").differences(&begun), ["the input has changed"]);
        let mut other = begun.clone();
        other.model = "a::c".into();
        other.unordered = true;
        other.output_format = Format::Protobuf;
        other.variables.clear();
        assert_eq!(
            begun.differences(&other),
            [
                "the model was a::c",
                "--output-format was protobuf",
                "--unordered was there",
                "SEED was not set",
            ]
        );
        assert!(!serde_json::to_string(&begun).unwrap().contains("secret"));
    }

    #[test]
    fn a_change_at_the_end_of_a_large_input_is_seen() {
        let mut large = vec![b'a'; 3 << 20];
        let begun = same(&large, "");
        *large.last_mut().unwrap() = b'b';
        assert_eq!(same(&large, "").differences(&begun), ["the input has changed"]);
    }
}

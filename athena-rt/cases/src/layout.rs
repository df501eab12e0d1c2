//! The path of a case: `fixtures/<model id with / for ::>/<case>[@<environment>].json`.

use std::fmt;
use std::path::{Path, PathBuf};

use athena_core::error::{Error, Result};

/// The folder of named environments, in `fixtures/`.
pub const ENVIRONMENTS: &str = "environments";

/// The extension of the file beside a suite of generated cases that lists those that were rejected.
pub const REJECTED: &str = "rejected";

/// Names that Windows reserves, whatever their extension.
const RESERVED: &[&str] = &["con", "prn", "aux", "nul"];

/// The folder of a model's cases.
pub fn folder(fixtures: &Path, id: &str) -> PathBuf {
    fixtures.join(athena_protocol::ModelId::new(id).folder())
}

/// The id whose cases are in a folder, given relative to `fixtures/`.
pub fn id_of(relative: &Path) -> String {
    let segments: Vec<_> =
        relative.iter().map(|segment| segment.to_string_lossy().into_owned()).collect();
    segments.join("::")
}

/// The file of a named environment.
pub fn environment(fixtures: &Path, name: &str) -> PathBuf {
    fixtures.join(ENVIRONMENTS).join(format!("{name}.env"))
}

/// The name of a case or of a suite: the file name without `.json` or `.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stem(String);

impl Stem {
    /// A name with the named environment it is recorded under, if any.
    ///
    /// # Errors
    ///
    /// A name that is not `[A-Za-z0-9_.-]`, at most 120 bytes, and free for use on Windows.
    pub fn new(name: &str, environment: Option<&str>) -> Result<Self> {
        check(name, "case name")?;
        match environment {
            None => Ok(Self(name.to_owned())),
            Some(environment) => {
                check(environment, "environment name")?;
                Ok(Self(format!("{name}@{environment}")))
            }
        }
    }

    /// The name of a suite, as [`Stem::new`].
    ///
    /// # Errors
    ///
    /// Those of [`Stem::new`].
    pub fn new_suite(name: &str, environment: Option<&str>) -> Result<Self> {
        check(name, "suite name")?;
        Self::new(name, environment)
    }

    /// The name in front of a file's extension.
    pub fn parse(stem: &str) -> Result<Self> {
        match stem.split_once('@') {
            None => Self::new(stem, None),
            Some((name, environment)) => Self::new(name, Some(environment)),
        }
    }

    pub fn case_file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{self}.json"))
    }

    pub fn suite_file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{self}.jsonl"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Stem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks a name that becomes a file's name.
pub fn check(name: &str, what: &str) -> Result<()> {
    let problem = if name.is_empty() {
        "it is empty".to_owned()
    } else if let Some(bad) = first_illegal(name) {
        format!("it has {bad:?}")
    } else if name.starts_with('.') || name.ends_with('.') {
        "it begins or ends with a dot".to_owned()
    } else if name.len() > LONGEST {
        format!("it has {} bytes", name.len())
    } else if is_reserved(name) {
        "Windows reserves it".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::usage(format!("{name:?} is not a valid {what}: {problem}"))
        .help(format!("use letters, digits, _, - and ., at most {LONGEST} characters")))
}

/// The longest name, in bytes.
const LONGEST: usize = 120;

fn is_legal(c: char) -> bool {
    u8::try_from(c).is_ok_and(|byte| IS_LEGAL[usize::from(byte)])
}

/// By byte: a large suite has a hundred thousand names.
const IS_LEGAL: [bool; 256] = {
    let mut legal = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        legal[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        byte += 1;
    }
    legal
};

fn first_illegal(name: &str) -> Option<char> {
    let at = name.bytes().position(|byte| !IS_LEGAL[usize::from(byte)])?;
    name[at..].chars().next()
}

/// A name made from any text: what no name may have becomes `-`. Two texts can get one name.
///
/// ```
/// use athena_cases::layout::name_from;
///
/// assert_eq!(name_from("a b/c"), "a-b-c");
/// assert_eq!(name_from("con"), "con-");
/// ```
pub fn name_from(text: &str) -> String {
    let legal = text.chars().map(|c| if is_legal(c) { c } else { '-' }).take(LONGEST - 1);
    let name: String = legal.collect();
    let name = name.trim_matches('.');
    if name.is_empty() || is_reserved(name) { format!("{name}-") } else { name.to_owned() }
}

/// Whether Windows reserves it, whatever its case and extension.
fn is_reserved(name: &str) -> bool {
    // Most names are longer, without a dot where one of these ends.
    let dot = name.bytes().take(5).position(|byte| byte == b'.');
    let end = dot.unwrap_or(name.len());
    if !matches!(end, 3 | 4) {
        return false;
    }
    let name = name[..end].to_ascii_lowercase();
    let port = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    RESERVED.contains(&name.as_str())
        || port.is_some_and(|number| {
            number.len() == 1 && number != "0" && number.as_bytes()[0].is_ascii_digit()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_name_is_a_plain_file_name_everywhere() {
        let long = "x".repeat(120);
        for good in
            ["seeded", "a-b_c9", "com0", "com10", "null", "nul1.x", "c.on", "Empty.host", &long]
        {
            assert!(Stem::new(good, None).is_ok(), "{good}");
        }
        for bad in [
            "",
            "../evil",
            "a/b",
            "zoë",
            "con",
            "CON.a",
            "com1",
            "lpt9",
            "com1.tar.gz",
            "nul.x",
            "a\u{f6}",
            "a.",
            "a@b",
            &"x".repeat(121),
        ] {
            let refused = Stem::new(bad, None);
            assert!(
                refused.is_err_and(|error| error.to_string().contains(&format!("{bad:?}"))),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_stem_knows_its_environment() {
        let stem = Stem::parse("quake@tokyo").expect("a stem");
        assert_eq!(stem.case_file(Path::new("f")), Path::new("f/quake@tokyo.json"));
        assert!(Stem::parse("quake@").is_err());
        assert!(Stem::parse("a@b@c").is_err());
    }
}

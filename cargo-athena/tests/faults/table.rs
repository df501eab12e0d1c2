//! The rows of the catalogue.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// What is put wrong, and what must happen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Unique in its file.
    pub(crate) name: String,
    /// What is wrong, and what is promised, in a sentence each.
    fault: String,
    promise: String,
    /// What the shell commands find.
    #[serde(skip)]
    pub(crate) project: Project,
    #[serde(skip)]
    file: String,
    /// Cases of the model `act` that pass if it survives: `abort`, or `sleep 400`.
    #[serde(default)]
    pub(crate) acts: Vec<String>,
    /// Files by path. `NAME` stands for the package's name.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    /// Commands that prepare it, one a line; each must succeed.
    #[serde(default)]
    pub(crate) before: String,
    /// What is tried, in order.
    pub(crate) steps: Vec<Step>,
}

/// A command and what is expected of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// A line for the shell.
    pub(crate) run: String,
    /// Its exit code.
    pub(crate) exit: i32,
    /// What its stdout or stderr has.
    #[serde(default)]
    pub(crate) says: Vec<String>,
    /// What neither has.
    #[serde(default)]
    pub(crate) never_says: Vec<String>,
    /// It ends within this time.
    #[serde(default = "one_minute")]
    pub(crate) seconds: u64,
}

fn one_minute() -> u64 {
    60
}

/// What the commands of a fault find.
#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Project {
    /// An empty folder `fixtures`, and `tool`, the runner of the hostile models.
    #[default]
    Hostile,
    /// A package of its own: a library with the model `twice`, a test target, one good case.
    Seed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    project: Project,
    fault: Vec<Fault>,
}

impl Fault {
    /// The file and the name of the fault.
    pub(crate) fn full_name(&self) -> String {
        format!("{}::{}", self.file, self.name)
    }

    /// What is wrong and what is promised, for a failure's text.
    pub(crate) fn describe(&self) -> String {
        format!("fault: {}\npromise: {}", self.fault, self.promise)
    }
}

/// Reads all files of the catalogue.
pub(crate) fn read() -> Vec<Fault> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("conformance/faults");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    let mut faults = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let file: File = toml_edit::de::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        faults.extend(file.fault.into_iter().map(|fault| Fault {
            project: file.project,
            file: stem.clone(),
            ..fault
        }));
    }
    let names: BTreeSet<_> = faults.iter().map(Fault::full_name).collect();
    assert_eq!(names.len(), faults.len(), "two faults have one name");
    assert!(faults.len() >= 80, "the catalogue promises 80 faults, it has {}", faults.len());
    faults
}

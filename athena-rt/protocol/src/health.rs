use serde::{Deserialize, Serialize};

/// What a look at the recordings has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// The models that were looked at, sorted by id.
    pub models: Vec<Examined>,
    /// What there is to say: of a model at a time, most important first.
    pub findings: Vec<Finding>,
}

/// A model whose cases were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Examined {
    /// Its id.
    pub model: String,
    /// How many cases it has that can be read.
    pub cases: u64,
}

/// Something about the recordings that someone may want to mend. No value that was recorded is
/// part of one: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Finding {
    /// Something under `fixtures/` that can't be read as what it seems to be.
    Broken {
        /// Where it is.
        file: String,
        /// The line, from 1; 0 for the file as a whole.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Cases whose model is gone.
    Orphans {
        /// The id they were recorded under.
        model: String,
        /// How many.
        cases: u64,
        /// The folder they are in.
        folder: String,
    },
    /// A model without cases.
    Uncovered {
        /// Its id.
        model: String,
    },
    /// Cases that are the same call: the same values of the variables that the model declares, and
    /// the same message by value.
    Duplicates {
        /// The model's id.
        model: String,
        /// Cases that are alike, the largest groups first, at most [`MOST_GROUPS`].
        groups: Vec<Group>,
        /// How many more groups there are.
        left_out: u64,
        /// How many cases could go, were one of each group kept.
        surplus: u64,
    },
    /// A variable that is recorded, and that the model does not declare: replay ignores it.
    Undeclared {
        /// The model's id.
        model: String,
        /// Its name.
        variable: String,
        /// How many cases have it.
        cases: u64,
        /// One of them.
        example: String,
    },
    /// A variable that the model declares, and that no case sets.
    Unset {
        /// The model's id.
        model: String,
        /// Its name.
        variable: String,
    },
    /// Something that the types allow and no case has.
    Unseen {
        /// The model's id.
        model: String,
        /// Whether in what goes in or in what comes out.
        side: Side,
        /// Where: a JSON pointer with `*` for each index of a list and key of a map.
        path: String,
        /// What.
        what: Unseen,
    },
    /// A named environment under which no case is recorded.
    Unused {
        /// Its name.
        environment: String,
        /// Its file.
        file: String,
    },
}

/// How many groups [`Finding::Duplicates`] names.
pub const MOST_GROUPS: usize = 50;

/// How many cases a [`Group`] names.
pub const MOST_TWINS: usize = 10;

/// Cases that are the same call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// What is behind `model::` in their names, at most [`MOST_TWINS`].
    pub cases: Vec<String>,
    /// How many more there are.
    pub left_out: u64,
}

/// A side of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The message that goes in.
    Input,
    /// The outcome.
    Output,
}

/// What no case has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unseen {
    /// An error, of this type, of a model that can fail.
    Error(String),
    /// These variants of an enum.
    Variants(Vec<String>),
    /// A field that has a default: it is never set.
    Set,
    /// An `Option` that is there: it is always null or left out.
    Present,
    /// This value of a boolean.
    Value(bool),
    /// An item: the list or map is always empty.
    Items,
    /// An `Option` that is not there: it always has a value.
    Absent,
}

use serde::{Deserialize, Serialize};

/// The findings about the recorded cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DoctorFindings {
    /// The examined models, sorted by id.
    pub models: Vec<ExaminedModel>,
    /// Findings, grouped by model, most important first.
    pub findings: Vec<Finding>,
    /// Files beside cases that are not read, because of their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
}

/// A model whose cases were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExaminedModel {
    /// The model's id.
    pub model: String,
    /// The number of its readable cases.
    pub cases: u64,
}

/// A gap or a defect of the recorded cases. Recorded values are never part of a finding: they may
/// be secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Finding {
    /// A file under `fixtures/` that can't be read.
    Broken {
        /// The file.
        file: String,
        /// The line, from 1; 0 for the file as a whole.
        line: u64,
        /// The reason.
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
        /// The model's id.
        model: String,
    },
    /// Cases that are the same call: the same values of the variables that the model declares, and
    /// the same message by value.
    Duplicates {
        /// The model's id.
        model: String,
        /// Cases that are alike, the largest groups first, at most [`MAX_DUPLICATE_GROUPS`].
        groups: Vec<Group>,
        /// The number of further groups.
        left_out: u64,
        /// The number of cases that could be deleted if one of each group is kept.
        surplus: u64,
    },
    /// A variable that is recorded, and that the model does not declare: a replay refuses the case.
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
        side: MessageSide,
        /// Where: a JSON pointer with `*` for each index of a list and key of a map.
        path: String,
        /// What.
        what: Unseen,
    },
    /// A comparison of outcomes that can't fail.
    Vacuous {
        /// The model's id.
        model: String,
        /// Where: a JSON pointer with `*` for each index of a list and key of a map; empty for the
        /// whole outcome.
        path: String,
        /// The reason.
        reason: String,
    },
    /// A named environment under which no case is recorded.
    Unused {
        /// Its name.
        environment: String,
        /// Its file.
        file: String,
    },
}

/// The maximum number of groups in [`Finding::Duplicates`].
pub const MAX_DUPLICATE_GROUPS: usize = 50;

/// The maximum number of names in a [`Group`].
pub const MAX_DUPLICATE_NAMES: usize = 10;

/// Cases that are the same call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// The part after `model::` of their names, at most [`MAX_DUPLICATE_NAMES`].
    pub cases: Vec<String>,
    /// The number of further cases.
    pub left_out: u64,
}

/// A side of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageSide {
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

use serde::{Deserialize, Serialize};

/// A model as `list` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelInfo {
    /// Package, module path, function: `pricing::bond::price`.
    pub id: String,
    /// The package it is written in.
    pub package: String,
    /// Its documentation comment.
    pub docs: String,
    /// The source file, as the compiler saw it.
    pub file: String,
    /// The line of the function.
    pub line: u32,
    /// The input message.
    pub input: TypeInfo,
    /// The output message.
    pub output: TypeInfo,
    /// Whether it returns any number of messages for one.
    pub many: bool,
    /// The type of its errors, as its signature has it; absent for a model that can't fail.
    pub error: Option<String>,
    /// The variables it reads.
    pub environment: Vec<VariableInfo>,
    /// The number of recorded cases.
    pub cases: u64,
}

/// A structure, and the structures that it uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypeInfo {
    /// The type's name.
    pub name: String,
    /// Its documentation comment.
    pub docs: String,
    /// Its fields, or an enum's variants.
    pub fields: Vec<FieldInfo>,
    /// The structures that its fields use, each once, in order of appearance.
    pub nested: Vec<TypeInfo>,
}

/// A field of a structure, or a variant of an enum.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldInfo {
    /// Its name.
    pub name: String,
    /// Its type, as Rust writes it; empty for a variant without data.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its documentation comment.
    pub docs: String,
    /// Whether a message must have it.
    pub required: bool,
    /// Its default, as JSON text.
    pub default: Option<String>,
    /// How outcomes are compared, as the attributes say: `tolerance(abs = 0.01)`, `volatile`,
    /// `unordered`, `secret`, `label`, and `example(3)`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
}

/// A variable of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VariableInfo {
    /// Its name in the process environment.
    pub name: String,
    /// Its type, as Rust writes it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its documentation comment.
    pub docs: String,
    /// Whether it must be set.
    pub required: bool,
    /// Its default as text; never given for a secret.
    pub default: Option<String>,
    /// Whether its value is never shown and never recorded.
    pub secret: bool,
}

/// The mark of the field whose value is shown beside the names of cases.
pub const LABEL: &str = "label";

impl ModelInfo {
    /// The key of the field whose value is shown beside the names of cases.
    pub fn label(&self) -> Option<&str> {
        let is_label = |field: &&FieldInfo| field.marks.iter().any(|mark| mark == LABEL);
        self.input.fields.iter().find(is_label).map(|field| field.name.as_str())
    }
}

//! Mutants: changes of one place in the code, all built into one program and switched on one at a
//! time. `cargo athena` writes a [`RewrittenCrate`] to `sites.json` for each crate that it rewrites,
//! and the runner reads these files.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::args::Test;

/// The number of sites, and of mutants, that one program can have.
pub const MAX_SITES: u32 = 1 << 20;

/// What was rewritten in one crate: the content of `sites.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RewrittenCrate {
    /// The package's name.
    pub package: String,
    /// The crate's name, as rustc has it.
    pub name: String,
    /// Every mutant that can be switched on, sorted by id.
    pub mutants: Vec<Mutant>,
    /// Every site, sorted by id.
    pub sites: Vec<Site>,
    /// Mutants that don't compile.
    pub unviable: Vec<Mutant>,
    /// Code that can't be examined, and mutants in it.
    pub not_examined: Vec<NotExamined>,
}

/// A change of one place in the code. The names are those of cargo-mutants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mutant {
    /// Its number, from 1, unique in the program.
    pub id: u32,
    /// The [`Site`] whose code it replaces.
    pub site: u32,
    /// The source file, relative to the workspace's root, with `/`.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The function, with its modules and type: `<impl Shape for Circle>::area`. Empty outside of one.
    pub function: String,
    /// The kind of change.
    pub genre: Genre,
    /// The new code. Empty if code is deleted.
    pub replacement: String,
    /// The whole name: `src/lib.rs:413:43: replace + with * in damerau`.
    pub name: String,
    /// Whether its file has `unsafe` code, so that it may break the memory of its process.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub isolated: bool,
    /// Where the code that it replaces begins, in bytes of the file.
    #[serde(default)]
    pub start: usize,
    /// Where that code ends.
    #[serde(default)]
    pub end: usize,
    /// A few words of the code around it: `a.len() <= upper`. Empty if the name says enough.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
}

/// The kind of a mutant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Genre {
    /// A function returns a constant.
    #[default]
    FnValue,
    /// A binary operator is another one.
    BinaryOperator,
    /// A unary operator is deleted.
    UnaryOperator,
    /// An arm of a match is deleted.
    MatchArm,
    /// The guard of an arm is constant.
    MatchArmGuard,
    /// A field of a struct expression is deleted: it has the value of the base.
    StructField,
}

/// A place in the code that counts how often it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its number, unique in the program.
    pub id: u32,
    /// The source file, relative to the workspace's root, with `/`.
    pub file: String,
    /// The first line, from 1.
    pub line: u32,
    /// The last line.
    pub end_line: u32,
    /// The function, as in [`Mutant::function`].
    pub function: String,
    /// Whether the whole region runs whenever the site does: a block, not an expression in one.
    pub block: bool,
    /// The first words of the code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
}

/// Code without mutants that run, or a mutant in such code.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotExamined {
    /// The source file, relative to the workspace's root, with `/`.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The mutant's name, or the code: `macro_rules! counts`.
    pub name: String,
    /// The reason: `it is in a const fn`.
    pub reason: String,
    /// The function, as in [`Mutant::function`]. Empty outside of one.
    #[serde(default)]
    pub function: String,
    /// Whether it is a mutant, and not other code.
    #[serde(default)]
    pub mutant: bool,
}

/// Replays recorded cases against mutants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Strength {
    /// Which cases are replayed, and within which limits.
    pub test: Test,
    /// The files of [`RewrittenCrate`]s that the runner links.
    pub sites: Vec<PathBuf>,
    /// The mutants to examine, by id; all if absent.
    pub mutants: Option<Vec<u32>>,
}

/// What recorded cases reach and catch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StrengthSummary {
    /// The cases that were replayed against mutants.
    pub cases: u64,
    /// Cases that fail without a mutant, with the reason. They catch nothing.
    pub failing: Vec<(String, String)>,
    /// How many of them can't be read as a case.
    #[serde(skip_serializing_if = "is_zero")]
    pub broken: u64,
    /// One result for each mutant that was asked for, sorted by id.
    pub mutants: Vec<MutantResult>,
    /// The sites that a case reaches, sorted by id.
    pub reached: Vec<ReachedSite>,
    /// Models that keep state between calls: each of their mutants had its own process.
    pub stateful: Vec<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A site and the cases that reach it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachedSite {
    /// The site.
    pub site: u32,
    /// The number of cases.
    pub cases: u64,
    /// The names of the first ones.
    pub names: Vec<String>,
}

/// What became of one mutant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutantResult {
    /// The mutant.
    pub id: u32,
    /// Its outcome.
    pub outcome: MutantOutcome,
}

/// The outcome of replaying the cases against a mutant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MutantOutcome {
    /// No case reaches its site.
    NotReached,
    /// Cases reach it, and all pass.
    Missed,
    /// A case fails.
    Caught {
        /// The case's name: `model id::case`.
        case: String,
        /// How it fails.
        by: Catch,
    },
}

/// How a case notices a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Catch {
    /// The outcome differs.
    Outcome,
    /// The model panics, or the message can't be read or written.
    Panic,
    /// The model does not end.
    Timeout,
    /// Its process crashes or exits.
    Crash,
    /// Its process takes too much memory.
    Memory,
}

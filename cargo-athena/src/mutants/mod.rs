//! Mutants: builds a workspace's crates with every mutant in them, and reports which ones the recorded
//! cases catch.
//!
//! | module | its job |
//! |---|---|
//! | `rewrite` | one source file with its mutants |
//! | `wrapper` | this program as the compiler's wrapper, which rewrites crates |
//! | `settings` | what the wrapper is told |
//! | `packages` | which packages are rewritten |
//! | `build` | the build, in a target folder of its own |
//! | `judge` | combines what the runners say, of all packages and of each |
//! | `result` | what became of every mutant |
//! | `report` | for a terminal, as JSON, as a page |
//! | `verify` | builds single mutants and compares the verdicts |

mod build;
mod judge;
mod packages;
pub(crate) mod report;
mod result;
mod rewrite;
mod settings;
mod verify;
mod wrapper;

pub(crate) use self::build::{MutantBuild, RewriteOptions};
pub(crate) use self::judge::judge;
pub(crate) use self::result::StrengthResult;
pub(crate) use self::verify::{sample, verify};
pub(crate) use self::wrapper::run_as_wrapper;

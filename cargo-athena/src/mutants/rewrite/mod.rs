//! Rewrites a source file so that each of its mutants can be switched on at run time.
//!
//! | file | its job |
//! |---|---|
//! | `discover`, `finder` | walks the code, finds mutants and sites |
//! | `found` | what it finds |
//! | `operators`, `replacements` | what replaces an operator, and the result of a function |
//! | `attributes`, `effects` | what is skipped, not built, or works on files and the network |
//! | `pretty` | code in the names of mutants |
//! | `excerpt` | a few words of the code at a mutant |
//! | `render` | writes the rewritten file |
//! | `modules` | the files of `mod name;` |

mod attributes;
mod discover;
mod effects;
mod excerpt;
mod finder;
mod found;
mod modules;
mod operators;
mod pretty;
mod render;
mod replacements;
#[cfg(test)]
mod tests;

pub(crate) use self::discover::discover;
pub(crate) use self::excerpt::{excerpt, excerpt_of_block};
pub(crate) use self::finder::DiscoverOptions;
pub(crate) use self::found::{FileMutants, FoundMutant, Switching};
pub(crate) use self::modules::module_file;
pub(crate) use self::render::{FirstIds, LeftOut, Region, RewrittenFile, SWITCH, render};

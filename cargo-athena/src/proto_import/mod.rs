//! Rust structures of the messages in `.proto` files.
//!
//! | module | job |
//! |---|---|
//! | `compile` | files to descriptors: imports found, types resolved |
//! | `index` | all types by full name, and what uses what |
//! | `names` | a Rust name for each message and enum |
//! | `types` | the Rust type and the attributes of each field |
//! | `docs` | comments |
//! | `print` | the file |

mod compile;
mod docs;
mod index;
mod names;
mod print;
mod types;

use std::path::{Path, PathBuf};

use crate::error::Result;

/// Rust structures of the messages and enums in `.proto` files, and of the files they import that
/// the messages need. Imports are looked for in `includes`, and beside each file.
pub(crate) fn import(files: &[PathBuf], includes: &[PathBuf]) -> Result<String> {
    let compiled = compile::compile(files, includes)?;
    let names = names::Names::new(&compiled);
    let items = types::items(&compiled, &names)?;
    let titles = files.iter().filter_map(|file| Path::new(file).file_name()?.to_str());
    Ok(print::print(&titles.collect::<Vec<_>>(), &items))
}

#[cfg(test)]
mod tests;

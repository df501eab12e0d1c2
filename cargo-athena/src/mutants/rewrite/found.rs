//! What is found in one source file.

use std::collections::BTreeMap;
use std::ops::Range;

use athena_protocol::Genre;

/// A mutant of a file.
#[derive(Clone, Debug)]
pub(crate) struct FoundMutant {
    /// The code that it replaces, in bytes of the file.
    pub(crate) span: Range<usize>,
    pub(crate) line: usize,
    /// In characters, from 1.
    pub(crate) column: usize,
    pub(crate) function: String,
    pub(crate) genre: Genre,
    pub(crate) replacement: String,
    /// The name without file and position.
    pub(crate) change: String,
    pub(crate) switching: Switching,
    /// The expression whose operator it changes: the name alone does not tell it from the next one of the function.
    pub(crate) expression: Option<Range<usize>>,
}

/// How a mutant is switched on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Switching {
    /// By this code at a [`FoundSite`].
    Code { site: usize, code: String },
    /// It is known not to compile.
    Unviable,
    /// It can't be, for this reason.
    NotExamined(String),
}

/// A place that counts how often it runs.
#[derive(Clone, Debug)]
pub(crate) struct FoundSite {
    /// The region that runs with it, in bytes of the file.
    pub(crate) region: Range<usize>,
    pub(crate) function: String,
    pub(crate) is_block: bool,
    pub(crate) insertion: Insertion,
}

/// How the code of a site is put into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Insertion {
    /// Around its region, an expression.
    Around,
    /// As a statement at this offset.
    Statement(usize),
    /// As the guard of an arm, at this offset.
    Guard(usize),
}

/// A file, by the code that it declares.
#[derive(Debug, Default)]
pub(crate) struct FileMutants {
    pub(crate) mutants: Vec<FoundMutant>,
    pub(crate) sites: Vec<FoundSite>,
    /// Every function that is rewritten.
    pub(crate) functions: Vec<Range<usize>>,
    pub(crate) modules: Vec<ModuleReference>,
    /// Code that is not looked into: line, code and reason.
    pub(crate) not_examined: Vec<(usize, String, String)>,
    pub(crate) has_unsafe: bool,
}

/// `mod name;`, with the modules that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModuleReference {
    /// From the outermost: the name, and the value of `#[path = ".."]`.
    pub(crate) parts: Vec<(String, Option<String>)>,
}

impl FileMutants {
    /// The numbers of the mutants that can be switched on, by their index. Those of one site follow
    /// each other.
    pub(crate) fn ids(&self, first: u32) -> BTreeMap<usize, u32> {
        let mut by_site: Vec<(usize, usize)> = Vec::new();
        for (index, mutant) in self.mutants.iter().enumerate() {
            if let Switching::Code { site, .. } = mutant.switching {
                by_site.push((site, index));
            }
        }
        by_site.sort_unstable();
        by_site.into_iter().zip(first..).map(|((_, index), id)| (index, id)).collect()
    }
}

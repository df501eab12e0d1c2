//! Names of cases: of all that is special in an input and its outcome, what is rarest in the suite.

use std::collections::{BTreeMap, BTreeSet};

use athena_cases::case::CaseOutcome;
use athena_cases::layout;
use athena_shrink::ModelInput;
use athena_structure::description::TypeDescription;

use super::tags::{CaseTags, LONGEST, cut};

/// The bytes of a name that are left to a number.
const NUMBER: usize = 8;

/// Names the cases of one model.
pub(crate) struct NameGiver<'a> {
    pub(crate) input: &'a TypeDescription,
    pub(crate) output: &'a TypeDescription,
    /// Texts of the source: one that an input has is special.
    pub(crate) texts: &'a [String],
}

impl NameGiver<'_> {
    /// A name for each case, unique and different from those that are taken.
    pub(crate) fn names(
        &self,
        cases: &[(ModelInput, &CaseOutcome)],
        taken: &BTreeSet<String>,
    ) -> Vec<String> {
        let tags: Vec<CaseTags> = cases
            .iter()
            .map(|(input, outcome)| {
                CaseTags::new((self.input, input), (self.output, outcome), self.texts)
            })
            .collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for tag in tags.iter().flat_map(CaseTags::all) {
            *counts.entry(tag).or_default() += 1;
        }
        let mut taken = taken.clone();
        let mut names = Vec::new();
        for own in &tags {
            let options = options(own, &tags, &counts);
            let free = |name: &String| {
                name.len() <= LONGEST
                    && layout::check(name, "case name").is_ok()
                    && !taken.contains(name)
            };
            let name = options.iter().find(|name| free(name)).cloned().unwrap_or_else(|| {
                let rarest = options.last().map_or("plain", String::as_str);
                let stem = cut(rarest, LONGEST - NUMBER);
                let numbers = (2_u32..).map(|number| format!("{stem}-{number}"));
                numbers.into_iter().find(free).unwrap_or_default()
            });
            taken.insert(name.clone());
            names.push(name);
        }
        names
    }
}

/// The names that a case can have, the best first: what no other case has, then a value, then two things together.
/// The last is for a case that is like another. An error is always named.
fn options(own: &CaseTags, all: &[CaseTags], counts: &BTreeMap<&str, usize>) -> Vec<String> {
    let count = |tag: &str| counts.get(tag).copied().unwrap_or(0);
    let error = own.error.as_deref();
    // Of equally rare ones the first: what is found first is most telling.
    let mut rarest: Vec<&str> = own.special.iter().map(String::as_str).collect();
    rarest.sort_by_key(|tag| count(tag));
    let values = own.values.iter().map(String::as_str);
    let mut parts: Vec<String> = Vec::new();
    if error.is_some_and(|error| count(error) == 1) {
        parts.push(String::new());
    }
    parts.extend(rarest.iter().filter(|tag| count(tag) == 1).map(|tag| (*tag).to_owned()));
    parts.extend(values.filter(|tag| count(tag) == 1).map(str::to_owned));
    for (at, one) in rarest.iter().enumerate() {
        for other in &rarest[at + 1..] {
            let have = all.iter().filter(|case| case.has(one) && case.has(other)).count();
            parts.extend((have == 1).then(|| format!("{one}-{other}")));
        }
    }
    parts.push(match error {
        Some(_) => String::new(),
        None => rarest.first().copied().unwrap_or("plain").to_owned(),
    });
    let with_error = |part: String| match error {
        Some(error) if part.is_empty() => error.to_owned(),
        Some(error) => format!("{error}-{part}"),
        None => part,
    };
    parts.into_iter().map(with_error).collect()
}

//! Why a case is there: the mutant that it catches, or the code that it reaches.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use athena_core::error::{Error, Result};
use athena_protocol::{Mutant, RewrittenCrate, Site};

use super::selection::Choice;

/// The reasons of the cases of one program.
///
/// A reason has no line: that is out of date with the next edit above it, and cases are not written again. The code
/// of the changed expression says which one it is.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    by_mutant: BTreeMap<u32, String>,
    by_site: BTreeMap<u32, String>,
}

impl Reasons {
    /// Reads what was rewritten.
    pub(crate) fn read(files: &[PathBuf]) -> Result<Self> {
        let mut reasons = Self::default();
        for path in files {
            let text = std::fs::read(path).map_err(|error| Error::io("read", path, &error))?;
            let one = serde_json::from_slice(&text).map_err(|error| {
                Error::failure(format!("{} can't be read: {error}", path.display()))
            })?;
            reasons.add(&one);
        }
        Ok(reasons)
    }

    fn add(&mut self, one: &RewrittenCrate) {
        let mut mutants: Vec<&Mutant> = one.mutants.iter().collect();
        mutants.sort_by_key(|mutant| (&mutant.file, mutant.line, mutant.column, mutant.id));
        let mutants = mutants.into_iter().map(|mutant| (mutant.id, catches(mutant)));
        self.by_mutant.extend(numbered(mutants.collect()));
        let sites = one.sites.iter().filter_map(|site| Some((site.id, reaches(site)?)));
        self.by_site.extend(numbered(sites.collect()));
    }

    pub(crate) fn reason(&self, choice: &Choice) -> String {
        let caught = choice.catches.and_then(|id| self.by_mutant.get(&id));
        let reached = || choice.reaches.and_then(|site| self.by_site.get(&site));
        caught
            .or_else(reached)
            .cloned()
            .unwrap_or_else(|| "has an outcome of another kind than the other cases".to_owned())
    }
}

/// `replace <= with < in jaro` of the code `i <= upper` is `catches < for <= in jaro: i <= upper`.
fn catches(Mutant { name, code, .. }: &Mutant) -> String {
    let change = name.split_once(": ").map_or(&**name, |(_, change)| change);
    let (what, function) = change.rsplit_once(" in ").unwrap_or((change, ""));
    let place = if function.is_empty() { String::new() } else { format!(" in {function}") };
    let shown = shown(code);
    match what.strip_prefix("replace ").and_then(|rest| rest.split_once(" with ")) {
        Some((old, new)) => format!("catches {new} for {old}{place}{shown}"),
        None => format!("catches {what}{place}{shown}"),
    }
}

/// `None` outside of a function.
fn reaches(Site { function, code, .. }: &Site) -> Option<String> {
    let shown = shown(code);
    (!function.is_empty())
        .then(|| format!("reaches a branch of {function} that no other case reaches{shown}"))
}

fn shown(code: &str) -> String {
    if code.is_empty() { String::new() } else { format!(": {code}") }
}

/// The same code in one function is told apart by its number, in the order of the source.
fn numbered(reasons: Vec<(u32, String)>) -> Vec<(u32, String)> {
    let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
    for (_, reason) in &reasons {
        counts.entry(reason.clone()).or_default().1 += 1;
    }
    let number = |(id, reason): (u32, String)| {
        let Some((at, count)) = counts.get_mut(&reason).filter(|(_, count)| *count > 1) else {
            return (id, reason);
        };
        *at += 1;
        (id, format!("{reason} ({at} of {count})"))
    };
    reasons.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(id: u32, line: u32, change: &str, code: &str) -> Mutant {
        Mutant {
            id,
            line,
            name: format!("src/lib.rs:{line}:43: {change}"),
            code: code.to_owned(),
            ..Mutant::default()
        }
    }

    fn of(mutants: Vec<Mutant>) -> Vec<String> {
        let mut reasons = Reasons::default();
        reasons.add(&RewrittenCrate { mutants, ..RewrittenCrate::default() });
        reasons.by_mutant.into_values().collect()
    }

    #[test]
    fn a_reason_names_the_change_and_its_code_without_a_line() {
        let mutants = |moved: u32| {
            vec![
                mutant(1, 413 + moved, "replace <= with < in jaro", "i <= upper"),
                mutant(2, 414 + moved, "replace <= with < in jaro", "j <= upper"),
                mutant(3, 9 + moved, "replace area -> f64 with 0.0", ""),
                mutant(4, 8 + moved, "delete ! in is_a", "!a.is_empty()"),
            ]
        };
        let expected = [
            "catches < for <= in jaro: i <= upper",
            "catches < for <= in jaro: j <= upper",
            "catches 0.0 for area -> f64",
            "catches delete ! in is_a: !a.is_empty()",
        ];
        assert_eq!(of(mutants(0)), expected);
        assert_eq!(of(mutants(100)), expected);
    }

    #[test]
    fn the_same_code_twice_in_a_function_is_numbered_in_the_order_of_the_source() {
        let mutants = vec![
            mutant(1, 20, "replace + with - in f", "a + b"),
            mutant(2, 10, "replace + with - in f", "a + b"),
        ];
        assert_eq!(
            of(mutants),
            ["catches - for + in f: a + b (2 of 2)", "catches - for + in f: a + b (1 of 2)"]
        );
    }

    #[test]
    fn a_branch_has_its_first_words() {
        let site = Site { function: "f".into(), code: "return None;".into(), ..Site::default() };
        assert_eq!(
            reaches(&site).unwrap(),
            "reaches a branch of f that no other case reaches: return None;"
        );
        assert_eq!(reaches(&Site::default()), None);
    }
}

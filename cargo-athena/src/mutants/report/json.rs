//! `--format json`

use athena_protocol::{Catch, Genre};
use serde::Serialize;

use crate::mutants::result::{ExaminedMutant, StrengthResult};

/// The report, as other programs read it.
#[derive(Serialize)]
struct JsonReport<'a> {
    /// All mutants but the unviable ones.
    mutants: usize,
    examined: usize,
    reached: usize,
    caught: usize,
    missed: Vec<JsonMutant<'a>>,
    not_examined: Vec<JsonCode<'a>>,
    unviable: usize,
    cases: u64,
    failing: Vec<JsonCase<'a>>,
    never_reached: Vec<JsonLines<'a>>,
    stateful: Vec<&'a str>,
    /// Mutants under which a model process ended.
    died: Vec<JsonDeath<'a>>,
    seconds: f64,
}

#[derive(Serialize)]
struct JsonMutant<'a> {
    name: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    function: &'a str,
    genre: Genre,
    replacement: &'a str,
    reached: bool,
}

#[derive(Serialize)]
struct JsonCode<'a> {
    name: &'a str,
    file: &'a str,
    line: u32,
    reason: &'a str,
    mutant: bool,
}

#[derive(Serialize)]
struct JsonCase<'a> {
    name: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonDeath<'a> {
    name: &'a str,
    by: Catch,
    case: &'a str,
}

#[derive(Serialize)]
struct JsonLines<'a> {
    file: &'a str,
    line: u32,
    end_line: u32,
    function: &'a str,
}

/// The report as JSON.
///
/// # Errors
///
/// None that a report can cause.
pub(crate) fn to_json(result: &StrengthResult) -> serde_json::Result<String> {
    let report = JsonReport {
        mutants: result.total(),
        examined: result.mutants.len(),
        reached: result.reached(),
        caught: result.caught(),
        missed: result.missed().map(mutant).collect(),
        not_examined: result
            .not_examined
            .iter()
            .map(|code| JsonCode {
                name: &code.name,
                file: &code.file,
                line: code.line,
                reason: &code.reason,
                mutant: code.mutant,
            })
            .collect(),
        unviable: result.unviable,
        cases: result.cases,
        failing: result.failing.iter().map(|(name, reason)| JsonCase { name, reason }).collect(),
        never_reached: result
            .unreached()
            .into_iter()
            .map(|site| JsonLines {
                file: &site.file,
                line: site.line,
                end_line: site.end_line,
                function: &site.function,
            })
            .collect(),
        stateful: result.stateful.iter().map(String::as_str).collect(),
        died: result.died().map(|(name, by, case)| JsonDeath { name, by, case }).collect(),
        seconds: (result.took.as_secs_f64() * 100.0).round() / 100.0,
    };
    serde_json::to_string_pretty(&report)
}

fn mutant(examined: &ExaminedMutant) -> JsonMutant<'_> {
    let mutant = &examined.mutant;
    JsonMutant {
        name: &mutant.name,
        file: &mutant.file,
        line: mutant.line,
        column: mutant.column,
        function: &mutant.function,
        genre: mutant.genre,
        replacement: &mutant.replacement,
        reached: examined.is_reached(),
    }
}

//! The report for a terminal: worst functions first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use athena_protocol::Catch;

use crate::display::plural;
use crate::mutants::result::StrengthResult;
use crate::style::Style;

/// How many functions, and places that are never reached, are listed.
const LISTED: usize = 20;

/// How many missed mutants are listed.
const MISSED: usize = 100;

/// The report as text.
pub(crate) fn text(result: &StrengthResult, style: Style) -> String {
    let mut out = String::new();
    functions(result, style, &mut out);
    missed(result, style, &mut out);
    unreached(result, style, &mut out);
    not_examined(result, style, &mut out);
    died(result, style, &mut out);
    verdict(result, style, &mut out);
    out
}

fn functions(result: &StrengthResult, style: Style, out: &mut String) {
    let all = result.functions();
    let worst: Vec<_> = all.iter().filter(|function| function.caught < function.mutants).collect();
    if worst.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", style.strong("functions with missed mutants, worst first"));
    let width = worst.iter().take(LISTED).map(|it| it.function.chars().count()).max().unwrap_or(0);
    for function in worst.iter().take(LISTED) {
        let _ = writeln!(
            out,
            "  {:width$}  {:>4} of {:<4} caught  {:>3} of {:<3} blocks reached  {}",
            function.function,
            function.caught,
            function.mutants,
            function.reached,
            function.blocks,
            style.dim(&format!("{}:{}", function.file, function.line)),
        );
    }
    if worst.len() > LISTED {
        let _ = writeln!(out, "  and {} more", worst.len() - LISTED);
    }
    out.push('\n');
}

fn missed(result: &StrengthResult, style: Style, out: &mut String) {
    let missed: Vec<_> = result.missed().filter(|it| it.is_reached()).collect();
    if missed.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", style.strong("missed: cases run this code, and none fails"));
    for examined in missed.iter().take(MISSED) {
        let _ = writeln!(out, "  {}", examined.mutant.name);
    }
    if missed.len() > MISSED {
        let _ = writeln!(out, "  and {} more: --format json", missed.len() - MISSED);
    }
    out.push('\n');
}

fn unreached(result: &StrengthResult, style: Style, out: &mut String) {
    let unreached = result.unreached();
    if unreached.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", style.strong("never reached: no case runs this code"));
    for site in unreached.iter().take(LISTED) {
        let lines = if site.line == site.end_line {
            site.line.to_string()
        } else {
            format!("{}-{}", site.line, site.end_line)
        };
        let _ = writeln!(out, "  {}:{lines} in {}", site.file, site.function);
    }
    if unreached.len() > LISTED {
        let _ = writeln!(out, "  and {} more", unreached.len() - LISTED);
    }
    out.push('\n');
}

fn not_examined(result: &StrengthResult, style: Style, out: &mut String) {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for code in &result.not_examined {
        let name = if code.mutant {
            code.name.clone()
        } else {
            format!("{}:{}: {}", code.file, code.line, code.name)
        };
        reasons.entry(&code.reason).or_default().push(name);
    }
    if reasons.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", style.strong("not examined"));
    for (reason, names) in reasons {
        let first = names.first().map_or("", String::as_str);
        let more = match names.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let _ = writeln!(out, "  {first}{more}: {reason}");
    }
    out.push('\n');
}

fn died(result: &StrengthResult, style: Style, out: &mut String) {
    let died: Vec<_> = result.died().collect();
    if died.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", style.strong("caught because the model process ended"));
    for (name, by, case) in died.iter().take(LISTED) {
        let how = if *by == Catch::Memory { "out of memory" } else { "crash" };
        let place = if case.is_empty() { String::new() } else { format!(" in {case}") };
        let _ = writeln!(out, "  {name}: {how}{place}");
    }
    if died.len() > LISTED {
        let _ = writeln!(out, "  and {} more", died.len() - LISTED);
    }
    out.push('\n');
}

fn verdict(result: &StrengthResult, style: Style, out: &mut String) {
    let (caught, examined) = (result.caught(), result.mutants.len());
    let missed = result.missed().filter(|it| it.is_reached()).count();
    let _ = write!(
        out,
        "{}",
        style.strong(&format!("{caught} of {} caught", plural(examined as u64, "mutant")))
    );
    let mut details = Vec::new();
    if missed > 0 {
        details.push(format!("{missed} missed"));
    }
    if examined > result.reached() {
        details.push(format!("{} never reached", examined - result.reached()));
    }
    let skipped = result.total() - examined;
    if skipped > 0 {
        details.push(format!("{skipped} not examined"));
    }
    if result.unviable > 0 {
        details.push(format!("{} unviable", result.unviable));
    }
    for (catch, name) in
        [(Catch::Timeout, "timeout"), (Catch::Crash, "crash"), (Catch::Memory, "out of memory")]
    {
        match result.caught_by(catch) {
            0 => {}
            count if catch == Catch::Memory => details.push(format!("{count} caught as {name}")),
            count if catch == Catch::Crash => details.push(format!("{count} caught by a {name}")),
            count => details.push(format!("{} caught", plural(count as u64, name))),
        }
    }
    for detail in details {
        let _ = write!(out, ", {detail}");
    }
    let _ =
        writeln!(out, "; {} in {:.1} s", plural(result.cases, "case"), result.took.as_secs_f64());
}

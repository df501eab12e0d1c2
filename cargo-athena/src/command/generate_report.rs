//! What `cargo athena record --generate` says about a model.

use athena_protocol::{Generated, GenerationFinding};

use crate::console::print_status;
use crate::display::{one_line, plural};
use crate::style::Style;

/// How many cases that fail without a mutant are named.
const NAMED: usize = 5;

/// How many characters of an input are shown.
const WIDTH: usize = 160;

/// How many new cases are shown by `--dry-run`.
const SHOWN: usize = 200;

/// Prints what the search for cases of a model has found.
pub(super) fn print_generated(id: &str, generated: &Generated, is_dry_run: bool, style: Style) {
    let count = generated.cases.len() as u64;
    let known = match generated.recorded {
        0 => String::new(),
        recorded => format!(", {recorded} recorded before"),
    };
    print_status(&format!("{}  {}{known}", style.strong(id), plural(count, "new case")));
    if generated.reached > 0 {
        print_status(&format!(
            "  caught    {} of {} that the model reaches",
            generated.caught,
            plural(generated.reached, "mutant")
        ));
    }
    for finding in &generated.findings {
        print_status(&format!("  {}   {}", style.warning("finding"), describe(finding)));
    }
    if !generated.unneeded.is_empty() {
        let names: Vec<&str> = generated.unneeded.iter().map(String::as_str).collect();
        print_status(&format!(
            "  unneeded  {}; --prune removes generated cases that catch nothing that others do not",
            names.join(", ")
        ));
    }
    if !generated.failing.is_empty() {
        let mut names: Vec<&str> = generated.failing.iter().map(String::as_str).collect();
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        print_status(&format!(
            "  {}   {}{more}: recorded cases that fail without a mutant catch nothing; see `cargo athena test`, \
             correct the code or accept the outcomes, then generate again",
            style.warning("failing"),
            names.join(", ")
        ));
    }
    if generated.keeps_state {
        print_status(&format!(
            "  {}     the model keeps state between calls, or its outcome is a matter of chance: what is caught is \
             uncertain; `cargo athena strength` runs each mutant in a process of its own",
            style.warning("state"),
        ));
    }
    if generated.leaves_threads {
        print_status(&format!(
            "  {}   threads of the model work on after it has returned: mutants of what they run are not examined",
            style.warning("threads"),
        ));
    }
    if generated.out_of_time {
        print_status("  the time limit ended the search: the result may differ on another machine");
    }
    if is_dry_run {
        for case in generated.cases.iter().take(SHOWN) {
            let env: Vec<String> =
                case.env.iter().map(|(name, value)| format!("{name}={value} ")).collect();
            let input = one_line(&case.input, WIDTH);
            print_status(&format!("  {}: {}{input}  ({})", case.name, env.concat(), case.reason));
        }
    }
}

fn describe(finding: &GenerationFinding) -> String {
    let env: Vec<String> =
        finding.env.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    format!("{}{} -> {}", env.concat(), one_line(&finding.input, WIDTH), finding.reason)
}

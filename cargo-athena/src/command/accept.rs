//! `cargo athena accept`

use std::fmt::Write as _;

use athena_protocol::Exit;

use crate::cli;
use crate::console::{print, print_status};
use crate::display::{one_line, plural};
use crate::error::Result;
use crate::options::OutputOptions;
use crate::pending::{
    self, Acceptance, AcceptanceResult, NewReport, PendingCase, PendingCases, why_not,
};
use crate::report::terminal;
use crate::session::Session;
use crate::style::Style;

/// The most cases with a line of their own.
const NAMED: usize = 10;

/// The most groups of cases with a line of their own.
const CLUSTERS: usize = 20;

/// The longest name or reason, in characters.
const WIDTH: usize = 160;

/// Records the new outcomes of the cases that differ.
pub(crate) fn run(verb: cli::Accept, output: OutputOptions) -> Result<Exit> {
    let style = Style::for_both_streams(output.color);
    crate::pending::refuse_in_ci(verb.accept.force, "accept")?;
    let mut session = Session::open(verb.build, output)?;
    let catalog = session.catalog(false)?;
    let mut pending =
        pending::open(&mut session, &catalog, &verb.filter, NewReport::UsedOnce, style)?;
    pending.refuse_none("accept")?;
    pending.refuse_unseen()?;
    let accepting = Acceptance { session: &session, catalog: &catalog, keep: verb.accept };
    let chosen = pending.cases.iter().filter(|case| case.acceptable);
    let done = accepting.accept(chosen, &mut pending.archive)?;
    let names = pending.cases.iter().filter(|case| case.acceptable);
    print_accepted(&done, names, style)?;
    if pending.rejected > 0 {
        let stay = if pending.rejected == 1 { "stays" } else { "stay" };
        print_status(&format!(
            "{} {} that failed before {stay} as recorded, rejected by you; to decide again: cargo athena reject --undo",
            style.note("note:"),
            plural(pending.rejected, "case"),
        ));
    }
    let left = report_unacceptable(&mut pending, style)?;
    Ok(Exit::worst([done.exit, if left == 0 { Exit::Success } else { Exit::Failure }]))
}

/// Prints what was accepted: the changes with their counts, and the names if they are few.
pub(super) fn print_accepted<'c>(
    done: &AcceptanceResult,
    cases: impl Iterator<Item = &'c PendingCase>,
    style: Style,
) -> Result<()> {
    let mut out = String::new();
    if done.refused > 0 {
        print_status(&format!(
            "{} not accepted: {}",
            style.error("error:"),
            plural(done.refused, "case")
        ));
    } else if done.cases <= NAMED {
        for case in cases {
            let _ = writeln!(out, "accepted {}", one_line(&case.name, WIDTH));
        }
    }
    for cluster in done.clusters.iter().take(CLUSTERS) {
        let _ = writeln!(out, "{}", terminal::line(cluster, style));
    }
    let more = done.clusters.len().saturating_sub(CLUSTERS);
    if more > 0 {
        let _ = writeln!(out, ".. and {more} more");
    }
    if done.cases > 0 {
        let _ =
            writeln!(out, "{}", style.strong(&format!("accepted {}", plural(done.cases, "case"))));
    }
    print(&out)
}

/// Reports the cases that have no outcome to accept. Returns their number.
fn report_unacceptable(pending: &mut PendingCases, style: Style) -> Result<usize> {
    let left: Vec<&PendingCase> = pending.cases.iter().filter(|case| !case.acceptable).collect();
    if left.is_empty() {
        return Ok(0);
    }
    print_status(&format!(
        "{} {} can't be accepted: no outcome to record",
        style.error("error:"),
        plural(left.len(), "case"),
    ));
    for case in left.iter().take(CLUSTERS) {
        let reason = why_not(&pending.archive.get(case.position)?).unwrap_or_default();
        print_status(&format!("  {}: {}", one_line(&case.name, WIDTH), one_line(&reason, WIDTH)));
    }
    if left.len() > CLUSTERS {
        print_status(&format!(
            "  .. and {} more; list them: cargo athena pending",
            left.len() - CLUSTERS
        ));
    }
    Ok(left.len())
}

//! `cargo athena review`

use std::io::{IsTerminal as _, stdin, stdout};

use athena_protocol::Exit;

use super::review_generated::review_generated;
use super::{accept, reject};
use crate::cli;
use crate::console::print;
use crate::display::plural;
use crate::error::{Error, Result};
use crate::options::OutputOptions;
use crate::pending::{self, Acceptance, KeptCases, NewReport};
use crate::review::review;
use crate::session::Session;
use crate::style::Style;

/// Lets the user decide on failing cases, and carries the decisions out.
pub(crate) fn run(verb: cli::Review, output: OutputOptions) -> Result<Exit> {
    if !stdin().is_terminal() || !stdout().is_terminal() {
        return Err(Error::usage("a review needs a terminal")
            .help("to list the failures: cargo athena pending")
            .help("to accept all of them: cargo athena accept")
            .help("to keep what is recorded: cargo athena reject"));
    }
    pending::refuse_in_ci(verb.accept.force, "accept")?;
    let style = Style::for_both_streams(output.color);
    let mut session = Session::open(verb.build, output)?;
    let catalog = session.catalog(false)?;
    let mut pending =
        pending::open(&mut session, &catalog, &verb.filter, NewReport::ReplacesLast, style)?;
    let kept = KeptCases::read(&session.workspace.artifacts)?;
    let generated = pending::uncommitted(session.fixtures(), &catalog, &verb.filter, &kept)?;
    if pending.cases.is_empty() && !generated.is_empty() {
        return review_generated((&session, &catalog), &generated, kept, verb.accept, style);
    }
    if pending.cases.is_empty() {
        print(&format!("there is nothing to review: {}\n", pending.none()))?;
        return Ok(Exit::Success);
    }
    let Some(decided) = review(&mut pending, &session.workspace.root, style)? else {
        print("nothing was changed\n")?;
        return Ok(Exit::Failure);
    };
    let case = |at: &usize| pending.cases.get(*at);
    let mut exit = Exit::Success;
    if !decided.rejected.is_empty() {
        let count = pending::reject(&session, decided.rejected.iter().filter_map(case))?;
        print(&reject::rejected_text(count))?;
    }
    if !decided.accepted.is_empty() {
        let accepting = Acceptance { session: &session, catalog: &catalog, keep: verb.accept };
        let accepted = || decided.accepted.iter().filter_map(case);
        let done = accepting.accept(accepted(), &mut pending.archive)?;
        accept::print_accepted(&done, accepted(), style)?;
        exit = done.exit;
    }
    let left = pending.cases.len() - decided.accepted.len() - decided.rejected.len();
    if left > 0 {
        print(&format!("{} still pending\n", plural(left, "case")))?;
    }
    if !generated.is_empty() {
        print(&format!(
            "{} left to read: `cargo athena review` shows them when no case is pending\n",
            plural(generated.len(), "generated case")
        ))?;
    }
    Ok(exit)
}

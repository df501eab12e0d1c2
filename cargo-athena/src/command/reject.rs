//! `cargo athena reject`

use athena_protocol::Exit;

use crate::cli;
use crate::console::print;
use crate::display::plural;
use crate::error::{Error, Result};
use crate::options::{CaseFilter, OutputOptions};
use crate::pending::{self, NewReport, RejectedCases};
use crate::session::Session;
use crate::style::Style;
use crate::unmatched::refuse_unmatched_names;

/// Marks failing cases as decided. Their recorded outcomes stay.
pub(crate) fn run(verb: cli::Reject, output: OutputOptions) -> Result<Exit> {
    let style = Style::for_both_streams(output.color);
    let mut session = Session::open(verb.build, output)?;
    if verb.undo {
        return undo(&session, &verb.filter);
    }
    let catalog = session.catalog(false)?;
    let pending = pending::open(&mut session, &catalog, &verb.filter, NewReport::UsedOnce, style)?;
    pending.refuse_none("reject")?;
    pending.refuse_unseen()?;
    let count = pending::reject(&session, pending.cases.iter())?;
    print(&rejected_text(count))?;
    Ok(Exit::Success)
}

/// The message about rejected cases.
pub(super) fn rejected_text(count: usize) -> String {
    let (cases, their, them) =
        if count == 1 { ("1 case", "its", "it") } else { ("cases", "their", "them") };
    let cases = if count == 1 { cases.to_owned() } else { format!("{count} {cases}") };
    format!(
        "rejected {cases}: {their} recorded outcome stays, and `cargo athena test` fails on {them} until the model returns it again\n"
    )
}

fn undo(session: &Session, which: &CaseFilter) -> Result<Exit> {
    let mut rejected = RejectedCases::read(&session.workspace.artifacts)?;
    let names = rejected.names();
    if names.is_empty() {
        return Err(Error::nothing("no case is rejected"));
    }
    refuse_unmatched_names("rejected case", &names, &which.filters, which.exact)?;
    let count = rejected.forget(|name| which.matches(name));
    rejected.write()?;
    print(&format!("no longer rejected: {}\n", plural(count, "case")))?;
    Ok(Exit::Success)
}

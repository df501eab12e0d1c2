//! `cargo athena pending`

use std::io::{BufWriter, ErrorKind, Write as _, stdout};

use athena_protocol::Exit;

use crate::cli::{self, Format};
use crate::console::{print_status, stdout_failed};
use crate::display::one_line;
use crate::error::Result;
use crate::options::OutputOptions;
use crate::pending::{self, NewReport};
use crate::session::Session;
use crate::style::Style;

/// Lists the failing cases without a decision.
pub(crate) fn run(verb: cli::Pending, output: OutputOptions) -> Result<Exit> {
    let style = Style::for_stderr(output.color);
    let mut session = Session::open(verb.build, output)?;
    let catalog = session.catalog(false)?;
    let mut pending =
        pending::open(&mut session, &catalog, &verb.filter, NewReport::UsedOnce, style)?;
    let mut out = BufWriter::new(stdout().lock());
    for case in &pending.cases {
        let written = match verb.format {
            Format::Text => writeln!(out, "{}", one_line(&case.name, usize::MAX)),
            Format::Json => serde_json::to_writer(&mut out, &pending.archive.get(case.position)?)
                .map_err(std::io::Error::from)
                .and_then(|()| writeln!(out)),
        };
        if let Err(error) = written {
            return ended(error);
        }
    }
    if let Err(error) = out.flush() {
        return ended(error);
    }
    for trouble in &pending.troubles {
        print_status(&format!("{} {}", style.error("error:"), one_line(trouble, usize::MAX)));
    }
    let is_well = pending.cases.is_empty() && pending.troubles.is_empty();
    Ok(if is_well { Exit::Success } else { Exit::Failure })
}

/// A closed pipe is not an error.
fn ended(error: std::io::Error) -> Result<Exit> {
    match error.kind() {
        ErrorKind::BrokenPipe => Ok(Exit::Failure),
        _ => Err(stdout_failed(error)),
    }
}

//! The group of `cargo athena review` for generated cases: each with its input, outcome and reason.

use std::io::stdin;

use athena_protocol::{Environments, Exit, GeneratedSuite, Record};

use super::generate::write;
use crate::catalog::Catalog;
use crate::console::print;
use crate::display::{one_line, plural};
use crate::error::{Error, Result};
use crate::options::AcceptOptions;
use crate::pending::{GeneratedPending, KeptCases};
use crate::session::Session;
use crate::style::Style;

/// How many characters of an input or an outcome are shown.
const WIDTH: usize = 400;

/// Asks about each case. What is kept is not shown again. What is rejected is removed and never generated again,
/// once all questions are answered.
///
/// # Errors
///
/// The terminal can't be used; a suite can't be written.
pub(super) fn review_generated(
    (session, catalog): (&Session, &Catalog),
    cases: &[GeneratedPending],
    known: KeptCases,
    keep: AcceptOptions,
    style: Style,
) -> Result<Exit> {
    print(&format!(
        "{} {}, not committed yet: each states what its model does today, not what it should do\n",
        style.strong("generated"),
        plural(cases.len(), "case")
    ))?;
    let (mut kept, mut rejected) = (Vec::new(), Vec::new());
    for (at, case) in cases.iter().enumerate() {
        print(&format!(
            "\n{}  ({} of {})\n  input    {}\n  outcome  {}\n  reason   {}\n",
            style.strong(&format!("{}::{}/{}", case.model, case.suite, case.case)),
            at + 1,
            cases.len(),
            one_line(&case.input, WIDTH),
            one_line(&case.outcome, WIDTH),
            case.reason,
        ))?;
        match answer()? {
            'r' => rejected.push(case),
            'k' => kept.push(case),
            'a' => {
                kept.extend(&cases[at..]);
                break;
            }
            's' => break,
            _ => {
                print("nothing was changed\n")?;
                return Ok(Exit::Failure);
            }
        }
    }
    known.keep(kept.iter().map(|case| case.hash.clone()))?;
    let mut exits = vec![Exit::Success];
    for (model, suite) in groups(&rejected) {
        let own = rejected.iter().filter(|case| case.model == model && case.suite == suite);
        let cases = own.map(|case| case.case.clone()).collect();
        let Some(at) = catalog.models.iter().position(|known| known.info.id == model) else {
            continue;
        };
        // A suite of an environment is named after both.
        let (suite, named) = match suite.split_once('@') {
            Some((suite, name)) => (suite, vec![name.to_owned()]),
            None => (suite, Vec::new()),
        };
        let recording = Record {
            model: model.to_owned(),
            environments: Environments { named, ..Environments::default() },
            suite: Some(suite.to_owned()),
            force: keep.force,
            accept_breaking: keep.accept_breaking,
            schemas: session.schemas(catalog, None, vec![catalog.models[at].info.package.clone()]),
            ..Record::default()
        };
        let chosen = GeneratedSuite { rejected: cases, ..GeneratedSuite::default() };
        exits.push(write(session, catalog, at, &chosen, recording)?);
    }
    let exit = Exit::worst(exits);
    if exit == Exit::Success {
        let left = cases.len() - kept.len() - rejected.len();
        print(&format!(
            "kept {}, rejected {}{}\n",
            plural(kept.len(), "case"),
            rejected.len(),
            if rejected.is_empty() { "" } else { ": removed, and not generated again" }
        ))?;
        if left > 0 {
            print(&format!("{} left to read\n", plural(left, "case")))?;
        }
    }
    Ok(exit)
}

/// The models and suites of cases, each once.
fn groups<'a>(cases: &[&'a GeneratedPending]) -> Vec<(&'a str, &'a str)> {
    let mut groups: Vec<_> =
        cases.iter().map(|it| (it.model.as_str(), it.suite.as_str())).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// The answer, as one letter. The end of the input quits.
fn answer() -> Result<char> {
    loop {
        print(
            "[k keep, r reject for ever, a keep all the rest, s stop here, q quit; then Enter] ",
        )?;
        let mut line = String::new();
        let count = stdin()
            .read_line(&mut line)
            .map_err(|error| Error::failure("the terminal can't be used").cause(error))?;
        let mut letters = line.trim().chars();
        match (letters.next(), letters.next()) {
            _ if count == 0 => return Ok('q'),
            (Some(letter @ ('k' | 'a' | 'r' | 's' | 'q')), None) => return Ok(letter),
            _ => print("type one of the letters, then press Enter\n")?,
        }
    }
}

//! `cargo athena test`

use athena_protocol::{Answer, Exit, Orphans, Test, TestSummary, Verb};

use super::{exit, print, worst};
use crate::catalog::{Catalog, list};
use crate::cli;
use crate::error::{Error, Result, say};
use crate::session::Session;
use crate::style::Style;

/// Has every runner replay the cases of the models it owns, and sums up.
pub(crate) fn run(verb: &cli::Test, output: cli::Output) -> Result<Exit> {
    let style = Style::of_both(output.color);
    let session = Session::open(verb.build.clone(), output)?;
    let catalog = session.catalog(false)?;
    let replay = replay(&session, &catalog, verb, style);
    let schemas_asked = replay.total.schemas > 0 && !verb.filters.is_empty();
    if replay.total.cases == 0
        && !schemas_asked
        && matches!(replay.exit, Exit::Success | Exit::Nothing)
    {
        return Err(without_cases(verb, &replay.total, &catalog));
    }
    if !session.is_quiet() {
        for note in &replay.total.schema_notes {
            say(&format!("{} {note}", style.note("note:")));
        }
        print(&uncovered(&replay.total, verb))?;
    }
    print(&schemas(&replay.total))?;
    print(&format!("{}\n", style.strong(&summary(&replay.total))))?;
    Ok(replay.exit)
}

struct Replay {
    total: TestSummary,
    exit: Exit,
}

fn replay(session: &Session, catalog: &Catalog, verb: &cli::Test, style: Style) -> Replay {
    let mut orphans = orphans(session, catalog, verb);
    let mut total = TestSummary::default();
    let mut exits = Vec::new();
    for (at, runner) in catalog.runners.iter().enumerate() {
        let models = catalog.owned(at);
        if models.is_empty() {
            continue;
        }
        let request = Test {
            models: Some(models),
            filters: verb.filters.clone(),
            exact: verb.exact,
            skip: verb.skip.clone(),
            jobs: verb.jobs.map(Into::into),
            fail_fast: verb.fail_fast,
            timeout_ms: verb
                .timeout
                .map(|timeout| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)),
            no_capture: verb.no_capture,
            orphans: orphans.take(),
            schemas: session.schemas(catalog, Some(at), catalog.checked(at)),
            locked_schema: verb.locked_schema,
            ..Test::default()
        };
        let exit = match session.ask(runner, Verb::Test(request)) {
            Ok(reply) => {
                if let Answer::Test(summary) = reply.answer {
                    add(&mut total, summary);
                }
                exit(reply.exit)
            }
            // One runner that dies keeps no other from its cases.
            Err(error) => {
                error.print(style);
                error.exit()
            }
        };
        exits.push(exit);
        if verb.fail_fast && matches!(exit, Exit::Failure | Exit::Usage) {
            break;
        }
    }
    let mut exit = worst(exits);
    if total.failed > 0 && exit == Exit::Success {
        exit = Exit::Failure;
    }
    Replay { total, exit }
}

/// What the first runner is to say of cases whose model is gone.
fn orphans(session: &Session, catalog: &Catalog, verb: &cli::Test) -> Option<Orphans> {
    // Where targets were picked by hand, a model that isn't linked may well exist.
    if verb.allow_orphans || session.workspace.narrowed {
        return None;
    }
    Some(Orphans { known: catalog.ids(), packages: session.judged() })
}

fn add(total: &mut TestSummary, one: TestSummary) {
    total.cases += one.cases;
    total.passed += one.passed;
    total.failed += one.failed;
    total.skipped += one.skipped;
    total.filtered += one.filtered;
    total.broken += one.broken;
    total.orphans += one.orphans;
    total.models_without_cases.extend(one.models_without_cases);
    total.schemas += one.schemas;
    total.schemas_failed += one.schemas_failed;
    total.schema_notes.extend(one.schema_notes);
}

fn without_cases(verb: &cli::Test, total: &TestSummary, catalog: &Catalog) -> Error {
    if total.filtered > 0 {
        let filters: Vec<_> = verb.filters.iter().map(|filter| format!("`{filter}`")).collect();
        let error = if filters.is_empty() {
            Error::nothing(format!("--skip leaves none of {} cases", total.filtered))
        } else {
            let is = if verb.exact { "is" } else { "contains" };
            Error::nothing(format!(
                "no case's name {is} {}: all {} are filtered out",
                filters.join(" or "),
                total.filtered
            ))
        };
        return error.help("a name is `model id::case`, as `cargo athena test` prints it");
    }
    let model = catalog.models.first().map_or("MODEL", |model| model.info.id.as_str());
    Error::nothing("no case is recorded yet")
        .help(format!("record one: cargo athena record {model}"))
}

/// The models that nothing guards, where filters don't hide the others' cases.
fn uncovered(total: &TestSummary, verb: &cli::Test) -> String {
    let models = &total.models_without_cases;
    if models.is_empty() || !verb.filters.is_empty() || !verb.skip.is_empty() {
        return String::new();
    }
    format!("models without cases: {}\n", list(models))
}

/// Schema checks, which are no cases, have a line of their own.
fn schemas(total: &TestSummary) -> String {
    match total.schemas {
        0 => String::new(),
        checked => format!("schema: {checked} checked, {} failed\n", total.schemas_failed),
    }
}

fn summary(total: &TestSummary) -> String {
    let TestSummary { cases, passed, failed, skipped, .. } = total;
    let skipped = match skipped {
        0 => String::new(),
        some => format!(", {some} skipped"),
    };
    format!("{cases} cases: {passed} passed, {failed} failed{skipped}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_what_there_is() {
        let mut total = TestSummary { cases: 3, passed: 2, failed: 1, ..TestSummary::default() };
        assert_eq!(summary(&total), "3 cases: 2 passed, 1 failed");
        add(&mut total, TestSummary { cases: 1, skipped: 1, ..TestSummary::default() });
        assert_eq!(summary(&total), "4 cases: 2 passed, 1 failed, 1 skipped");
        assert_eq!(schemas(&total), "");
        add(&mut total, TestSummary { schemas: 2, schemas_failed: 1, ..TestSummary::default() });
        assert_eq!(schemas(&total), "schema: 2 checked, 1 failed\n");
    }
}

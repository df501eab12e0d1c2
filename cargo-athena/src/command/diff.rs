//! `cargo athena diff`

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use athena_protocol::args::value::as_millis;
use athena_protocol::{Exit, Test};

use crate::advice::{CASE_NAMES, record_first};
use crate::baseline::{Baseline, Git};
use crate::catalog::Catalog;
use crate::cli;
use crate::comparison::{ComparisonResult, Inputs, Program, Programs, compare, terminal};
use crate::console::{print, print_status};
use crate::display::plural;
use crate::error::{Error, Result};
use crate::gaps;
use crate::options::{BuildOptions, OutputOptions};
use crate::report::{self, Comparison, ReportOutputs};
use crate::scratch::scratch_folder;
use crate::session::Session;
use crate::style::Style;
use crate::unmatched::refuse_unmatched;

/// The name of the working tree's program.
const HEAD: &str = "the working tree";

/// Builds both programs, runs both on the same inputs, and reports the differences.
pub(crate) fn run(verb: &cli::Diff, output: OutputOptions) -> Result<Exit> {
    let style = Style::for_both_streams(output.color);
    let outputs = ReportOutputs::new(&verb.formats)?;
    let head = Session::open(verb.build.clone(), output.clone())?;
    outputs.check(head.fixtures(), &report::file(&head.workspace.artifacts))?;
    if verb.messages.is_none() {
        refuse_unmatched(head.fixtures(), &verb.filters, verb.exact)?;
    }
    let git = Git::find_repository(&head.workspace.root)?;
    let commit = git.commit(&verb.base)?;
    let catalog = head.catalog(false).map_err(|error| error.within(HEAD))?;
    let folder = scratch_folder(&head.workspace.artifacts, "diff-")?;
    let quiet = output.quiet;
    let base = Baseline::prepare(&git, &verb.base, commit, &head, &verb.build, quiet)?;
    let name = base.name();
    if !quiet {
        print_status(&format!("{} the base {name}", style.note("building")));
    }
    let start = Instant::now();
    let (old, old_catalog) = build(&base, verb, &head, output)?;
    if !quiet {
        print_status(&build_cost(&base, old.as_ref(), start.elapsed()));
    }
    let inputs = match (&verb.messages, &verb.model) {
        (Some(file), Some(model)) => {
            let id = &catalog.find(model)?.info.id;
            let env = environment(verb, id, &[&catalog, &old_catalog]);
            Inputs::messages(file, id, &env, folder.path())?
        }
        _ => Inputs::recorded(head.fixtures()),
    };
    let programs = Programs {
        git: &git,
        baseline: &base,
        head: Program { session: &head, catalog: &catalog, name: HEAD },
        base: Program {
            session: old.as_ref().unwrap_or(&head),
            catalog: &old_catalog,
            name: &name,
        },
        inputs: &inputs,
    };
    let compared = compare(&programs, &request(verb))?;
    let report = &compared.report;
    let none = Comparison::default();
    let comparison = report.comparison.as_ref().unwrap_or(&none);
    print(&terminal::text(report, &compared.schemas, style))?;
    if comparison.counts.cases() == 0 {
        return Err(nothing_compared(&compared, comparison, verb, &programs));
    }
    outputs.write(report, &compared.path, &head.workspace.root)?;
    let counts = &comparison.counts;
    if !quiet {
        gaps::print_notes(&report.gaps, style);
    }
    let counted = terminal::summary(counts) + &gaps::summary(&report.gaps);
    print(&format!("{}\n", style.strong(&counted)))?;
    Ok(if counts.broken > 0 {
        Exit::Usage
    } else if counts.different() > 0 || !report.troubles.is_empty() {
        Exit::Failure
    } else {
        Exit::Success
    })
}

/// `built the base in 2.1s: 2 units compiled, 96 up to date from the working tree's build`
fn build_cost(base: &Baseline, session: Option<&Session>, time: Duration) -> String {
    let units = session.map(Session::units).unwrap_or_default();
    let compiled = units.iter().filter(|unit| unit.is_new).count();
    let known = units.iter().filter(|unit| !unit.is_new && unit.out_folder.is_none()).count();
    let from = if base.shared() > 0 && known > 0 { " from the working tree's build" } else { "" };
    format!(
        "built the base in {:.1}s: {} compiled, {known} up to date{from}",
        time.as_secs_f64(),
        plural(compiled, "unit")
    )
}

/// Builds the base. A base without models has no session.
fn build(
    base: &Baseline,
    verb: &cli::Diff,
    head: &Session,
    output: OutputOptions,
) -> Result<(Option<Session>, Catalog)> {
    let failed = |error: Error| {
        let error = error.within(format!("the base {}", base.name()));
        error.help("correct that or choose another commit with --base; nothing was compared")
    };
    let flags = BuildOptions { fixtures: Some(head.fixtures().to_owned()), ..verb.build.clone() };
    let none = || Catalog::new(Vec::new());
    let Some(flags) = base.build(&flags).map_err(|error| failed(error.into_build_error()))? else {
        return Ok((None, none()?));
    };
    let session = Session::open(flags, output).map_err(|error| failed(error.into_build_error()))?;
    match session.catalog(false) {
        Ok(catalog) => Ok((Some(session), catalog)),
        // The base has no models, so all of head's are new.
        Err(error) if error.exit() == Exit::Nothing => Ok((Some(session), none()?)),
        Err(error) if error.exit() == Exit::Usage => {
            Err(failed(error).help("compare with a commit whose athena-rt is recent enough"))
        }
        Err(error) => Err(failed(error)),
    }
}

/// The variables for messages: those that the model declares in either program.
fn environment(verb: &cli::Diff, id: &str, catalogs: &[&Catalog]) -> BTreeMap<String, String> {
    let models = catalogs.iter().flat_map(|catalog| &catalog.models);
    let declared = models.filter(|it| it.info.id == id).flat_map(|it| &it.info.environment);
    let mut env: BTreeMap<String, String> = declared
        .filter_map(|variable| Some((variable.name.clone(), std::env::var(&variable.name).ok()?)))
        .collect();
    env.extend(verb.set.iter().cloned());
    env
}

/// The request to the runners.
fn request(verb: &cli::Diff) -> Test {
    Test {
        filters: verb.filters.clone(),
        exact: verb.exact,
        skip: verb.skip.clone(),
        jobs: verb.jobs.map(Into::into),
        timeout_ms: verb.timeout.map(as_millis),
        memory_limit: verb.memory_limit,
        ..Test::default()
    }
}

/// The error if nothing was compared.
fn nothing_compared(
    compared: &ComparisonResult,
    comparison: &Comparison,
    verb: &cli::Diff,
    programs: &Programs<'_>,
) -> Error {
    let is_new = |id: &String| comparison.added.contains(id);
    let ids = programs.head.catalog.ids();
    let base = programs.baseline.name();
    let error = match &programs.inputs.model {
        Some(id) if is_new(id) => return Error::nothing(format!("{base} has no model `{id}`")),
        _ if ids.iter().all(is_new) => {
            let error =
                format!("{base} has none of the {} to compare with", plural(ids.len(), "model"));
            return Error::nothing(error)
                .help("choose a base that depends on athena-rt and has a runner");
        }
        _ if compared.filtered > 0 => {
            let error = format!("the filters leave none of {}", plural(compared.filtered, "case"));
            Error::nothing(error).help(CASE_NAMES)
        }
        _ => Error::nothing("no case is recorded for a model that exists in both"),
    };
    let model = ids.iter().find(|id| !is_new(id)).map(String::as_str);
    if verb.filters.is_empty() && verb.skip.is_empty() {
        return error.help(record_first(model)).help(format!(
            "or compare outcomes of other messages: cargo athena diff --base {base} --messages \
                 messages.jsonl --model {}",
            model.unwrap_or("MODEL")
        ));
    }
    error
}

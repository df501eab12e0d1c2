//! `cargo athena strength`

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use athena_protocol::args::value::as_millis;
use athena_protocol::files::FilePlan;
use athena_protocol::{
    Answer, Exit, MutantOutcome, RewrittenCrate, Strength, StrengthSummary, Test, Verb,
};

use crate::advice::{CASE_NAMES, record_first};
use crate::baseline::{ChangedLines, Git};
use crate::cli::{self, DeniedMutants, Format};
use crate::console::{print, print_status};
use crate::display::plural;
use crate::error::{Error, Result};
use crate::last_strength::ExaminedFiles;
use crate::mutants::{MutantBuild, RewriteOptions, StrengthResult, judge, report, sample, verify};
use crate::options::{BuildOptions, OutputOptions};
use crate::report::write_text;
use crate::session::Session;
use crate::style::Style;
use crate::unmatched::refuse_unmatched;

/// How many cases that fail without a mutant are named.
const NAMED: usize = 10;

/// Replays the recorded cases against every mutant.
pub(crate) fn run(verb: &cli::StrengthVerb, output: &OutputOptions) -> Result<Exit> {
    let style = Style::for_both_streams(output.color);
    let started = Instant::now();
    let build = all_packages(&verb.build);
    let head = Session::open(build.clone(), output.clone())?;
    if let Some(path) = &verb.report {
        let mut plan = FilePlan::default();
        plan.protects(head.fixtures());
        plan.writes("--report html", path);
        plan.check().map_err(Error::file_error)?;
    }
    head.catalog(false)?;
    // The figures of a part of the mutants would pass for those of all.
    let is_whole = verb.base.is_none() && verb.filters.is_empty() && verb.skip.is_empty();
    // Before the run: it is not of what changes meanwhile.
    let examined = is_whole.then(|| ExaminedFiles::read(&head.workspace.root, head.fixtures()));
    refuse_unmatched(head.fixtures(), &verb.filters, verb.exact)?;
    let rewrite = RewriteOptions {
        packages: verb.build.package.clone(),
        mutate_effects: verb.mutate_effects,
        single: None,
    };
    let mutants = MutantBuild::new(&head, &build, output, &rewrite)?;
    let changed = changed_lines(verb.base.as_deref(), &head)?;
    let crates: Vec<RewrittenCrate> = mutants.crates.iter().map(|(_, one)| one.clone()).collect();
    let summaries = ask(verb, &mutants)?;
    let replayed: u64 = summaries.iter().map(|it| it.cases + it.failing.len() as u64).sum();
    if replayed == 0 {
        return Err(no_cases(verb, mutants.catalog.first_id()));
    }
    let functions = reached_functions(&crates, &summaries);
    let root = head.workspace.root.clone();
    let is_wanted = |file: &str, function: &str, line: u32| {
        changed.as_ref().is_none_or(|changed| changed.contains(&root.join(file), line))
            && (verb.filters.is_empty()
                || functions.contains(&(file.to_owned(), function.to_owned())))
    };
    let (mut result, packages) = judge(&crates, &summaries, is_wanted);
    let pages = match examined {
        Some(examined) => {
            report::write_pages(&packages, &root, &head.workspace.artifacts, examined)?
        }
        None => Vec::new(),
    };
    if is_whole {
        result.not_examined.extend(mutants.unlinked.iter().cloned());
    }
    result.took = started.elapsed();
    if let Some(path) = &verb.report {
        write_text(path, &report::page(&result, &root))?;
    }
    match verb.format {
        Format::Text => print(&report::text(&result, style))?,
        Format::Json => {
            let text = report::to_json(&result)
                .map_err(|error| Error::failure("the report can't be written").cause(error))?;
            print(&format!("{text}\n"))?;
        }
    }
    if !output.quiet && !result.stateful.is_empty() {
        let models: Vec<&str> = result.stateful.iter().map(String::as_str).collect();
        print_status(&format!(
            "{} each mutant of {} had a process of its own: the model keeps state between calls",
            style.note("note:"),
            models.join(", ")
        ));
    }
    if !output.quiet {
        for one in &pages {
            print_status(&format!("{} {}", style.note("page:"), one.page.display()));
        }
    }
    let judged = Exit::worst([
        exit(verb, &result, style),
        exit_of_failures(&mutants.failures, &result, style),
    ]);
    let verified = match verb.verify {
        Some(count) => compare_builds(verb, &head, &build, output, &result, count.get())?,
        None => Exit::Success,
    };
    Ok(Exit::worst([judged, verified]))
}

/// Really builds mutants and says where the verdict is another one.
fn compare_builds(
    verb: &cli::StrengthVerb,
    head: &Session,
    build: &BuildOptions,
    output: &OutputOptions,
    result: &StrengthResult,
    count: usize,
) -> Result<Exit> {
    let mutants = sample(result, count);
    let found = verify(head, build, output, &mutants, &test(verb), |index, mutant| {
        if !output.quiet {
            print_status(&format!("building {} of {}: {}", index + 1, mutants.len(), mutant.name));
        }
    })?;
    let verdict = |is_caught| if is_caught { "caught" } else { "missed" };
    for one in &found {
        print_status(&format!(
            "{}: {} with a switch, {} when built",
            one.name,
            verdict(one.caught_by_switch),
            verdict(one.caught_by_build)
        ));
    }
    let agreed = mutants.len() - found.len();
    print_status(&format!(
        "verified: {agreed} of {} agree",
        plural(mutants.len() as u64, "mutant")
    ));
    Ok(if found.is_empty() { Exit::Success } else { Exit::Failure })
}

/// Which cases are replayed, and within which limits.
fn test(verb: &cli::StrengthVerb) -> Test {
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

/// The lines that differ from the commit of `--base`.
fn changed_lines(base: Option<&str>, head: &Session) -> Result<Option<ChangedLines>> {
    let Some(rev) = base else { return Ok(None) };
    let git = Git::find_repository(&head.workspace.root)?;
    let commit = git.commit(rev)?;
    ChangedLines::since(&git, &commit).map(Some)
}

/// The exit code, with the errors that it stands for.
fn exit(verb: &cli::StrengthVerb, result: &StrengthResult, style: Style) -> Exit {
    let mut exit = Exit::Success;
    if !result.failing.is_empty() {
        let mut error = match result.broken {
            0 => Error::failure(result.failing_text()),
            _ => Error::usage(result.failing_text()),
        };
        for (name, reason) in result.failing.iter().take(NAMED) {
            error = error.cause(format!("{name}: {reason}"));
        }
        exit = error.exit();
        error.help("see why: cargo athena test").print(style);
    }
    let missed = result.missed().count();
    if missed > 0 && verb.deny.contains(&DeniedMutants::Missed) {
        let missed = plural(missed as u64, "missed mutant");
        let error = Error::failure(format!("found what --deny forbids: {missed}"));
        error.print(style);
        exit = Exit::worst([exit, error.exit()]);
    }
    exit
}

/// A gate must not be green because nothing compiles with mutants.
fn exit_of_failures(failures: &[(String, String)], result: &StrengthResult, style: Style) -> Exit {
    if failures.is_empty() || !result.mutants.is_empty() {
        return Exit::Success;
    }
    let mut error = Error::build("no mutant was examined");
    for (package, reason) in failures {
        error = error.cause(format!("package {package}: {reason}"));
    }
    error.print(style);
    error.exit()
}

/// The same build for the runners of all packages: `-p` selects what is mutated.
fn all_packages(build: &BuildOptions) -> BuildOptions {
    let workspace = build.workspace || !build.package.is_empty();
    BuildOptions { package: Vec::new(), workspace, ..build.clone() }
}

/// Has every runner replay the cases of the models it owns.
fn ask(verb: &cli::StrengthVerb, build: &MutantBuild) -> Result<Vec<StrengthSummary>> {
    let sites: Vec<PathBuf> = build.crates.iter().map(|(path, _)| path.clone()).collect();
    let mut open: BTreeSet<u32> =
        build.crates.iter().flat_map(|(_, one)| &one.mutants).map(|mutant| mutant.id).collect();
    let mut summaries = Vec::new();
    for (at, runner) in build.catalog.runners.iter().enumerate() {
        let models = build.catalog.owned(at);
        if models.is_empty() {
            continue;
        }
        let request = Strength {
            test: Test { models: Some(models), ..test(verb) },
            sites: sites.clone(),
            mutants: Some(open.iter().copied().collect()),
        };
        let reply = build.session.ask(runner, Verb::Strength(request))?;
        let Answer::Strength(summary) = reply.answer else {
            return Err(Error::failure(format!(
                "{} can't replay cases against mutants",
                runner.target.describe()
            )));
        };
        for one in &summary.mutants {
            if matches!(one.outcome, MutantOutcome::Caught { .. }) {
                open.remove(&one.id);
            }
        }
        summaries.push(summary);
    }
    Ok(summaries)
}

/// The functions that a case reaches, by file and name.
fn reached_functions(
    crates: &[RewrittenCrate],
    summaries: &[StrengthSummary],
) -> BTreeSet<(String, String)> {
    let reached: BTreeSet<u32> =
        summaries.iter().flat_map(|it| &it.reached).map(|site| site.site).collect();
    let sites = crates.iter().flat_map(|one| &one.sites);
    sites
        .filter(|site| reached.contains(&site.id))
        .map(|site| (site.file.clone(), site.function.clone()))
        .collect()
}

fn no_cases(verb: &cli::StrengthVerb, model: Option<&str>) -> Error {
    if verb.filters.is_empty() && verb.skip.is_empty() {
        Error::nothing("no case is recorded yet").help(record_first(model))
    } else {
        Error::nothing("no case matches the filters").help(CASE_NAMES)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Verb as CliVerb};

    #[test]
    fn a_file_that_is_not_a_case_wins_over_a_case_that_fails() {
        let parsed = Cli::try_parse_from(["cargo-athena", "strength", "--deny", "missed"]).unwrap();
        let CliVerb::Strength(verb) = parsed.verb else { panic!("another verb") };
        let failing = vec![("m::f::a".to_owned(), "cut off".to_owned())];
        for (broken, expected) in [(0, Exit::Failure), (1, Exit::Usage)] {
            let result =
                StrengthResult { failing: failing.clone(), broken, ..StrengthResult::default() };
            assert_eq!(exit(&verb, &result, Style::for_stderr(None)), expected);
        }
        assert_eq!(exit(&verb, &StrengthResult::default(), Style::for_stderr(None)), Exit::Success);
    }
}

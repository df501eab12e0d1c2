//! `cargo athena import`

use std::fs;
use std::path::{Path, PathBuf};

use athena_protocol::files::{FilePlan, Transaction};
use athena_protocol::{Exit, ModelId, ModelInfo};

use crate::cli;
use crate::console::{print, print_status};
use crate::display::{display_path, one_line, plural};
use crate::error::{Error, Result};
use crate::import::{
    ImportedSuite, Mapping, Part, UnreadableLines, fields, file_name, records, unreadable,
};
use crate::options::OutputOptions;
use crate::session::Session;
use crate::style::Style;

/// The number of cases that a dry run prints of each suite.
const SHOWN: usize = 3;

/// The number of messages that an error names.
const NAMED: usize = 5;

/// Writes the records of files as suites of cases.
#[allow(clippy::needless_pass_by_value, reason = "as every verb")]
pub(crate) fn run(verb: cli::Import, output: OutputOptions) -> Result<Exit> {
    let style = Style::for_both_streams(output.color);
    let mapping = mapping(&verb)?;
    let session = Session::open(verb.build.clone(), output)?;
    if let Some(file) = &verb.rejects {
        let mut plan = FilePlan::default();
        plan.writes("--rejects", file);
        for read in &verb.files {
            plan.reads("the file", read);
        }
        plan.protects(session.fixtures());
        plan.check().map_err(Error::file_error)?;
    }
    let (catalog, at) = session.find(&verb.model)?;
    let model = &catalog.models[at].info;
    let folder = session.fixtures().join(ModelId::new(&model.id).folder());
    let mut suites: Vec<(PathBuf, ImportedSuite)> = Vec::new();
    for file in &verb.files {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
        let name = file_name(verb.suite.as_deref().unwrap_or(&stem));
        let path = folder.join(format!("{name}.jsonl"));
        if suites.last().is_none_or(|(last, _)| *last != path) {
            suites.push((path, ImportedSuite::default()));
        }
        let Some((_, suite)) = suites.last_mut() else { continue };
        read(suite, &mapping, model, file, verb.each.as_deref())?;
    }
    let (mut suites, mut empty): (Vec<_>, Vec<_>) =
        suites.into_iter().partition(|(_, suite)| !suite.lines.is_empty());
    let unreadable = unreadable(&session, &catalog, at, &suites)?;
    let rejected: usize = unreadable.iter().map(UnreadableLines::len).sum();
    if rejected > 0 && verb.rejects.is_none() {
        return Err(refusal(&suites, &unreadable, &model.id));
    }
    let taken = suites.iter_mut().zip(&unreadable);
    let rejects: Vec<String> =
        taken.flat_map(|((_, suite), lines)| suite.take_out(lines)).collect();
    empty.extend(suites.extract_if(.., |(_, suite)| suite.lines.is_empty()));
    let mut transaction = if verb.dry_run {
        None
    } else {
        Some(Transaction::begin(session.fixtures()).map_err(Error::file_error)?)
    };
    if let (true, Some((path, suite))) = (suites.is_empty(), empty.first()) {
        return Err(no_case(path, suite));
    }
    for (path, suite) in &empty {
        let (note, path, why) = (style.note("note:"), display_path(path), why_empty(suite));
        print_status(&format!("{note} {path} would have no case and is not written: {why}"));
    }
    for (path, suite) in &suites {
        let text = suite.lines.join("\n") + "\n";
        let old = fs::read_to_string(path).ok();
        if old.as_ref().is_some_and(|old| *old != text) && !verb.overwrite {
            return Err(Error::failure(format!("{} exists, with other cases", display_path(path)))
                .help("replace it with --overwrite, or name another suite with --suite"));
        }
        if let Some(transaction) = &mut transaction {
            transaction.write(path, old.as_deref(), &text);
        }
    }
    if let Some(transaction) = transaction {
        for note in transaction.commit().map_err(Error::file_error)? {
            print_status(&format!("{} {note}", style.note("note:")));
        }
    }
    if let Some(file) = verb.rejects.as_ref().filter(|_| !verb.dry_run) {
        let text = rejects.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>();
        fs::write(file, text).map_err(|error| Error::unwritable(file, error))?;
    }
    for (path, suite) in &suites {
        report(path, suite, &verb, style)?;
    }
    if suites.len() > 1 {
        let cases: usize = suites.iter().map(|(_, suite)| suite.lines.len()).sum();
        print_status(&format!("{} in {} suites", plural(cases, "case"), suites.len()));
    }
    if !verb.dry_run && !session.is_quiet() {
        print_status(&format!(
            "{} see which hold: cargo athena test {}",
            style.note("help:"),
            model.id
        ));
    }
    match &verb.rejects {
        Some(file) if rejected > 0 => {
            let would_be = if verb.dry_run { "would be" } else { "is" };
            Err(Error::failure(format!(
                "the message of {} can't be read, which {would_be} in {}",
                plural(rejected, "case"),
                file.display()
            )))
        }
        _ => Ok(Exit::Success),
    }
}

/// Why a suite would have no case.
fn why_empty(suite: &ImportedSuite) -> &'static str {
    match suite.without_outcome {
        0 => "it has no record that can be read",
        _ => "no record has an expected outcome",
    }
}

/// The error if no suite would have a case.
fn no_case(path: &Path, suite: &ImportedSuite) -> Error {
    let why = why_empty(suite);
    let error = Error::nothing(format!("{} would have no case: {why}", display_path(path)));
    let error = match &suite.fields_without_outcome[..] {
        [] => error,
        fields => error.help(format!("the first record has {}", fields.join(", "))),
    };
    error.help("name the outcome with --output, the error with --error, nested records with --each")
}

/// The error for messages that the model can't read.
fn refusal(
    suites: &[(PathBuf, ImportedSuite)],
    unreadable: &[UnreadableLines],
    model: &str,
) -> Error {
    let cases: usize = suites.iter().map(|(_, suite)| suite.lines.len()).sum();
    let count: usize = unreadable.iter().map(UnreadableLines::len).sum();
    let error = format!("{model} can't read {count} of {}", plural(cases, "message"));
    let named = suites.iter().zip(unreadable).flat_map(|((_, suite), lines)| {
        lines.iter().filter_map(|(at, why)| Some(format!("{}: {why}", suite.sources.get(*at)?)))
    });
    let mut error = named.take(NAMED).fold(Error::usage(error), Error::cause);
    if count > NAMED {
        error = error.cause(format!(".. and {}", plural(count - NAMED, "more message")));
    }
    error
        .help("name the fields of the message: --input NAME=POINTER")
        .help("or import the other cases, and keep these in a file: --rejects FILE")
}

fn mapping(verb: &cli::Import) -> Result<Mapping> {
    let parts = |given: &[String], flag: &str| -> Result<Vec<Part>> {
        let default = [format!("/{}", flag.trim_start_matches("--"))];
        let given = if given.is_empty() { &default[..] } else { given };
        let parse = |text: &String| {
            Part::parse(text).map_err(|reason| Error::usage(format!("{flag} {text}: {reason}")))
        };
        given.iter().map(parse).collect()
    };
    Ok(Mapping {
        input: parts(&verb.input, "--input")?,
        output: parts(&verb.output, "--output")?,
        error: verb.error.clone(),
        name: verb.name.clone(),
        env: verb.env.clone(),
        note: verb.note.clone(),
    })
}

fn read(
    suite: &mut ImportedSuite,
    mapping: &Mapping,
    model: &ModelInfo,
    file: &Path,
    each: Option<&str>,
) -> Result<()> {
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    for (place, record) in records(file, each)? {
        let source = if place.is_empty() { name.to_string() } else { format!("{name}#{place}") };
        suite.add(mapping, model, &source, &record).map_err(|reason| {
            let error = match fields(&record) {
                fields if fields.is_empty() => Error::usage(reason),
                fields => Error::usage(reason).help(format!("it has {}", fields.join(", "))),
            };
            error.help("name the message with --input, nested records with --each")
        })?;
    }
    Ok(())
}

/// Says what was imported into a suite, and what was not.
fn report(path: &Path, suite: &ImportedSuite, verb: &cli::Import, style: Style) -> Result<()> {
    let cases = plural(suite.lines.len(), "case");
    if verb.dry_run {
        for line in suite.lines.iter().take(SHOWN) {
            print(&format!("{}\n", one_line(line, 400)))?;
        }
        let shown = match suite.lines.len() {
            all if all > SHOWN => format!("; the first {SHOWN} are shown"),
            _ => String::new(),
        };
        print_status(&format!("{cases} would be written to {}{shown}", display_path(path)));
    } else {
        print_status(&format!("{cases} imported into {}", display_path(path)));
    }
    let counts = [
        (suite.comments, "record", "not an object or array, left out"),
        (suite.without_outcome, "record", "without an expected outcome, left out"),
        (suite.any_errors, "case", "whose kind of error the model does not have: any error passes"),
    ];
    for (count, noun, what) in counts.iter().filter(|(count, ..)| *count > 0) {
        print_status(&format!("{} {} {what}", style.note("note:"), plural(*count, noun)));
    }
    Ok(())
}

//! `cargo athena shrink`

mod baseline;
mod criterion;
mod find_case;
mod program;
mod save;
mod summary;

use std::io::{IsTerminal as _, Write as _, stderr, stdin};
use std::time::Instant;

use athena_protocol::args::value::as_millis;
use athena_protocol::{Exit, Test};

use self::criterion::{Criterion, Evaluator};
use self::find_case::RecordedCase;
use self::program::ModelProgram;
use self::summary::ShrinkSummary;
use crate::cli;
use crate::console::{print, print_status};
use crate::display::{display_path, plural};
use crate::error::{Error, Result};
use crate::options::OutputOptions;
use crate::session::Session;
use crate::style::Style;
use athena_shrink::{ModelInput, ShrinkSettings, shrink};

/// The number of inputs per request.
const BATCH: usize = 16;

/// The number of inputs per request if each failing input uses up the whole timeout.
const SLOW_BATCH: usize = 4;

/// Shrinks a case that fails, or whose outcome differs from that of a base.
pub(crate) fn run(verb: &cli::Shrink, output: &OutputOptions) -> Result<Exit> {
    let style = Style::for_both_streams(output.color);
    let session = Session::open(verb.build.clone(), output.clone())?;
    let case = find_case::find(session.fixtures(), &verb.case)?;
    let (catalog, model) = session.find(&case.model)?;
    let head = ModelProgram { session, catalog, model };
    if let Some(name) = &verb.record {
        save::check(&head, name)?;
    }
    let limits = Test {
        timeout_ms: Some(as_millis(verb.timeout)),
        jobs: verb.jobs.map(Into::into),
        memory_limit: verb.memory_limit,
        ..Test::default()
    };
    let mut bench = Evaluator::new(head, limits)?;
    let target = match bench.fails(&case.input)? {
        Some(target) => {
            if verb.base.is_some() && !bench.head.session.is_quiet() {
                let note = style.note("note:");
                print_status(&format!(
                    "{note} the model has no outcome here, so the base is not used"
                ));
            }
            target
        }
        None => differs(verb, output.clone(), &case, &mut bench)?,
    };

    let started = Instant::now();
    let mut progress = SearchProgress::new(bench.head.session.is_quiet(), &case.input);
    let settings = ShrinkSettings {
        variants: bench.head.variants(),
        budget: verb.budget.get(),
        batch: if target.is_slow() { SLOW_BATCH } else { BATCH },
    };
    let shrunk = shrink(&case.input, &settings, |inputs| {
        let verdicts = bench.judge(inputs, &target)?;
        progress.tried(inputs, &verdicts);
        Ok(verdicts)
    });
    progress.end();
    let shrunk = shrunk?;
    let last = bench.look(&shrunk.input)?;
    let summary = ShrinkSummary {
        case: &case,
        target: &target,
        shrunk: &shrunk,
        last: &last,
        took: started.elapsed(),
        bench: &bench,
        style,
    };
    print(&summary.text())?;
    if !target.is(&last) {
        let warning = style.warning("warning:");
        print_status(&format!(
            "{warning} the model is flaky: it does not do so every time for this input"
        ));
    }
    finish(verb, output, &bench, &summary)?;
    Ok(Exit::Success)
}

/// The difference from the base.
fn differs(
    verb: &cli::Shrink,
    output: OutputOptions,
    case: &RecordedCase,
    bench: &mut Evaluator,
) -> Result<Criterion> {
    let Some(rev) = baseline::rev(verb.base.as_deref(), &bench.head) else {
        let as_recorded = bench.is_as_recorded(case)?;
        let help = "to shrink a difference from a commit: --base REV";
        return Err(if as_recorded {
            Error::failure(format!("{} does not fail: its outcome is the recorded one", case.name))
        } else {
            Error::usage(format!(
                "{} differs from its recorded outcome, and a commit with another outcome is not known: \
                 no file differs from HEAD, or nothing is committed",
                case.name
            ))
        }
        .help(help));
    };
    bench.against(baseline::open(&rev, verb, output, &bench.head)?);
    bench.differs(&case.input, &case.name)
}

/// Records the result as a case if the model has an outcome; otherwise saves the message.
fn finish(
    verb: &cli::Shrink,
    output: &OutputOptions,
    bench: &Evaluator,
    summary: &ShrinkSummary<'_>,
) -> Result<()> {
    let input = &summary.shrunk.input;
    let has_outcome = matches!(summary.target, Criterion::Differs(_));
    let name = match &verb.record {
        Some(name) => Some(name.clone()),
        None if has_outcome && !verb.no_record => {
            ask_to_record(&save::name_for(summary.case.stem()))
        }
        None => None,
    };
    if let (Some(name), true) = (&name, has_outcome) {
        let quiet =
            Session::open(verb.build.clone(), OutputOptions { quiet: true, ..output.clone() })?;
        let path = save::record(&bench.head, &quiet, bench.folder(), name, input)?;
        return print(&format!("recorded: {}\n", display_path(&path)));
    }
    let path = save::save(&bench.head, name.as_deref().unwrap_or(summary.case.stem()), input)?;
    let shown = display_path(&path);
    if name.is_some() && !has_outcome {
        print_status(&format!(
            "{} nothing was recorded, because the model has no outcome",
            summary.style.note("note:")
        ));
    }
    print(&summary.reproduction(&shown))
}

/// Asks whether to record. Without a terminal the answer is no.
fn ask_to_record(name: &str) -> Option<String> {
    if !(stdin().is_terminal() && stderr().is_terminal()) {
        return None;
    }
    let _ = write!(stderr(), "record it as the case `{name}`? [y/N] ");
    let mut answer = String::new();
    stdin().read_line(&mut answer).ok()?;
    matches!(answer.trim(), "y" | "Y" | "yes").then(|| name.to_owned())
}

/// The progress of a search on a terminal.
struct SearchProgress {
    is_shown: bool,
    tried: usize,
    smallest: usize,
}

impl SearchProgress {
    fn new(is_quiet: bool, start: &ModelInput) -> Self {
        let is_shown = !is_quiet && stderr().is_terminal();
        Self { is_shown, tried: 0, smallest: start.bytes() }
    }

    fn tried(&mut self, inputs: &[ModelInput], verdicts: &[bool]) {
        self.tried += inputs.len();
        let good = inputs.iter().zip(verdicts).filter(|(_, does)| **does);
        let smallest = good.map(|(input, _)| input.bytes()).min();
        self.smallest = self.smallest.min(smallest.unwrap_or(usize::MAX));
        if self.is_shown {
            let _ = write!(
                stderr(),
                "\r\x1b[K{} tried, {}",
                plural(self.tried, "input"),
                plural(self.smallest, "byte")
            );
        }
    }

    fn end(&self) {
        if self.is_shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

//! The failing cases that wait for a decision, and what is decided: shared by `pending`, `accept`,
//! `reject` and `review`.

mod apply;
mod coverage;
mod fingerprint;
mod load;
mod rejected;

use athena_protocol::{Failure, FailureKind, Names};

pub(crate) use self::apply::{Accepting, Done, reject};
pub(crate) use self::load::Keeping;
pub(crate) use self::rejected::Rejected;
use crate::catalog::Catalog;
use crate::cli;
use crate::display::cases;
use crate::error::{Error, Result};
use crate::report::{Archive, Failures, Place, Report};
use crate::session::Session;
use crate::style::Style;

/// A failing case that nobody has decided on.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Its name: `model id::case`.
    pub(crate) name: String,
    /// A hash of what differs, as it is shown.
    pub(crate) mark: String,
    /// Whether there is an outcome that can be accepted.
    pub(crate) acceptable: bool,
    /// Where the report has the rest.
    pub(crate) place: Place,
}

/// What is pending.
#[derive(Debug)]
pub(crate) struct Pending {
    /// The cases, sorted by name.
    pub(crate) cases: Vec<Case>,
    /// How many more failed and were rejected before.
    pub(crate) rejected: usize,
    /// How many cases there are of which these are a part: all that the filters let pass.
    pub(crate) known: usize,
    /// All that the report knows of them.
    pub(crate) archive: Archive,
    /// What went wrong beside any case: there may be more that fails.
    pub(crate) troubles: Vec<String>,
    /// What changed since a person could see it, where that was a run before: the cases, and why.
    pub(crate) unseen: Option<Unseen>,
}

/// Cases that a person has seen fail otherwise.
#[derive(Debug)]
pub(crate) struct Unseen {
    /// Why the cases ran again.
    pub(crate) why: String,
    /// Their names.
    pub(crate) names: Vec<String>,
}

/// Finds what is pending. Where the last report does not say it, the cases run again first.
///
/// # Errors
///
/// No case at all that the filters let pass.
pub(crate) fn open(
    session: &mut Session,
    catalog: &Catalog,
    which: &cli::Which,
    keeping: Keeping,
    style: Style,
) -> Result<Pending> {
    let fresh = load::report(session, catalog, which, keeping, style)?;
    let rejected = Rejected::read(&session.workspace.artifacts)?;
    let pending = gather(fresh, which, &rejected)?;
    if pending.known == 0 && pending.troubles.is_empty() {
        return Err(without_cases(which));
    }
    Ok(pending)
}

impl Pending {
    /// Refuses to decide on what nobody has seen.
    pub(crate) fn refuse_unseen(&self) -> Result<()> {
        let Some(Unseen { why, names }) = &self.unseen else { return Ok(()) };
        let Some(first) = names.first() else { return Ok(()) };
        let more = match names.len() - 1 {
            0 => ": the outcome now is".to_owned(),
            more => format!(" and {more} more: the outcomes now are"),
        };
        Err(Error::usage(format!("{first}{more} not what was shown"))
            .cause(why.clone())
            .help("nothing was changed: see them by `cargo athena test` or `cargo athena review`"))
    }

    /// Refuses where nothing is pending. `verb` is what was to be done.
    pub(crate) fn refuse_none(&self, verb: &str) -> Result<()> {
        if !self.cases.is_empty() {
            return Ok(());
        }
        let error = Error::nothing(format!("there is nothing to {verb}: {}", self.none()));
        Err(match self.rejected {
            0 => error,
            _ => error.help("to decide anew: cargo athena reject --undo [FILTER].."),
        })
    }

    /// Why nothing is pending.
    pub(crate) fn none(&self) -> String {
        match self.rejected {
            0 => format!("of {} none fails", cases(self.known)),
            rejected => {
                format!("of {} those that fail were rejected: {rejected}", cases(self.known))
            }
        }
    }
}

/// Refuses where decisions are not taken, before anything is built; a runner refuses as well.
pub(crate) fn refuse_in_ci(keep: cli::Keep) -> Result<()> {
    let ci = std::env::var_os("CI")
        .is_some_and(|value| !value.is_empty() && value != "false" && value != "0");
    if ci && !keep.force {
        return Err(Error::usage("the variable CI is set: a builder replays, and accepts nothing")
            .help(
                "accept on your own machine and commit the cases; --force accepts all the same",
            ));
    }
    Ok(())
}

/// Why the outcome of a case can't be accepted; none if it can.
pub(crate) fn why_not(failure: &Failure) -> Option<String> {
    let first = failure.reason.lines().next().unwrap_or_default();
    match failure.kind {
        FailureKind::Differs if !failure.digest.is_empty() => None,
        FailureKind::Differs => Some("its outcome can't be written down".to_owned()),
        FailureKind::Flaky => Some("its outcome is not the same in every run".to_owned()),
        _ if first.is_empty() => Some("it has no outcome".to_owned()),
        _ => Some(first.to_owned()),
    }
}

/// Whether a name is one of those asked for.
pub(crate) fn takes(which: &cli::Which, name: &str) -> bool {
    let is_it = |filter: &String| {
        if which.exact { name == filter } else { name.contains(filter.as_str()) }
    };
    which.filters.is_empty() || which.filters.iter().any(is_it)
}

fn gather(fresh: load::Fresh, which: &cli::Which, rejected: &Rejected) -> Result<Pending> {
    let load::Fresh { report, mut failures, seen } = fresh;
    let mut found = Found { known: others(&report, which), ..Found::default() };
    let seen = seen.as_ref();
    while let Some(failure) = failures.next() {
        found.add(&failure?, &failures, which, rejected, seen);
    }
    Ok(Pending {
        cases: found.cases,
        rejected: found.rejected,
        known: found.known,
        archive: failures.into_archive(),
        troubles: report.troubles,
        unseen: seen.map(|seen| Unseen { why: seen.why.clone(), names: found.unseen }),
    })
}

#[derive(Default)]
struct Found {
    cases: Vec<Case>,
    rejected: usize,
    known: usize,
    unseen: Vec<String>,
}

impl Found {
    fn add(
        &mut self,
        failure: &Failure,
        failures: &Failures,
        which: &cli::Which,
        rejected: &Rejected,
        seen: Option<&load::Seen>,
    ) {
        // A schema that breaks is no case.
        if failure.kind == FailureKind::Schema || !takes(which, &failure.name) {
            return;
        }
        self.known += 1;
        let mark = fingerprint::of(failure);
        if rejected.has(&failure.name, &mark) {
            self.rejected += 1;
            return;
        }
        let acceptable = why_not(failure).is_none();
        let is_other = |seen: &load::Seen| match seen.marks.get(&failure.name) {
            Some(was) => *was != mark,
            None => seen.passed.contains(&failure.name),
        };
        if acceptable && seen.is_some_and(is_other) {
            self.unseen.push(failure.name.clone());
        }
        let (name, place) = (failure.name.clone(), failures.place());
        self.cases.push(Case { name, mark, acceptable, place });
    }
}

/// How many cases did not fail that the filters let pass.
fn others(report: &Report, which: &cli::Which) -> usize {
    let of = |names: &Names| {
        let its = names.cases.iter().map(|case| format!("{}::{case}", names.model));
        its.filter(|name| takes(which, name)).count()
    };
    let flaky = report.flaky.iter().filter(|failure| takes(which, &failure.name)).count();
    report.passed.iter().chain(&report.skipped).map(of).sum::<usize>() + flaky
}

fn without_cases(which: &cli::Which) -> Error {
    if which.filters.is_empty() {
        return Error::nothing("no case is recorded yet")
            .help("record one: cargo athena record MODEL");
    }
    let filters: Vec<_> = which.filters.iter().map(|filter| format!("`{filter}`")).collect();
    let is = if which.exact { "is" } else { "contains" };
    Error::nothing(format!("no case's name {is} {}", filters.join(" or ")))
        .help("a name is `model id::case`, as `cargo athena test` prints it")
}

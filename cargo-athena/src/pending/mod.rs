//! Failing cases that wait for a decision, and the decisions. Shared by `pending`, `accept`,
//! `reject` and `review`.

mod apply;
mod cases;
mod coverage;
mod fingerprint;
mod generated;
mod kept;
mod load;
mod passed_cases;
mod rejected;

pub(crate) use self::apply::{Acceptance, AcceptanceResult, reject};
pub(crate) use self::cases::{PendingCase, PendingCases, why_not};
pub(crate) use self::fingerprint::failure_fingerprint;
pub(crate) use self::generated::{GeneratedPending, uncommitted};
pub(crate) use self::kept::KeptCases;
pub(crate) use self::load::NewReport;
pub(crate) use self::rejected::RejectedCases;
use crate::advice::{CASE_NAMES, record_first};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::options::CaseFilter;
use crate::session::Session;
use crate::style::Style;
use crate::unmatched::refuse_unmatched;

/// Finds the pending cases. The cases run again first if the last report is out of date or
/// incomplete.
///
/// # Errors
///
/// No case matches the filters.
pub(crate) fn open(
    session: &mut Session,
    catalog: &Catalog,
    which: &CaseFilter,
    keeping: NewReport,
    style: Style,
) -> Result<PendingCases> {
    refuse_unmatched(session.fixtures(), &which.filters, which.exact)?;
    let fresh = load::report(session, catalog, which, keeping, style)?;
    let why = fresh.seen.as_ref().map(|seen| seen.why.clone());
    let rejected = RejectedCases::read(&session.workspace.artifacts)?;
    let pending = cases::gather(fresh, which, &rejected)?;
    if pending.known == 0 && pending.troubles.is_empty() {
        let error = no_cases_error(which, catalog);
        return Err(match why {
            // A workspace may have cases only in packages that are not selected by default.
            Some(why) => error.help(format!(
                "{why}; if that run selected packages or programs, select the same, such as with -p"
            )),
            None => error,
        });
    }
    Ok(pending)
}

/// Refuses to record in CI, before anything is built. A runner refuses as well.
pub(crate) fn refuse_in_ci(force: bool, verb: &str) -> Result<()> {
    let ci = std::env::var_os("CI")
        .is_some_and(|value| !value.is_empty() && value != "false" && value != "0");
    if ci && !force {
        return Err(Error::usage("the variable CI is set, and CI only replays cases")
            .help(format!("{verb} on your own machine and commit the cases, or use --force")));
    }
    Ok(())
}

fn no_cases_error(which: &CaseFilter, catalog: &Catalog) -> Error {
    if which.filters.is_empty() {
        return Error::nothing("no case is recorded yet").help(record_first(catalog.first_id()));
    }
    let filters: Vec<_> = which.filters.iter().map(|filter| format!("`{filter}`")).collect();
    let is = if which.exact { "is" } else { "contains" };
    Error::nothing(format!("no case's name {is} {}", filters.join(" or "))).help(CASE_NAMES)
}

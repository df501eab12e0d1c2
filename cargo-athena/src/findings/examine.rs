//! Has every runner examine the cases of the models it owns.

use athena_protocol::{Answer, Doctor, Exit, Verb};

use super::doctor_report::{DoctorReport, VERSION};
use crate::catalog::Catalog;
use crate::error::Error;
use crate::session::Session;

/// The findings of all runners.
#[derive(Debug)]
pub(crate) struct Examination {
    pub(crate) report: DoctorReport,
    /// Why runners did not answer.
    pub(crate) errors: Vec<Error>,
    /// The combined exit of the runners.
    pub(crate) exit: Exit,
}

/// Examines the models whose ids contain one of the filters; all models if there are none.
pub(crate) fn examine(session: &Session, catalog: &Catalog, filters: &[String]) -> Examination {
    let found = session.gaps(catalog);
    let mut orphans = found.orphans();
    let mut environments = filters.is_empty();
    // Filters are about models that are examined.
    let gaps = if filters.is_empty() { found.all() } else { Vec::new() };
    let mut report = DoctorReport { version: VERSION, gaps, ..DoctorReport::default() };
    let (mut exits, mut errors) = (vec![Exit::Success], Vec::new());
    for (at, runner) in catalog.runners.iter().enumerate() {
        let models = catalog.owned(at);
        if models.is_empty() {
            continue;
        }
        let request = Doctor {
            models,
            filters: filters.to_vec(),
            orphans: orphans.take(),
            environments: std::mem::take(&mut environments),
            messages: false,
        };
        match session.ask(runner, Verb::Doctor(request)) {
            Ok(reply) => {
                exits.push(Exit::of(reply.exit));
                if let Answer::Doctor(health) = reply.answer {
                    report.models.extend(health.models);
                    report.findings.extend(health.findings);
                    report.ignored.extend(health.ignored);
                }
            }
            Err(error) => {
                exits.push(error.exit());
                errors.push(error);
            }
        }
    }
    report.tidy(&session.workspace.root);
    Examination { report, errors, exit: Exit::worst(exits) }
}

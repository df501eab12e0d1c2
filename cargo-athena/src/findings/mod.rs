//! What the recorded cases lack: models without cases, values never tried, duplicates. `doctor` prints it,
//! and the page of a green run shows it.
//!
//! - [`mod@examine`] asks the runners.
//! - [`doctor_report`] has the findings of all of them, and their counts.
//! - [`mod@sections`] puts them under headings, with what to do; [`rows`] writes the rows of a model.

mod doctor_report;
mod examine;
mod rows;
mod sections;

pub(crate) use self::doctor_report::{DoctorReport, counted, counts};
pub(crate) use self::examine::{Examination, examine};
pub(crate) use self::sections::{FindingSection, sections, summary};

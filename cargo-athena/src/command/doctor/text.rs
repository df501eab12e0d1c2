//! Formats findings as text.

use crate::display::plural;
use crate::findings::{DoctorReport, FindingSection, sections, summary};
use crate::style::Style;

/// The most rows of one kind.
const MOST_ROWS: usize = 10;

/// Formats the findings by model, with one help line per kind and the counts at the end.
pub(super) fn text(report: &DoctorReport, style: Style, quiet: bool) -> String {
    let mut page = FindingsText { out: String::new(), style, quiet };
    for one in sections(report) {
        page.section(&one);
    }
    page.out.push_str(&style.strong(&summary(report)));
    page.out.push('\n');
    page.out
}

struct FindingsText {
    out: String,
    style: Style,
    quiet: bool,
}

impl FindingsText {
    fn section(&mut self, section: &FindingSection) {
        let heading = self.style.strong(&section.heading);
        match section.cases {
            Some(cases) => {
                let cases = self.style.dim(&plural(cases, "case"));
                self.line(&format!("{heading}  {cases}"));
            }
            None => self.line(&heading),
        }
        for group in &section.groups {
            // A repeated label is printed once.
            let mut last = "";
            for (label, text) in group.rows.iter().take(MOST_ROWS) {
                let shown = if *label == last { "" } else { label };
                last = label;
                match section.cases {
                    Some(_) => self.line(&format!("  {shown:<10}  {text}")),
                    None => self.line(&format!("  {text}")),
                }
            }
            let more = group.rows.len().saturating_sub(MOST_ROWS);
            if more > 0 {
                self.line(&format!("  and {more} more; --format json lists all"));
            }
            if let Some(help) = group.help.as_ref().filter(|_| !self.quiet) {
                self.line(&format!("  {} {help}", self.style.note("help:")));
            }
        }
        self.out.push('\n');
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }
}

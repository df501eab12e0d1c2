//! What the cases lack, on the page of a green run: the findings of `doctor`.

use std::fmt::Write as _;

use crate::findings::{FindingSection, sections, summary};
use crate::report::{Report, escape};

/// The most rows of one kind.
const ROWS: usize = 10;

/// The findings; where the run did not look for them, the command that does.
pub(super) fn section(report: &Report) -> String {
    let mut out = String::from(
        "<section class=\"findings\" aria-labelledby=\"findings-title\"><h2 id=\"findings-title\">What the cases lack</h2>\n",
    );
    match &report.findings {
        None => out.push_str("<p class=\"dim\"><code>cargo athena doctor</code> lists it</p>\n"),
        Some(found) => {
            let _ = writeln!(out, "<p class=\"dim\">{}</p>", escape::html(&summary(found)));
            for one in sections(found) {
                article(&one, &mut out);
            }
        }
    }
    out.push_str("</section>\n");
    out
}

fn article(section: &FindingSection, out: &mut String) {
    let heading = escape::html(&section.heading);
    let _ = match section.cases {
        Some(_) => writeln!(out, "<article><h3><code>{heading}</code></h3>"),
        None => writeln!(out, "<article><h3>{heading}</h3>"),
    };
    for group in &section.groups {
        out.push_str("<ul>");
        for (label, text) in group.rows.iter().take(ROWS) {
            let label = if label.is_empty() {
                String::new()
            } else {
                format!("<span class=\"tag\">{}</span> ", escape::html(label))
            };
            let _ = write!(out, "<li>{label}{}</li>", escape::html(text));
        }
        out.push_str("</ul>\n");
        let more = group.rows.len().saturating_sub(ROWS);
        if more > 0 {
            let _ = writeln!(
                out,
                "<p class=\"dim\">and {more} more: <code>cargo athena doctor --format json</code></p>"
            );
        }
        if let Some(help) = &group.help {
            let _ = writeln!(out, "<p class=\"dim\">{}</p>", escape::html(help));
        }
    }
    out.push_str("</article>\n");
}

#[cfg(test)]
mod tests {
    use athena_protocol::{ExaminedModel, Finding};

    use super::*;
    use crate::findings::DoctorReport;

    #[test]
    fn findings_are_under_their_model_with_what_to_do() {
        let mut report = Report::default();
        assert!(section(&report).contains("<code>cargo athena doctor</code>"));
        let model = |id: &str| ExaminedModel { model: id.to_owned(), cases: 3 };
        report.findings = Some(DoctorReport {
            models: vec![model("m::f"), model("m::g")],
            findings: vec![
                Finding::Uncovered { model: "m::<g>".to_owned() },
                Finding::Unset { model: "m::f".to_owned(), variable: "SEED".to_owned() },
            ],
            ..DoctorReport::default()
        });
        let text = section(&report);
        for part in [
            "2 models, 6 cases: 1 uncovered, 1 unset",
            "<h3>uncovered: models without cases</h3>\n<ul><li>m::&lt;g&gt;</li></ul>",
            "<h3><code>m::f</code></h3>\n<ul><li><span class=\"tag\">unset</span> SEED</li></ul>",
            "cargo athena record m::f -e SEED=VALUE",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

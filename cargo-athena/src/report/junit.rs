//! `--report junit=FILE`: the format that GitLab, Jenkins and GitHub actions read.
//!
//! A model is a suite and a case is a test. Schema locks are the suite `schema`, and errors outside
//! of cases are the suite `athena`.

use std::collections::BTreeMap;
use std::time::Duration;

use athena_protocol::{Failure, FailureKind, KnownFailure, MOST_DIFFERENCES};
use quick_junit::{
    NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestRerun, TestSuite,
};

use super::finished::FinishedReport;
use super::io::OutputFile;
use super::workspace_location::WorkspaceLocation;
use super::{describe, escape};
use crate::display::ellipsize;
use crate::error::Result;

/// The most bytes of failure texts. Later failures have only their first line. GitLab's limit is 30
/// MB per file.
const TEXTS: usize = 12 << 20;

/// Writes the report. Those who read the file look for sources from the repository's root.
pub(super) fn write(
    finished: FinishedReport<'_>,
    place: WorkspaceLocation<'_>,
    out: &mut OutputFile<'_>,
) -> Result<()> {
    let report = finished.report;
    let mut suites: BTreeMap<String, TestSuite> = BTreeMap::new();
    for names in &report.passed {
        let mut micros = names.micros.iter().copied();
        let cases = names.cases.iter().map(|case| {
            let test = test(&names.model, case, passed());
            timed(test, micros.next().unwrap_or(0))
        });
        suite(&mut suites, &names.model).add_test_cases(cases);
    }
    for names in &report.skipped {
        let status = TestCaseStatus::skipped;
        let cases = names.cases.iter().map(|case| test(&names.model, case, status()));
        suite(&mut suites, &names.model).add_test_cases(cases);
    }
    for known in &report.summary.known_failures {
        suite(&mut suites, &known.model).add_test_case(known_failure(known));
    }
    let mut texts = TextBudget { left: TEXTS };
    for failure in &report.flaky {
        suite(&mut suites, &failure.model).add_test_case(flaky(failure, place, &mut texts));
    }
    for failure in finished.failures()? {
        let failure = failure?;
        suite(&mut suites, &failure.model).add_test_case(failed(&failure, place, &mut texts));
    }
    let mut junit = Junit::new("athena");
    for model in &report.models {
        if let (Some(suite), false) = (suites.get_mut(model.id.as_str()), model.file.is_empty()) {
            suite.extra.insert("file".into(), escape::plain(&place.path_of(&model.file)).into());
        }
    }
    for mut suite in suites.into_values().chain([
        schemas(finished),
        not_replayed(finished),
        run_errors(finished),
    ]) {
        suite.test_cases.sort_by(|one, other| one.name.cmp(&other.name));
        if !suite.test_cases.is_empty() {
            junit.add_test_suite(suite);
        }
    }
    out.with(|writer| junit.serialize(writer))
}

fn suite<'a>(suites: &'a mut BTreeMap<String, TestSuite>, model: &str) -> &'a mut TestSuite {
    suites.entry(model.to_owned()).or_insert_with(|| TestSuite::new(escape::plain(model)))
}

fn test(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut test = TestCase::new(escape::plain(name), status);
    test.set_classname(escape::plain(class));
    test
}

fn passed() -> TestCaseStatus {
    TestCaseStatus::success()
}

/// A case that fails as it says itself: skipped, with its reason.
fn known_failure(known: &KnownFailure) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(ellipsize(&escape::plain(&known.reason), 240)).set_type("known failure");
    test(&known.model, describe::case_of(&known.name, &known.model), status)
}

fn failed(failure: &Failure, place: WorkspaceLocation<'_>, texts: &mut TextBudget) -> TestCase {
    let mut status = TestCaseStatus::non_success(seriousness(failure.kind));
    status.set_message(describe::headline(failure)).set_type(describe::kind(failure.kind));
    if let Some(text) = texts.take(failure) {
        status.set_description(text);
    }
    located(failure, place, status)
}

fn flaky(failure: &Failure, place: WorkspaceLocation<'_>, texts: &mut TextBudget) -> TestCase {
    let mut run = TestRerun::new(seriousness(failure.kind));
    run.set_message(describe::headline(failure)).set_type("flaky");
    if let Some(text) = texts.take(failure) {
        run.set_description(text);
    }
    let mut status = passed();
    status.add_rerun(run);
    located(failure, place, status)
}

fn located(failure: &Failure, place: WorkspaceLocation<'_>, status: TestCaseStatus) -> TestCase {
    let mut case = test(&failure.model, describe::case(failure), status);
    let (file, line) = place.place_of(failure);
    case.extra.insert("file".into(), escape::plain(&file).into());
    case.extra.insert("line".into(), line.into());
    timed(case, failure.micros)
}

/// With the time it took, if that is known.
fn timed(mut case: TestCase, micros: u64) -> TestCase {
    if micros > 0 {
        case.set_time(Duration::from_micros(micros));
    }
    case
}

/// A case that can't be replayed at all is an error; one that fails is a failure.
fn seriousness(kind: FailureKind) -> NonSuccessKind {
    match kind {
        FailureKind::Broken | FailureKind::Orphan => NonSuccessKind::Error,
        _ => NonSuccessKind::Failure,
    }
}

fn schemas(finished: FinishedReport<'_>) -> TestSuite {
    let mut suite = TestSuite::new("schema");
    for check in &finished.report.schemas {
        let name = check.name.strip_prefix("schema::").unwrap_or(&check.name);
        let mut status = passed();
        if let Some(failure) = &check.failure {
            status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(ellipsize(first_line(failure), 240)).set_type("schema");
            status.set_description(escape::plain(failure));
        }
        let mut case = test("schema", name, status);
        if let Some(note) = &check.note {
            case.set_system_out(escape::plain(note));
        }
        suite.add_test_case(case);
    }
    suite
}

/// What was not replayed: a skipped test for each model, or for a target without cases.
fn not_replayed(finished: FinishedReport<'_>) -> TestSuite {
    let mut suite = TestSuite::new("not replayed");
    for gap in &finished.report.gaps {
        let mut status = TestCaseStatus::skipped();
        status.set_message(ellipsize(&escape::plain(&gap.to_line()), 240)).set_type("not replayed");
        if gap.models.is_empty() {
            suite.add_test_case(test("not replayed", &gap.subject, status.clone()));
        }
        for model in &gap.models {
            suite.add_test_case(test("not replayed", model, status.clone()));
        }
    }
    suite
}

fn run_errors(finished: FinishedReport<'_>) -> TestSuite {
    let mut suite = TestSuite::new("athena");
    for (at, error) in finished.report.troubles.iter().enumerate() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(ellipsize(first_line(error), 240)).set_type("error");
        status.set_description(escape::plain(error));
        suite.add_test_case(test("athena", &format!("error {}", at + 1), status));
    }
    suite
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The texts of failures, until the limit is reached.
struct TextBudget {
    left: usize,
}

impl TextBudget {
    fn take(&mut self, failure: &Failure) -> Option<String> {
        let text = describe::details(failure, MOST_DIFFERENCES);
        self.left = self.left.saturating_sub(text.len());
        (self.left > 0).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use quick_xml::XmlVersion;
    use quick_xml::events::Event;

    use super::super::samples::{self, Sample};
    use super::*;

    fn written(sample: &Sample) -> String {
        let mut bytes = Vec::new();
        let place = WorkspaceLocation { root: sample.folder.path(), folder: "sub/" };
        let mut file = OutputFile::new(&mut bytes, Path::new("junit.xml"));
        write(sample.finished(), place, &mut file).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// The number of each element, and all text and attributes.
    fn parsed(xml: &str) -> (BTreeMap<String, usize>, Vec<String>) {
        let mut reader = quick_xml::Reader::from_str(xml);
        let (mut counts, mut texts) = (BTreeMap::<String, usize>::new(), Vec::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) | Event::Empty(element) => {
                    let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                    for attribute in element.attributes() {
                        let attribute = attribute.unwrap();
                        let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                        texts.push(format!(
                            "{name} {key}={}",
                            attribute.normalized_value(XmlVersion::default()).unwrap()
                        ));
                    }
                    *counts.entry(name).or_default() += 1;
                }
                Event::Text(text) => texts.push(text.decode().unwrap().into_owned()),
                Event::Eof => return (counts, texts),
                _ => {}
            }
        }
    }

    #[test]
    fn every_case_is_a_test_and_every_failure_fails() {
        let mut sample = samples::mixed();
        sample.report.summary.known_failures.push(KnownFailure {
            name: "m::f::late".to_owned(),
            model: "m::f".to_owned(),
            reason: "ticket 7".to_owned(),
        });
        let xml = written(&sample);
        let (counts, texts) = parsed(&xml);
        let count = |name: &str| counts.get(name).copied().unwrap_or_default();
        // 2 passed, 1 skipped, 1 flaky, 1 known, 4 failed, 2 schemas, 1 error.
        assert_eq!(count("testcase"), 12, "{xml}");
        assert_eq!((count("failure"), count("error")), (4, 2), "{xml}");
        assert_eq!((count("skipped"), count("flakyFailure")), (2, 1), "{xml}");
        for text in [
            "testsuites tests=12",
            "testcase name=late",
            "skipped message=ticket 7",
            "skipped type=known failure",
            "testsuites failures=4",
            "testsuites errors=2",
            "testsuite name=m::f",
            "testcase classname=m::f",
            "testcase name=a",
            "testcase file=sub/fixtures/m/f/a.json",
            "testsuite file=sub/src/lib.rs",
            "testcase time=0.003",
            "failure message=/energy: 100 -> 103",
            "failure type=differs",
            "testsuite name=schema",
            "testsuite name=athena",
        ] {
            assert!(texts.iter().any(|known| known == text), "{text} in {texts:#?}");
        }
    }

    #[test]
    fn a_failed_case_is_at_the_line_of_the_field_that_differs() {
        let sample = samples::mixed();
        let file = sample.folder.path().join("fixtures/m/f/a.json");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "{\n  \"output\": {\n    \"energy\": 100\n  }\n}\n").unwrap();
        let xml = written(&sample);
        let case = xml.lines().find(|line| line.contains("sub/fixtures/m/f/a.json")).unwrap();
        assert!(case.contains("line=\"3\""), "{case}");
    }

    #[test]
    fn what_a_model_prints_can_t_break_the_file() {
        let xml = written(&samples::hostile());
        assert!(!xml.contains(['\u{0}', '\u{1b}', '\u{ffff}', '\u{fffe}', '\u{8}']), "{xml}");
        let (counts, texts) = parsed(&xml);
        assert_eq!(counts["failure"], 1);
        assert!(!counts.contains_key("img") && !counts.contains_key("script"), "{counts:?}");
        assert!(texts.iter().any(|text| text.contains("printed")), "{texts:?}");
    }

    #[test]
    fn a_run_without_failures_has_none() {
        let (counts, _) = parsed(&written(&samples::clean()));
        assert_eq!(
            (counts["testcase"], counts.get("failure"), counts.get("error")),
            (2, None, None)
        );
    }
}

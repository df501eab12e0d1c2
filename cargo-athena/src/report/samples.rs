//! Reports for tests of the writers, assembled like those of a run.

use std::path::{Path, PathBuf};

use athena_protocol::{Entry, Failure, FailureKind, Names, SchemaCheck, TestSummary};
use serde_json::json;
use tempfile::TempDir;

use super::describe::tests::failure;
use super::finished::FinishedReport;
use super::{ModelCounts, Report, ReportInput, VERSION, assemble};

/// A finished report in a temporary folder.
pub(super) struct Sample {
    pub(super) report: Report,
    pub(super) folder: TempDir,
}

impl Sample {
    pub(super) fn new(entries: &[Entry], summary: TestSummary) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let part = folder.path().join("part.jsonl");
        let lines: Vec<String> =
            entries.iter().map(|entry| serde_json::to_string(entry).unwrap() + "\n").collect();
        std::fs::write(&part, lines.concat()).unwrap();
        let report = Report {
            version: VERSION,
            tool: "cargo-athena 0.1.0".to_owned(),
            models: vec![ModelCounts {
                id: "m::f".to_owned(),
                file: "src/lib.rs".to_owned(),
                line: 3,
                ..ModelCounts::default()
            }],
            summary,
            ..Report::default()
        };
        let run = ReportInput { report, parts: &[part], amended: true, root: Path::new("/") };
        let report = assemble(run, &folder.path().join("report.json")).unwrap();
        Self { report, folder }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("report.json")
    }

    /// The report right after the run.
    pub(super) fn finished(&self) -> FinishedReport<'_> {
        // The path must live as long as the report. A test may leak it.
        FinishedReport { report: &self.report, path: Box::leak(self.path().into_boxed_path()) }
    }
}

/// Two passed, one skipped, one flaky, four failed in four ways; one of two schemas failed.
pub(super) fn mixed() -> Sample {
    let names = |cases: &[&str]| Names {
        model: "m::f".to_owned(),
        cases: cases.iter().map(|case| (*case).to_owned()).collect(),
        micros: (1..).map(|at| at * 1_500).take(cases.len()).collect(),
    };
    let check = |name: &str, failure: Option<&str>| {
        Entry::Schema(SchemaCheck {
            name: name.to_owned(),
            failure: failure.map(str::to_owned),
            note: None,
        })
    };
    let panics = Failure {
        kind: FailureKind::Failed,
        reason: "the model panicked: overflow, at src/lib.rs:10".to_owned(),
        printed: "about to add".to_owned(),
        differences: Vec::new(),
        recorded: None,
        now: None,
        ..failure("m::f", "panics", "")
    };
    let broken = Failure {
        kind: FailureKind::Broken,
        reason: "not JSON: expected `,` at line 3".to_owned(),
        line: 3,
        ..panics.clone()
    };
    let broken = Failure { name: "m::f::broken".to_owned(), ..broken };
    Sample::new(
        &[
            Entry::Passed(names(&["p", "q"])),
            Entry::Skipped(names(&["s"])),
            Entry::Flaky(failure("m::f", "now-and-then", "/energy")),
            Entry::Failed(failure("m::f", "a", "/energy")),
            Entry::Failed(failure("m::f", "c", "/energy")),
            Entry::Failed(panics),
            Entry::Failed(broken),
            check("schema::m", None),
            check("schema::n", Some("field `a` is gone\nsecond line")),
            Entry::Trouble("a worker would not start".to_owned()),
        ],
        TestSummary {
            cases: 8,
            passed: 2,
            failed: 4,
            skipped: 1,
            flaky: 1,
            schemas: 2,
            schemas_failed: 1,
            ..TestSummary::default()
        },
    )
}

/// A failure with hostile text in every field.
pub(super) fn hostile() -> Sample {
    let text = "</script><img src=x onerror=alert(1)>&amp;]]>\u{0}\u{8}\u{1b}[31m\u{ffff}\u{fffe}\
                |`*_[x](http://example.com)\r\n::error::%0A$x$<!--\u{2028}\"'";
    let mut one = failure("m::f", "a", "/energy");
    one.reason = text.to_owned();
    one.printed = format!("printed {text}");
    one.differences[0].new = Some(json!(text));
    one.differences[0].note = Some(text.to_owned());
    one.now = Some(json!({ "output": { text: text } }).into());
    let summary = TestSummary { cases: 1, failed: 1, ..TestSummary::default() };
    Sample::new(&[Entry::Failed(one)], summary)
}

/// Two cases that passed.
pub(super) fn clean() -> Sample {
    let names = Names {
        model: "m::f".to_owned(),
        cases: vec!["p".to_owned(), "q".to_owned()],
        ..Names::default()
    };
    let summary = TestSummary { cases: 2, passed: 2, ..TestSummary::default() };
    Sample::new(&[Entry::Passed(names)], summary)
}

/// `failures` failures in `clusters` clusters.
pub(super) fn many(failures: usize, clusters: usize) -> Sample {
    let entries: Vec<Entry> = (0..failures)
        .map(|at| {
            let path = format!("/place{}", at % clusters);
            Entry::Failed(failure("m::f", &format!("case-{at:06}"), &path))
        })
        .collect();
    let count = failures as u64;
    Sample::new(&entries, TestSummary { cases: count, failed: count, ..TestSummary::default() })
}

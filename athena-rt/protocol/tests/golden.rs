//! The messages as files: a file that no longer reads, or reads as something else, breaks every
//! runner built before. `ATHENA_BLESS=1` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Debug;
use std::path::Path;

use athena_protocol::{
    Accepted, Answer, Capture, Catch, Collect, Compare, Difference, Doctor, DoctorFindings, Entry,
    Environments, ExaminedModel, Failure, FailureKind, FieldInfo, Finding, Format, Genre, Group,
    KnownFailure, Letters, MessageSide, Messages, Migrate, ModelInfo, Move, Mpi, Mutant,
    MutantOutcome, MutantResult, Names, NotExamined, Observation, Orphans, Partition, ReachedSite,
    Record, RecordSummary, Reply, Request, Rerecord, RewrittenCrate, Run, Schema, SchemaCheck,
    SchemaFormat, Schemas, Serve, Site, Status, Strength, StrengthSummary, Submit, Test,
    TestSummary, TypeInfo, Unseen, VariableInfo, Verb, Work,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Asserts that the value is written as the file has it, and that the file reads as the value.
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, value: &T) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("ATHENA_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, golden, "{name}");
    assert_eq!(&serde_json::from_str::<T>(&golden).unwrap(), value, "{name}");
}

fn capture() -> Capture {
    Capture { file: "/t/captured.jsonl".into(), per_million: Some(10_000), max: Some(1_000) }
}

fn request(verb: Verb) -> Request {
    Request {
        color: true,
        quiet: true,
        fixtures: "/w/fixtures".into(),
        artifacts: "/w/target/athena".into(),
        package_root: "/w/app".into(),
        ..Request::new("/t/reply.json", verb)
    }
}

fn environments() -> Environments {
    Environments {
        named: vec!["north".into()],
        files: vec!["a.env".into()],
        set: vec![("SEED".into(), "3".into())],
    }
}

#[test]
fn requests_are_written_and_read_as_ever() {
    let run = Run {
        model: "app::price".into(),
        messages: Messages::Text("{}".into()),
        environments: environments(),
        rejects: Some("rejects.jsonl".into()),
        jobs: Some(2),
        terminal: true,
        example: false,
        input_format: Format::Protobuf,
        output_format: Format::Protobuf,
    };
    let schemas = Schemas {
        packages: vec!["app".into()],
        known: vec!["app::price".into()],
        whole: vec!["app".into()],
    };
    let record = Record {
        model: "app::price".into(),
        messages: Messages::Lines("many.jsonl".into()),
        environments: environments(),
        case: Some("one".into()),
        suite: Some("numbers".into()),
        from_capture: Some("/t/captured.jsonl".into()),
        generated: None,
        name_from: None,
        overwrite: false,
        rejects: None,
        force: true,
        timeout_ms: Some(60_000),
        input_format: Format::Json,
        schemas: schemas.clone(),
        accept_breaking: true,
    };
    let rerecord = Rerecord {
        models: vec!["app::price".into()],
        filters: vec!["one".into()],
        accepted: Some("/t/accepted.jsonl".into()),
        force: true,
        timeout_ms: Some(60_000),
        schemas: schemas.clone(),
        accept_breaking: true,
        changes: None,
        is_whole: false,
    };
    let test = Test {
        models: Some(vec!["app::price".into()]),
        filters: vec!["one".into()],
        exact: true,
        skip: vec!["two".into()],
        except: vec!["app::price::three".into()],
        jobs: Some(2),
        fail_fast: true,
        timeout_ms: Some(60_000),
        no_capture: true,
        show_input: false,
        orphans: Some(Orphans {
            known: vec!["app::price".into()],
            packages: Some(vec!["app".into()]),
        }),
        schemas,
        locked_schema: true,
        report: Some("/t/0.jsonl".into()),
        brief: true,
        quiet: false,
        silent: false,
        partition: Some(Partition { hash: true, part: 1, parts: 4 }),
        retries: 2,
        repeat: 3,
        check_determinism: true,
        memory_limit: Some(512_000_000),
    };
    let compare = Compare {
        old: Some("/t/old.jsonl".into()),
        new: "/t/new.jsonl".into(),
        report: "/t/report.jsonl".into(),
        masked: [("app::price".to_owned(), vec!["/at".to_owned()])].into(),
    };
    check("list.json", &request(Verb::List));
    check("run.json", &request(Verb::Run(run)));
    check("record.json", &request(Verb::Record(record)));
    check("rerecord.json", &request(Verb::Rerecord(rerecord)));
    check("test.json", &request(Verb::Test(test)));
    check("observe.json", &request(Verb::Observe(Test::default())));
    check("compare.json", &request(Verb::Compare(compare)));
}

#[test]
fn requests_of_upkeep_are_written_and_read_as_ever() {
    check("move.json", &request(Verb::Move(Move { old: "a::b".into(), new: "a::c".into() })));
    check("migrate.json", &request(Verb::Migrate(Migrate { dry_run: true })));
    let doctor = Doctor {
        models: vec!["app::price".into()],
        filters: vec!["price".into()],
        orphans: Some(Orphans { known: vec!["app::price".into()], packages: None }),
        environments: true,
        messages: false,
    };
    check("doctor.json", &request(Verb::Doctor(doctor)));
    let strength = Strength {
        test: Test::default(),
        sites: vec!["/t/sites.json".into()],
        mutants: Some(vec![1, 7]),
    };
    check("strength.json", &request(Verb::Strength(strength)));
    let schema = Schema { model: "app::price".into(), format: SchemaFormat::JsonSchema };
    check("schema.json", &request(Verb::Schema(schema)));
}

#[test]
fn requests_of_production_are_written_and_read_as_ever() {
    let serve = Serve {
        models: vec!["app::price".into()],
        listen: Some("127.0.0.1:8080".into()),
        environments: Environments { set: vec![("K".into(), "v".into())], ..Default::default() },
        allow_env_override: true,
        tls_cert: Some("/t/cert.pem".into()),
        tls_key: Some("/t/key.pem".into()),
        token_file: Some("/t/token".into()),
        allow_anonymous: true,
        allow_hosts: Vec::new(),
        body_limit: Some(10_000_000),
        jobs: Some(2),
        processes: None,
        memory_limit: None,
        queue: Some(64),
        timeout_ms: Some(60_000),
        grace_ms: Some(5_000),
        expose_panics: true,
        capture: Some(capture()),
    };
    check("serve.json", &request(Verb::Serve(serve)));
    let work = Work {
        models: vec!["app::price".into()],
        from: "redis://127.0.0.1:6379/tasks".into(),
        to: Some("nats://127.0.0.1:4222/results".into()),
        environments: Environments { set: vec![("K".into(), "v".into())], ..Default::default() },
        allow_env_override: true,
        processes: Some(2),
        prefetch: Some(512),
        attempts: Some(5),
        backoff_ms: Some(1_000),
        timeout_ms: Some(60_000),
        memory_limit: Some(64_000_000),
        lease_ms: Some(30_000),
        exit_when_idle_ms: Some(30_000),
        grace_ms: Some(5_000),
        metrics: Some("127.0.0.1:9090".into()),
        token_file: None,
        allow_anonymous: false,
        capture: Some(capture()),
    };
    check("work.json", &request(Verb::Work(work)));
    let submit = Submit {
        model: "app::price".into(),
        messages: Messages::StdinLines,
        input_format: Format::Protobuf,
        to: "redis://127.0.0.1:6379/tasks".into(),
        run: None,
        rejects: Some("/t/rejects".into()),
    };
    check("submit.json", &request(Verb::Submit(submit)));
    let collect = Collect {
        from: "redis://127.0.0.1:6379/results".into(),
        dead: true,
        letters: Letters::default(),
        keep: true,
        wait_ms: Some(1_000),
        max: Some(10),
    };
    check("collect.json", &request(Verb::Collect(collect)));
    let status = Status { queue: "redis://127.0.0.1:6379/tasks".into(), format: "json".into() };
    check("queue-status.json", &request(Verb::QueueStatus(status)));
}

#[test]
fn a_request_for_mpi_is_written_and_read_as_ever() {
    let mpi = Mpi {
        model: "app::price".into(),
        messages: "/t/messages.jsonl".into(),
        out: "/t/out.jsonl".into(),
        rejects: Some("/t/rejects".into()),
        input_format: Format::Protobuf,
        output_format: Format::Protobuf,
        environments: Environments { set: vec![("K".into(), "v".into())], ..Default::default() },
        unordered: true,
        expect_ranks: Some(4),
        journal: Some("/t/journal".into()),
        resume: true,
        allow_other_build: true,
        jobs: Some(2),
        crashes: Some(2),
        timeout_ms: None,
        memory_limit: None,
        batch_ms: Some(75),
        batch_bytes: Some(16_000_000),
        heartbeat_timeout_ms: Some(60_000),
        terminal: true,
    };
    check("mpi.json", &request(Verb::Mpi(mpi)));
}

#[test]
fn messages_come_from_everywhere_they_ever_did() {
    check(
        "messages.json",
        &[
            Messages::Default,
            Messages::Text("{}".into()),
            Messages::File("m.json".into()),
            Messages::Stdin,
            Messages::Lines("m.jsonl".into()),
            Messages::StdinLines,
            Messages::Cases("one".into()),
        ],
    );
}

#[test]
fn what_became_of_cases_is_written_and_read_as_ever() {
    let failure = Failure {
        name: "app::price::one".into(),
        model: "app::price".into(),
        label: None,
        kind: FailureKind::Differs,
        file: "/w/fixtures/app/price/one.json".into(),
        line: 1,
        reason: "why".into(),
        differences: vec![
            Difference {
                pointer: "/legs/0/rate".into(),
                path: "/legs/*/rate".into(),
                old: Some(1.into()),
                new: Some(serde_json::Value::Null),
                note: Some("off by 1".into()),
                ..Difference::default()
            },
            Difference { pointer: "/gone".into(), path: "/gone".into(), ..Difference::default() },
        ],
        left_out: 3,
        env: None,
        input: None,
        recorded: Some(serde_json::json!({ "output": { "rate": 1 } }).into()),
        now: Some(serde_json::json!({ "output": { "rate": null } }).into()),
        digest: "0123456789abcdef".into(),
        printed: "words".into(),
        micros: 0,
    };
    let names = Names {
        model: "app::price".into(),
        cases: vec!["one".into(), "book/two".into()],
        micros: vec![],
    };
    let observation = Observation {
        name: "app::price::one".into(),
        model: "app::price".into(),
        file: "/w/fixtures/app/price/one.json".into(),
        line: 1,
        outcome: Some("{\"output\":{}}".into()),
        failure: None,
    };
    let schema = SchemaCheck {
        name: "schema::app".into(),
        failure: Some("it breaks".into()),
        note: Some("it wants renewing".into()),
    };
    check(
        "entries.json",
        &[
            Entry::Failed(failure.clone()),
            Entry::Flaky(failure),
            Entry::Passed(names.clone()),
            Entry::Skipped(names),
            Entry::Schema(schema),
            Entry::Trouble("a worker died".into()),
            Entry::Observed(observation),
        ],
    );
    check(
        "accepted.json",
        &Accepted {
            name: "app::price::one".into(),
            recorded: Some(serde_json::Value::from(1).into()),
            now: Some(serde_json::Value::from(2).into()),
            digest: "0123456789abcdef".into(),
        },
    );
}

#[test]
fn replies_are_written_and_read_as_ever() {
    let field = FieldInfo {
        name: "value".into(),
        kind: "i64".into(),
        docs: "A value.".into(),
        required: false,
        default: Some("1".into()),
        marks: Vec::new(),
    };
    let input = TypeInfo {
        name: "Number".into(),
        docs: "A number.".into(),
        fields: vec![field.clone()],
        nested: vec![TypeInfo { name: "Kind".into(), ..TypeInfo::default() }],
    };
    let variable = VariableInfo {
        name: "SEED".into(),
        kind: "i64".into(),
        docs: "A seed.".into(),
        required: true,
        default: Some("1".into()),
        secret: true,
    };
    let model = ModelInfo {
        id: "app::price".into(),
        package: "app".into(),
        docs: "A price.".into(),
        file: "src/lib.rs".into(),
        line: 7,
        output: input.clone(),
        input,
        many: true,
        error: Some("String".into()),
        environment: vec![variable],
        cases: 3,
    };
    let summary = TestSummary {
        cases: 6,
        passed: 3,
        failed: 2,
        skipped: 0,
        flaky: 1,
        known: 1,
        known_failures: vec![KnownFailure {
            name: "app::price::late".into(),
            model: "app::price".into(),
            reason: "ticket 7".into(),
        }],
        filtered: 4,
        in_other_parts: 5,
        broken: 1,
        orphans: 1,
        models_without_cases: vec!["app::other".into()],
        schemas: 2,
        schemas_failed: 1,
        schema_notes: vec!["app: its lock wants renewing".into()],
        vacuous: vec!["app::price: /at: its comparison can't fail".into()],
        nearest: vec!["app::price::seeded".into()],
        unlinked: None,
    };
    let recorded = RecordSummary { created: 1, updated: 2, unchanged: 3, rejected: 0 };
    let reply = |answer| Reply { answer, ..Reply::new(1) };
    check("reply-nothing.json", &reply(Answer::Nothing));
    check("reply-list.json", &reply(Answer::List(vec![model])));
    check("reply-test.json", &reply(Answer::Test(summary)));
    check("reply-record.json", &reply(Answer::Record(recorded)));
}

#[test]
fn a_message_of_an_older_side_may_lack_what_came_later_and_of_a_newer_side_may_have_more() {
    let old = r#"{"version":2,"reply":"/r","verb":{"test":{}}}"#;
    let read: Request = serde_json::from_str(old).unwrap();
    assert_eq!(read, Request::new("/r", Verb::Test(Test::default())));
    let new = r#"{"version":2,"exit":2,"later":[1],"answer":{"test":{"cases":1,"later":{}}}}"#;
    let read: Reply = serde_json::from_str(new).unwrap();
    let summary = TestSummary { cases: 1, ..TestSummary::default() };
    assert_eq!(read, Reply { answer: Answer::Test(summary), ..Reply::new(2) });
}

#[test]
fn findings_are_written_and_read_as_ever() {
    let model = || "app::price".to_owned();
    let unseen = |side, path: &str, what| Finding::Unseen {
        model: model(),
        side,
        path: path.to_owned(),
        what,
    };
    let health = DoctorFindings {
        models: vec![ExaminedModel { model: model(), cases: 3 }],
        findings: vec![
            Finding::Broken {
                file: "/w/fixtures/app/price/a.json".into(),
                line: 2,
                reason: "not a case".into(),
            },
            Finding::Orphans {
                model: "app::gone".into(),
                cases: 2,
                folder: "/w/fixtures/app/gone".into(),
            },
            Finding::Uncovered { model: "app::bare".into() },
            Finding::Undeclared {
                model: model(),
                variable: "OLD".into(),
                cases: 2,
                example: "one".into(),
            },
            Finding::Duplicates {
                model: model(),
                groups: vec![Group { cases: vec!["one".into(), "s/two".into()], left_out: 1 }],
                left_out: 4,
                surplus: 9,
            },
            Finding::Vacuous {
                model: model(),
                path: "/at".into(),
                reason: "it covers any value".into(),
            },
            Finding::Unset { model: model(), variable: "SEED".into() },
            unseen(MessageSide::Output, "", Unseen::Error("Refusal".into())),
            unseen(MessageSide::Output, "/*/level", Unseen::Variants(vec!["Red".into()])),
            unseen(MessageSide::Output, "/felt", Unseen::Value(true)),
            unseen(MessageSide::Input, "/rate", Unseen::Set),
            unseen(MessageSide::Input, "/note", Unseen::Present),
            unseen(MessageSide::Input, "/tags", Unseen::Items),
            unseen(MessageSide::Input, "/zone", Unseen::Absent),
            Finding::Unused {
                environment: "north".into(),
                file: "/w/fixtures/environments/north.env".into(),
            },
        ],
        ..DoctorFindings::default()
    };
    check("reply-doctor.json", &Reply { answer: Answer::Doctor(health), ..Reply::new(0) });
}

#[test]
fn mutants_are_written_and_read_as_they_were() {
    let mutant = Mutant {
        id: 7,
        site: 3,
        file: "src/lib.rs".into(),
        line: 413,
        column: 43,
        function: "damerau".into(),
        genre: Genre::BinaryOperator,
        replacement: "*".into(),
        name: "src/lib.rs:413:43: replace + with * in damerau".into(),
        isolated: true,
        start: 9_000,
        end: 9_001,
        code: "a + b".into(),
    };
    let site = Site {
        id: 3,
        file: "src/lib.rs".into(),
        line: 410,
        end_line: 420,
        function: "damerau".into(),
        block: true,
        code: "a + b".into(),
    };
    let not_examined = NotExamined {
        file: "src/lib.rs".into(),
        line: 1,
        name: "macro_rules! counts".into(),
        reason: "it is in a macro".into(),
        function: String::new(),
        mutant: false,
    };
    let rewritten = RewrittenCrate {
        package: "app".into(),
        name: "app".into(),
        mutants: vec![mutant.clone()],
        sites: vec![site],
        unviable: vec![Mutant { id: 8, isolated: false, ..mutant }],
        not_examined: vec![not_examined],
    };
    check("sites.json", &rewritten);
    let caught = MutantOutcome::Caught { case: "app::price::one".into(), by: Catch::Outcome };
    let outcomes = [caught, MutantOutcome::Missed, MutantOutcome::NotReached];
    let summary = StrengthSummary {
        cases: 2,
        failing: vec![("app::price::two".into(), "the outcome differs".into())],
        mutants: (7..).zip(outcomes).map(|(id, outcome)| MutantResult { id, outcome }).collect(),
        reached: vec![ReachedSite { site: 3, cases: 1, names: vec!["app::price::one".into()] }],
        stateful: vec!["app::price".into()],
        ..StrengthSummary::default()
    };
    check("reply-strength.json", &Reply { answer: Answer::Strength(summary), ..Reply::new(0) });
}

use std::collections::{BTreeMap, BTreeSet};

use athena_cases::case::CaseOutcome;
use athena_core::outcome::ErrorOutcome;
use athena_shrink::{ModelInput, Variants};
use athena_structure::description::{Field, Shape, StructureShape, TypeDescription};
use serde_json::{Value, json};

use super::cover::{Candidate, cover};
use super::*;
use crate::fake::{FakeSubject, input_of};

fn candidate(items: &[u64], cost: u64) -> Candidate {
    Candidate { items: items.iter().copied().collect(), cost }
}

fn chosen(candidates: &[Candidate], covered: &[u64], most: usize) -> Vec<usize> {
    let covered = covered.iter().copied().collect();
    cover(candidates, &covered, most).into_iter().map(|(at, _)| at).collect()
}

#[test]
fn the_cover_takes_what_brings_most_for_its_cost() {
    let all =
        [candidate(&[1, 2, 3], 10), candidate(&[1], 1), candidate(&[2, 3], 4), candidate(&[4], 50)];
    assert_eq!(chosen(&all, &[], 9), [1, 2, 3]);
    assert_eq!(chosen(&all, &[4, 1], 9), [2]);
    assert_eq!(chosen(&all, &[], 1), [1]);
    assert_eq!(chosen(&[candidate(&[1], 2), candidate(&[1], 2)], &[], 9), [0]);
}

#[test]
fn a_cover_of_thousands_takes_no_time() {
    // Overlapping runs of items: each choice makes many others worth less.
    let all: Vec<Candidate> = (0..5_000_u64)
        .map(|at| {
            let items: Vec<u64> = (at..at + 40 + at % 7).collect();
            candidate(&items, 10 + at % 13)
        })
        .collect();
    let started = std::time::Instant::now();
    let chosen = cover(&all, &BTreeSet::new(), usize::MAX);
    let reached: BTreeSet<u64> = chosen.iter().flat_map(|(_, items)| items).copied().collect();
    assert!(all.iter().all(|candidate| candidate.items.is_subset(&reached)));
    // Looking at every candidate for each choice takes a minute: a process that is silent for so long is ended.
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
}

/// A case as it was recorded.
fn recorded_case(message: &Value) -> ExistingCase {
    let n = message["n"].as_i64().unwrap();
    ExistingCase {
        name: format!("fake::generated/{n}"),
        env: BTreeMap::new(),
        message: message.clone(),
        outcome: Some(FakeSubject::outcome(n, 0)),
    }
}

/// A case of which the model has another outcome now.
fn failing_case(message: &Value) -> ExistingCase {
    ExistingCase { outcome: Some(CaseOutcome::empty()), ..recorded_case(message) }
}

fn plan(pool: &[Value]) -> SelectionPlan {
    SelectionPlan {
        pool: pool.iter().cloned().map(input_of).collect(),
        most: 100,
        ..SelectionPlan::default()
    }
}

#[test]
fn few_cases_are_there_for_the_kind_of_their_outcome_alone() {
    // Each `n` has a kind of its own, and a mutant is reached by all.
    let pool: Vec<Value> = (0..60).map(|n| json!({ "n": n })).collect();
    let kinds = |recorded: &[ModelInput]| {
        let mut subject = FakeSubject { has_kinds: true, ..FakeSubject::default() };
        let recorded = recorded.iter().map(|input| recorded_case(&input.message));
        let plan = SelectionPlan { recorded: recorded.collect(), ..plan(&pool) };
        let selection = select(&mut subject, plan, &Variants::default(), &|_, _| false);
        selection.chosen.iter().map(Choice::input).collect::<Vec<_>>()
    };
    let first = kinds(&[]);
    assert!((20..25).contains(&first.len()), "{}", first.len());
    // A second run adds nothing.
    assert_eq!(kinds(&first), []);
}

fn run(plan: SelectionPlan) -> (Vec<Value>, Selection) {
    let selection = select(&mut FakeSubject::default(), plan, &Variants::default(), &|_, _| false);
    (selection.chosen.iter().map(|choice| choice.message.clone()).collect(), selection)
}

#[test]
fn chosen_inputs_are_small_and_catch_what_all_catch() {
    let pool = [json!({"n": 977}), json!({"n": 4711}), json!({"n": -80}), json!({"n": 3})];
    let (chosen, selection) = run(plan(&pool));
    // The mutants of the subject differ at 10, at 1,000 and below 0.
    assert_eq!(selection.caught, BTreeSet::from([1, 2, 3, 4]));
    assert!(chosen.len() <= 3, "{chosen:?}");
    for choice in &chosen {
        assert!(["-1", "10", "1000"].contains(&&*choice["n"].to_string()), "{choice}");
    }
}

#[test]
fn existing_cases_come_first_and_only_the_rest_is_added() {
    let pool = [json!({"n": 977}), json!({"n": 4711}), json!({"n": -80})];
    let fixed = SelectionPlan { fixed: vec![recorded_case(&json!({"n": 4711}))], ..plan(&pool) };
    let (chosen, _) = run(fixed);
    assert_eq!(chosen.len(), 1, "{chosen:?}");
    // What was chosen is recorded now: nothing is added, nothing is unneeded.
    let recorded: Vec<ExistingCase> = run(plan(&pool)).0.iter().map(recorded_case).collect();
    let again = SelectionPlan { recorded: recorded.clone(), ..plan(&pool) };
    let (chosen, selection) = run(again);
    assert!(chosen.is_empty(), "{chosen:?}");
    assert!(selection.unneeded.is_empty());
    let doubled = recorded.iter().chain(&recorded).cloned().collect();
    let (_, selection) = run(SelectionPlan { recorded: doubled, ..plan(&pool) });
    assert_eq!(selection.unneeded.len(), recorded.len());
}

#[test]
fn a_case_that_fails_before_the_search_catches_nothing() {
    let pool = [json!({"n": 977}), json!({"n": 4711}), json!({"n": -80})];
    let (chosen, all) = run(plan(&pool));
    // One made by hand leaves its work to others, but not to a copy of itself.
    let by_hand = vec![failing_case(&chosen[0])];
    let (others, selection) = run(SelectionPlan { fixed: by_hand, ..plan(&pool) });
    assert_eq!(selection.caught, all.caught);
    assert!(others.len() >= chosen.len() && !others.contains(&chosen[0]), "{others:?}");
    assert_eq!(selection.failing.len(), 1);
    // A generated one keeps its place: recorded again, it catches what it did.
    let mut recorded: Vec<ExistingCase> = chosen.iter().map(recorded_case).collect();
    recorded[0] = failing_case(&chosen[0]);
    let (others, selection) = run(SelectionPlan { recorded, ..plan(&pool) });
    assert!(others.is_empty(), "{others:?}");
    assert!(selection.caught.len() < all.caught.len(), "{:?}", selection.caught);
    assert_eq!(selection.failing, [recorded_case(&chosen[0]).name]);
    assert!(selection.unneeded.is_empty());
}

#[test]
fn a_mutant_that_ends_processes_is_not_run_with_more_inputs_than_needed() {
    // It ended the process with 4711 in the search.
    let pool = [json!({"n": 977}), json!({"n": 4711}), json!({"n": 8_000}), json!({"n": 9_000})];
    let mut subject = FakeSubject { fatal: vec![(4, 4_711)], ..FakeSubject::default() };
    let selection = select(&mut subject, plan(&pool), &Variants::default(), &|_, _| false);
    assert!(selection.caught.contains(&4), "{:?}", selection.caught);
    let chosen: Vec<&Value> = selection.chosen.iter().map(|choice| &choice.message).collect();
    assert!(chosen.contains(&&json!({"n": 1_000})), "{chosen:?}");
    // The shrunk input is confirmed once; no other one is risked.
    assert!(subject.risked.iter().all(|run| *run == (4, 1_000)), "{:?}", subject.risked);
}

#[test]
fn an_existing_case_that_ends_the_process_is_a_finding() {
    let mut subject = FakeSubject { fatal: vec![(0, 977)], ..FakeSubject::default() };
    let fixed = vec![recorded_case(&json!({"n": 977}))];
    let plan = SelectionPlan { fixed, ..plan(&[json!({"n": 12})]) };
    let selection = select(&mut subject, plan, &Variants::default(), &|_, _| false);
    assert_eq!(selection.findings.len(), 1);
    assert_eq!(selection.findings[0].reason, "the process ended");
    assert!(!selection.chosen.is_empty());
}

#[test]
fn a_finding_is_shrunk_and_never_chosen() {
    let finding = crate::search::Finding::new(
        &input_of(json!({"n": -7, "text": "long text"})),
        "the model panicked: seven, at a.rs:1".to_owned(),
    );
    let (chosen, selection) =
        run(SelectionPlan { findings: vec![finding], ..plan(&[json!({"n": -7})]) });
    assert!(chosen.is_empty());
    assert_eq!(selection.findings[0].message, json!({"n": -7}));
}

#[test]
fn what_was_rejected_is_not_chosen_again() {
    let pool = [json!({"n": 977}), json!({"n": 10})];
    let rejected = |_: &FakeSubject, input: &ModelInput| input.message == json!({"n": 10});
    let selection =
        select(&mut FakeSubject::default(), plan(&pool), &Variants::default(), &rejected);
    assert!(!selection.chosen.is_empty());
    assert!(selection.chosen.iter().all(|choice| choice.message != json!({"n": 10})));
}

fn described() -> TypeDescription {
    let field = |name, number, shape| Field::new(name, number, shape);
    TypeDescription::new(|shapes| {
        shapes.structure("pair", |_| StructureShape {
            name: "Pair",
            docs: "",
            open: false,
            reserved: &[],
            reserved_names: &[],
            fields: vec![
                field("a", 1, Shape::Text),
                field("b", 2, Shape::Text),
                field("items", 3, Shape::List(Box::new(Shape::Bool))),
                field("n", 4, Shape::Int { bits: 32, signed: true }),
                field("at", 5, Shape::Timestamp),
            ],
        })
    })
}

#[test]
fn a_case_is_named_by_what_is_rarest_in_it() {
    let described = described();
    let texts = ["quartz".to_owned()];
    let giver = NameGiver {
        input: &described,
        output: &TypeDescription::new(|_| Shape::Bool),
        texts: &texts,
    };
    let plain = CaseOutcome { messages: vec!["true".to_owned()], ..CaseOutcome::empty() };
    let error = ErrorOutcome {
        kind: "ParseError".to_owned(),
        message: "invalid digit 7 in \"86400 s\"".to_owned(),
    };
    let failed = CaseOutcome { error: Some(error), ..CaseOutcome::empty() };
    let cases = [
        (json!({"a": ""}), &plain),
        (json!({"a": "x1", "b": "x1"}), &plain),
        (json!({"items": []}), &plain),
        (json!({"n": 2_147_483_647}), &plain),
        (json!({"at": "2000-02-29T00:00:00Z"}), &plain),
        (json!({"a": "quartz"}), &plain),
        (json!({"n": 5}), &failed),
        (json!({"a": "", "b": "1.5h"}), &plain),
        (json!({"a": "2-1", "b": "2-2"}), &plain),
        (json!({"a": "2-2", "b": "2-2", "items": [true, true]}), &plain),
        (json!({"n": -86_400}), &failed),
        (json!({"a": "ü", "b": "ö"}), &plain),
        (json!({"a": "ä", "b": "ö"}), &plain),
    ];
    let cases: Vec<_> =
        cases.into_iter().map(|(input, outcome)| (input_of(input), outcome)).collect();
    let names = giver.names(&cases, &BTreeSet::from(["no-items".to_owned()]));
    assert_eq!(
        names,
        [
            "empty-a",
            "a-x1",
            "no-items-2",
            "max-n",
            "leap-day",
            "quartz",
            "error-invalid-digit-n-5",
            "b-1-dot-5h",
            "a-2-1",
            "2-equal-items",
            "error-invalid-digit-negative-n",
            "non-ascii-a",
            "non-ascii-a-2",
        ]
    );
    for name in &names {
        assert!(athena_cases::layout::check(name, "case name").is_ok(), "{name}");
    }
}

#[test]
fn an_error_is_named_by_its_first_clause() {
    for (message, expected) in [
        ("number is too large", "error-number-is-too-large"),
        ("unknown time unit \"hx\", supported units: ns, us, ms", "error-unknown-time-unit"),
        ("time unit needed, for example 5sec or 5ms", "error-time-unit-needed"),
        ("can't read 'a b' here", "error-cant-read-here"),
        ("expected number at 3", "error-expected-number"),
        (
            "unexpected end of input while parsing major version number",
            "error-unexpected-end-of-input",
        ),
        ("7", "error-parse-error"),
    ] {
        assert_eq!(super::tags::error_tag("::a::ParseError", message), expected);
    }
}

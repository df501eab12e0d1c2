use athena_protocol::Literals;

use super::*;
use crate::fake::{FakeSubject, described};
use crate::random::Random;
use crate::values::{Pools, ValueGenerator};

fn rounds(seed: u64, count: u64, order: &[u64]) -> Merged {
    let described = described();
    let literals = Literals { integers: vec!["-7".to_owned()], ..Literals::default() };
    let generator = ValueGenerator::new(&described, Pools::new(&literals), Random::new(&[]));
    let mut merged = Merged::default();
    for round in 0..count {
        let mut results: Vec<(u64, RoundResult)> = order
            .iter()
            .map(|&shard| {
                // As another process would: nothing is left from another part.
                let mut searcher = Searcher {
                    subject: FakeSubject::default(),
                    generator: generator.clone(),
                    variables: Vec::new(),
                    seeds: Vec::new(),
                };
                let plan = RoundPlan { seed, round, shard, budget: 60, fatal: 4, millis: 60_000 };
                (shard, searcher.run(plan, &merged.corpus))
            })
            .collect();
        results.sort_by_key(|(shard, _)| *shard);
        merge(&mut merged, results.into_iter().map(|(_, result)| result));
    }
    merged
}

fn texts(merged: &Merged) -> Vec<String> {
    merged.corpus.pool().iter().map(|input| input.message.to_string()).collect()
}

#[test]
fn every_mutant_is_caught_and_the_panic_is_a_finding() {
    let merged = rounds(1, 3, &[0, 1, 2, 3, 4, 5, 6, 7]);
    for mutant in 1..=3 {
        assert!(merged.corpus.is_caught(mutant), "{mutant}");
    }
    assert_eq!(merged.findings.len(), 1);
    assert_eq!(merged.findings[0].message["n"], -7);
    assert!(merged.corpus.pool().iter().all(|input| input.message["n"] != -7));
}

#[test]
fn inputs_that_end_the_process_are_findings_and_end_a_part_in_time() {
    let described = described();
    let generator =
        ValueGenerator::new(&described, Pools::new(&Literals::default()), Random::new(&[]));
    let subject = FakeSubject {
        fatal: (-100..100).filter(|n| n % 3 == 0).map(|n| (0, n)).collect(),
        ..FakeSubject::default()
    };
    let (variables, seeds) = (Vec::new(), Vec::new());
    let mut searcher = Searcher { subject, generator, variables, seeds };
    let plan = RoundPlan { seed: 1, round: 0, shard: 0, budget: 1_000, fatal: 3, millis: 60_000 };
    let result = searcher.run(plan, &Corpus::default());
    assert_eq!(result.findings.len(), 1, "they have one reason");
    assert!(!result.kept.is_empty() && result.runs < 1_000, "{} runs", result.runs);
}

#[test]
fn the_order_in_which_parts_run_changes_nothing() {
    let first = rounds(7, 2, &[0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(texts(&first), texts(&rounds(7, 2, &[7, 3, 1, 0, 2, 6, 5, 4])));
    assert_eq!(texts(&first), texts(&rounds(7, 2, &[0, 1, 2, 3, 4, 5, 6, 7])));
}

#[test]
fn the_smallest_input_of_a_feature_is_kept() {
    let merged = rounds(1, 4, &[0, 1, 2, 3, 4, 5, 6, 7]);
    let pool = texts(&merged);
    assert!(pool.iter().any(|text| text == "{\"n\":0}"), "{pool:?}");
    assert!(pool.len() < 16, "{pool:?}");
}

#[test]
fn shapes_of_outcomes_without_end_do_not_fill_the_corpus_nor_prolong_the_search() {
    use crate::shapes::OUTCOME;
    use crate::size::InputSize;
    let mut corpus = Corpus::default();
    let mut add = |n: u64, shape: u64, kind: u64| {
        let input = crate::fake::input_of(serde_json::json!({ "n": 100 + n % 900 }));
        corpus.add(Entry {
            env: [("N".to_owned(), n.to_string())].into(),
            message: input.message.clone(),
            features: vec![16, OUTCOME | shape],
            kinds: vec![OUTCOME | kind],
            caught: Vec::new(),
            rarest: None,
            size: InputSize::new(&input),
        })
    };
    assert_eq!(add(1, 1, 1), Some(true), "it reaches code");
    // Each has a shape of its own, which is worth keeping for a while, but nothing that a case can be there for.
    let kept = (2..2_000).map(|n| add(n, n, 1)).collect::<Vec<_>>();
    assert!(kept.iter().all(|is_new| *is_new != Some(true)));
    assert!((400..600).contains(&kept.iter().flatten().count()));
    // Another kind of outcome still counts.
    assert_eq!(add(2_000, 2_000, 2), Some(true));
}

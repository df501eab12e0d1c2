use athena_protocol::{Difference, Failure, FailureKind};
use serde_json::Value;

use super::*;

fn failure(case: &str, changes: &[(&str, Value, Value)]) -> Failure {
    let differences = changes
        .iter()
        .map(|(path, old, new)| Difference {
            pointer: (*path).to_owned(),
            path: (*path).to_owned(),
            old: Some(old.clone()),
            new: Some(new.clone()),
            ..Difference::default()
        })
        .collect();
    Failure {
        name: format!("m::f::{case}"),
        label: None,
        model: "m::f".to_owned(),
        kind: FailureKind::Differs,
        file: format!("fixtures/m/f/{case}.json"),
        line: 1,
        reason: String::new(),
        differences,
        left_out: 0,
        env: None,
        input: None,
        recorded: None,
        now: None,
        digest: String::new(),
        printed: String::new(),
        micros: 0,
    }
}

fn clusters(failures: &[Failure]) -> Vec<Cluster> {
    let mut clusters = Clusters::default();
    for failure in failures {
        clusters.add(failure);
    }
    clusters.finish()
}

#[test]
fn numbers_that_change_at_one_path_are_one_cluster_with_its_range() {
    let found = clusters(&[
        failure("a", &[("/energy", 100.into(), 103.into())]),
        failure("b", &[("/energy", 1000.into(), 1029.into())]),
        failure("c", &[("/energy", 10.0.into(), 10.34.into())]),
    ]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].title().as_str(), found[0].cases, found[0].example()),
        ("/energy", 3, "a".to_owned())
    );
    assert_eq!(found[0].by(), "median +3 % (+2.9 % .. +3.4 %)");
}

#[test]
fn what_rounding_leaves_of_one_factor_has_no_histogram() {
    let scaled = |at: i32| {
        let old = f64::from(at) * 1.1;
        failure(&format!("c{at}"), &[("/a", old.into(), (old * 1.07).into())])
    };
    let all: Vec<Failure> = (1..30).map(scaled).collect();
    let place = &clusters(&all)[0].places[0];
    assert_eq!((place.by().as_str(), place.change.as_ref().unwrap().histogram()), ("+7 %", None));
}

#[test]
fn many_changes_have_a_histogram() {
    let all: Vec<Failure> = (0..40_i64)
        .map(|at| failure(&at.to_string(), &[("/n", 0.into(), (at % 16).into())]))
        .collect();
    let change = clusters(&all)[0].places[0].change.clone().unwrap();
    assert_eq!(change.bars.iter().sum::<u64>(), 40);
    let shown = change.histogram().unwrap();
    assert!(shown.starts_with("0 \u{2588}") && shown.ends_with("\u{2586} +15"), "{shown}");
    assert_eq!(clusters(&all[..2])[0].places[0].change.as_ref().unwrap().histogram(), None);
}

#[test]
fn a_change_from_zero_is_told_as_a_difference() {
    let found = clusters(&[
        failure("a", &[("/n", 0.into(), 2.into())]),
        failure("b", &[("/n", 1.into(), 5.into())]),
    ]);
    assert_eq!(found[0].by(), "median +3 (+2 .. +4)");
}

#[test]
fn changes_in_both_directions_have_a_median_each() {
    let changed = |at: i64, now: i64| failure(&at.to_string(), &[("/n", 100.into(), now.into())]);
    let mut all: Vec<Failure> = (0..20).map(|at| changed(at, 103)).collect();
    all.extend((20..38).map(|at| changed(at, 96)));
    let change = |all: &[Failure]| clusters(all)[0].places[0].change.clone().unwrap();
    assert_eq!(change(&all).to_string(), "20 up (median +3 %), 18 down (median -4 %)");
    all.truncate(21);
    assert_eq!(change(&all).to_string(), "20 up (median +3 %), 1 down (-4 %)");
    all.truncate(20);
    assert_eq!(change(&all).to_string(), "+3 %");
    assert_eq!(change(&all).directions, None);
}

#[test]
fn a_change_of_sign_is_told_as_a_difference() {
    let found = clusters(&[failure("a", &[("/n", (-2).into(), 3.into())])]);
    assert_eq!(found[0].by(), "+5");
}

#[test]
fn values_that_are_no_numbers_are_counted_by_what_became_what() {
    let level = |case: &str, new: &str| failure(case, &[("/level", "Green".into(), new.into())]);
    let found = clusters(&[level("a", "Red"), level("b", "Red"), level("c", "Orange")]);
    assert_eq!(found[0].by(), "\"Green\" -> \"Red\" in 2, \"Green\" -> \"Orange\"");
    let mixed = clusters(&[
        failure("a", &[("/x", 1.into(), 2.into())]),
        failure("b", &[("/x", "a".into(), 2.into())]),
        failure("c", &[("/x", 1.into(), 2.into())]),
    ]);
    assert_eq!(mixed[0].places[0].change, None);
}

#[test]
fn panics_that_differ_in_a_number_are_one_and_keep_their_place() {
    let panic = |case: &str, index: u32| Failure {
        kind: FailureKind::Failed,
        reason: format!(
            "the model panicked: the len is 3 but the index is {index}, at src/lib.rs:10\nmore"
        ),
        ..failure(case, &[])
    };
    let same = clusters(&[panic("a", 7), panic("b", 7)]);
    assert_eq!(
        same[0].title(),
        "the model panicked: the len is 3 but the index is 7, at src/lib.rs:10"
    );
    let found = clusters(&[panic("a", 7), panic("b", 12)]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].title(),
        "the model panicked: the len is 3 but the index is #, at src/lib.rs:10"
    );
}

/// Failures with a reason, and the titles of their clusters. The index has to agree.
fn titles(reasons: &[(&str, &str)]) -> Vec<(String, u64)> {
    let failed = |(input, reason): &(&str, &str)| Failure {
        kind: FailureKind::Failed,
        reason: (*reason).to_owned(),
        input: athena_protocol::JsonText::new(input),
        ..failure(reason, &[])
    };
    let all: Vec<Failure> = reasons.iter().map(failed).collect();
    let found = clusters(&all);
    let index = ClusterIndex::new(&found);
    let mut counts = vec![0; found.len()];
    for one in &all {
        counts[index.cluster_of(one).unwrap()] += 1;
    }
    assert_eq!(counts, found.iter().map(|one| one.cases).collect::<Vec<_>>());
    found.iter().map(|one| (one.title(), one.cases)).collect()
}

#[test]
fn reasons_that_differ_in_values_are_one_cluster_and_names_are_not_values() {
    let panics = titles(&[
        ("{}", "the model panicked: no rate for EUR, at src/lib.rs:10"),
        ("{}", "the model panicked: no rate for New Zealand, at src/lib.rs:10"),
        ("{}", "the model panicked: no rate for EUR, at src/lib.rs:11"),
    ]);
    let first = "the model panicked: no rate for #, at src/lib.rs:10".to_owned();
    let second = "the model panicked: no rate for EUR, at src/lib.rs:11".to_owned();
    assert_eq!(panics, [(first, 2), (second, 1)]);
    let unread = titles(&[
        (r#"{"city":"Oslo"}"#, "/city: unknown variant `Oslo`, did you mean `Osaka`? (line 1)"),
        (r#"{"city":"Rom"}"#, "/city: unknown variant `Rom`, did you mean `Roma`? (line 1)"),
        ("{}", "missing field `id` (line 1)"),
        ("{}", "missing field `name` (line 1)"),
    ]);
    assert_eq!(unread.iter().map(|(_, cases)| *cases).collect::<Vec<_>>(), [2, 1, 1]);
    assert_eq!(unread[0].0, "/city: unknown variant `#`, did you mean `#`? (line 1)");
    let quoted = titles(&[("{}", "not a date: \"a b\""), ("{}", "not a date: \"c\"")]);
    assert_eq!(quoted, [("not a date: \"#\"".to_owned(), 2)]);
}

/// Failures whose outcomes differ at these paths.
fn at(sets: &[(&str, &[&str])]) -> Vec<Failure> {
    let change = |path: &&'static str| (*path, Value::from(1), Value::from(2));
    sets.iter()
        .map(|(case, paths)| {
            let paths: Vec<&'static str> =
                paths.iter().map(|path| &*path.to_string().leak()).collect();
            Failure {
                digest: "d".to_owned(),
                ..failure(case, &paths.iter().map(change).collect::<Vec<_>>())
            }
        })
        .collect()
}

#[test]
fn a_case_is_in_one_cluster_that_of_its_set_of_places() {
    let all =
        at(&[("a", &["/z", "/b"]), ("b", &["/z", "/b"]), ("c", &["/b"]), ("d", &["/b", "/z"])]);
    let found = clusters(&all);
    let sizes: Vec<_> = found.iter().map(|one| (one.title(), one.cases)).collect();
    // In the order in which the first case has them, which is that of the type.
    assert_eq!(sizes, [("/z, /b".to_owned(), 3), ("/b".to_owned(), 1)]);
    assert_eq!(found.iter().map(|one| one.cases).sum::<u64>(), all.len() as u64);
    let index = ClusterIndex::new(&found);
    let of: Vec<_> = all.iter().map(|one| index.cluster_of(one)).collect();
    assert_eq!(of, [Some(0), Some(0), Some(1), Some(0)]);
    assert_ne!(found[0].id, found[1].id);
    assert_eq!(clusters(&all[..1])[0].id, found[0].id, "the same in another run");
    assert_eq!(
        found[0].accept_command().unwrap(),
        format!("cargo athena accept --cluster {}", found[0].id)
    );
}

#[test]
fn many_sets_of_places_are_grouped_by_the_most_frequent_places() {
    let names: Vec<String> = (0..30).map(|at| format!("/p{at:02}")).collect();
    let mut sets: Vec<(&str, Vec<&str>)> =
        names.iter().map(|name| (name.as_str(), vec!["/all", name.as_str()])).collect();
    sets.push(("rest-1", vec!["/q", "/r"]));
    sets.push(("rest-2", vec!["/q"]));
    sets.push(("alone", vec!["/p07"]));
    let sets: Vec<(&str, &[&str])> = sets.iter().map(|(case, set)| (*case, &set[..])).collect();
    let all = at(&sets);
    let found = clusters(&all);
    let shown: Vec<_> = found.iter().map(|one| (one.title(), one.cases)).collect();
    assert_eq!(
        shown,
        [
            ("/all and other places".to_owned(), 30),
            ("/q and other places".to_owned(), 2),
            ("/p07".to_owned(), 1)
        ]
    );
    let index = ClusterIndex::new(&found);
    let mut counts = vec![0; found.len()];
    for one in &all {
        counts[index.cluster_of(one).unwrap()] += 1;
    }
    assert_eq!(counts, [30, 2, 1], "the index agrees with the clusters");
}

#[test]
fn what_can_not_be_accepted_has_no_command_and_is_apart() {
    let mut all = at(&[("a", &["/x"]), ("b", &["/x"])]);
    all[1].digest.clear();
    let found = clusters(&all);
    assert_eq!(found.len(), 2);
    assert_eq!(found.iter().filter(|one| one.accept_command().is_some()).count(), 1);
    let index = ClusterIndex::new(&found);
    assert_ne!(index.cluster_of(&all[0]), index.cluster_of(&all[1]));
}

#[test]
fn the_cases_of_a_cluster_are_summed_up_as_one_whatever_is_left_of_it() {
    let all = at(&[("a", &["/x", "/y"]), ("b", &["/x"])]);
    let mut clusters = Clusters::default();
    for one in &all {
        clusters.add(one);
    }
    let one = clusters.finish_as_one().unwrap();
    assert_eq!((one.title().as_str(), one.cases), ("/x and other places", 2));
    assert!(Clusters::default().finish_as_one().is_none());
}

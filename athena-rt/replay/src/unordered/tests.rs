//! Matchings against a search through all pairs, and their time.

use std::time::{Duration, Instant};

use athena_cases::case::CaseOutcome;
use athena_protocol::Difference;
use athena_structure::description::{Field, Shape, Shapes, StructureShape, TypeDescription};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::align::aligned;
use crate::compare::compare;

fn float() -> Shape {
    Shape::Float { bits: 64 }
}

/// A structure with one unordered list of these items.
fn described(item: impl FnOnce(&mut Shapes) -> Shape, abs: Option<f64>) -> TypeDescription {
    let tolerant = |field: Field| match abs {
        Some(_) => field.tolerance(abs, None, None),
        None => field,
    };
    list_of(item, tolerant)
}

fn list_of(
    item: impl FnOnce(&mut Shapes) -> Shape,
    change: impl FnOnce(Field) -> Field,
) -> TypeDescription {
    TypeDescription::new(|shapes| {
        shapes.structure("Out", |shapes| {
            let list = Shape::List(Box::new(item(shapes)));
            structure("Out", vec![change(Field::new("v", 1, list).unordered())])
        })
    })
}

fn structure(name: &'static str, fields: Vec<Field>) -> StructureShape {
    StructureShape { name, docs: "", open: false, reserved: &[], reserved_names: &[], fields }
}

fn item(name: &'static str, fields: Vec<Field>) -> impl FnOnce(&mut Shapes) -> Shape {
    move |shapes| shapes.structure(name, |_| structure(name, fields))
}

fn differences(described: &TypeDescription, old: &Value, new: &Value) -> Vec<Difference> {
    compare(described, &json!({ "v": old }), &json!({ "v": new }))
}

fn pointers(found: &[Difference]) -> Vec<&str> {
    found.iter().map(|one| one.pointer.as_str()).collect()
}

/// The time that a comparison may take: tests are mostly not optimised.
fn within(seconds: u64, run: impl FnOnce()) {
    let limit = Duration::from_secs(if cfg!(debug_assertions) { seconds * 15 } else { seconds });
    let started = Instant::now();
    run();
    assert!(started.elapsed() < limit, "it took {:?}", started.elapsed());
}

fn point() -> TypeDescription {
    let tolerant =
        |name, number| Field::new(name, number, float()).tolerance(Some(0.1), None, None);
    described(item("Point", vec![tolerant("x", 1), tolerant("y", 2)]), None)
}

#[test]
fn a_tolerance_does_not_pair_greedily() {
    let floats = described(|_| float(), Some(0.06));
    assert_eq!(differences(&floats, &json!([1.0, 1.05]), &json!([1.05, 0.98])), []);
    // Equal items must let go of each other.
    assert_eq!(differences(&floats, &json!([1.0, 1.05]), &json!([1.05, 1.1])), []);
    let points = point();
    let old = json!([{"x": 0.0, "y": 0.0}, {"x": 0.05, "y": 0.05}, {"x": 0.1, "y": 0.0}]);
    let new = json!([{"x": 0.05, "y": 0.05}, {"x": 0.1, "y": 0.1}, {"x": -0.05, "y": 0.0}]);
    assert_eq!(differences(&points, &old, &new), []);
}

#[test]
fn nested_lists_options_maps_and_volatile_fields_are_compared_as_their_types_say() {
    let nested = described(|_| Shape::List(Box::new(float())), Some(0.06));
    let (old, new) = (json!([[1.0, 1.05], [], [7.0]]), json!([[7.05], [1.05, 0.98], []]));
    assert_eq!(differences(&nested, &old, &new), []);
    assert_eq!(differences(&nested, &json!([[1.0]]), &json!([[1.0, 1.0]])).len(), 2);

    let inner = Field::new("list", 1, Shape::List(Box::new(Shape::Text))).unordered();
    let fields = vec![
        inner,
        Field::new("at", 2, Shape::Text).volatile(),
        Field::new("note", 3, Shape::Option(Box::new(Shape::Text))),
        Field::new("map", 4, Shape::Map(Box::new(Shape::Text), Box::new(float()))).tolerance(
            Some(0.1),
            None,
            None,
        ),
    ];
    let records = described(item("Record", fields), None);
    let old = json!([
        {"list": ["a", "b"], "at": "1", "note": null, "map": {"x": 1.0, "y": 2.0}},
        {"list": ["a", "a"], "at": "2", "note": "n", "map": {}},
    ]);
    let mut new = json!([
        {"list": ["a", "a"], "at": "3", "note": "n", "map": {}},
        {"list": ["b", "a"], "at": "4", "map": {"y": 2.05, "x": 0.95}},
    ]);
    assert_eq!(differences(&records, &old, &new), []);
    new[1]["at"] = json!(4);
    assert_eq!(pointers(&differences(&records, &old, &new)), ["/v/0/at"]);
}

#[test]
fn a_changed_item_is_shown_as_changed_not_as_gone_and_new() {
    let fields = vec![
        Field::new("id", 1, Shape::Text),
        Field::new("price", 2, Shape::Int { bits: 64, signed: true }),
    ];
    let records = described(item("Record", fields), None);
    let old = json!([{"id": "a", "price": 1}, {"id": "b", "price": 2}, {"id": "c", "price": 3}]);
    let new = json!([{"id": "c", "price": 3}, {"id": "b", "price": 9}, {"id": "a", "price": 1}]);
    let found = differences(&records, &old, &new);
    assert_eq!(pointers(&found), ["/v/1/price"]);
    assert_eq!(found[0].path, "/v/*/price");
    let new = json!([{"id": "x", "price": 7}, {"id": "b", "price": 2}, {"id": "a", "price": 1}]);
    assert_eq!(pointers(&differences(&records, &old, &new)), ["/v/2", "/v/-"]);

    let floats = described(|_| float(), Some(0.06));
    let found = differences(&floats, &json!([1.0, 2.0, 3.0]), &json!([3.0, 2.2, 1.0]));
    assert_eq!(pointers(&found), ["/v/1"]);
    assert!(found[0].note.as_ref().is_some_and(|note| note.starts_with("off by 0.2")));
}

#[test]
fn a_diff_shows_items_beside_their_matches() {
    let texts = described(|_| Shape::Text, None);
    let outcome = |items: &Value| CaseOutcome {
        many: false,
        messages: vec![json!({ "v": items }).to_string()],
        error: None,
    };
    let aligned = |old: &Value, new: &Value| {
        let (old, new) = aligned(&texts, &outcome(old), &outcome(new))?;
        Some((old.messages[0].clone(), new.messages[0].clone()))
    };
    let (old, new) = aligned(&json!(["a", "b", "c"]), &json!(["x", "c", "a"])).expect("reordered");
    assert_eq!(old, r#"{"v":["a","b","c"]}"#);
    assert_eq!(new, r#"{"v":["a","x","c"]}"#);
    let (_, new) = aligned(&json!(["a", "b"]), &json!(["a", "x"])).expect("read");
    assert_eq!(new, r#"{"v":["a","x"]}"#);
}

#[test]
fn items_are_counted() {
    let texts = described(|_| Shape::Text, None);
    assert_eq!(differences(&texts, &json!(["a", "b", "a"]), &json!(["a", "a", "b"])), []);
    let found = differences(&texts, &json!(["a", "b", "a"]), &json!(["b", "b", "a"]));
    assert_eq!(pointers(&found), ["/v/2", "/v/-"]);
}

#[test]
fn twenty_thousand_structures_in_reverse_take_less_than_a_second() {
    let fields = vec![
        Field::new("id", 1, Shape::Int { bits: 64, signed: true }),
        Field::new("name", 2, Shape::Text),
        Field::new("price", 3, float()).tolerance(Some(0.01), None, None),
    ];
    let records = described(item("Record", fields), None);
    let one = |id: i32| json!({"id": id, "name": format!("record {id}"), "price": f64::from(id)});
    let old: Vec<Value> = (0..20_000).map(one).collect();
    let new: Vec<Value> = old.iter().rev().cloned().collect();
    let (old, new) = (json!(old), json!(new));
    within(1, || assert_eq!(differences(&records, &old, &new), []));
}

#[test]
fn many_items_within_reach_of_each_other_are_matched_fast() {
    let floats = described(|_| float(), Some(1.0));
    let old: Vec<f64> = (0..10_000).map(|at| f64::from(at) * 1e-5).collect();
    let new: Vec<f64> = old.iter().map(|value| value + 0.5).collect();
    within(1, || assert_eq!(differences(&floats, &json!(old), &json!(new)), []));
    // The same in two dimensions, and a chain in which each has to give way to the next.
    for (step, shift) in [(1e-6, 0.05), (0.07, 0.07)] {
        let at = |index: i32, by: f64| {
            let x = f64::from(index) * step + by;
            json!({"x": x, "y": f64::from(index % 7) * 1e-3})
        };
        let old: Vec<Value> = (0..10_000).map(|index| at(index, 0.0)).collect();
        let new: Vec<Value> = (0..10_000).rev().map(|index| at(index, shift)).collect();
        within(2, || assert_eq!(differences(&point(), &json!(old), &json!(new)), []));
    }
}

/// The size of a maximum matching, by trying every item of `new` for every one of `old`.
fn largest(described: &TypeDescription, old: &[Value], new: &[Value]) -> usize {
    fn augment(
        one: usize,
        edges: &[Vec<usize>],
        seen: &mut [bool],
        of_new: &mut [Option<usize>],
    ) -> bool {
        for &other in &edges[one] {
            if std::mem::replace(&mut seen[other], true) {
                continue;
            }
            if of_new[other].is_none_or(|next| augment(next, edges, seen, of_new)) {
                of_new[other] = Some(one);
                return true;
            }
        }
        false
    }
    // One item each: there is nothing to match.
    let is_same = |one: &Value, other: &Value| {
        differences(described, &json!([one]), &json!([other])).is_empty()
    };
    let edges: Vec<Vec<usize>> = old
        .iter()
        .map(|one| (0..new.len()).filter(|&other| is_same(one, &new[other])).collect())
        .collect();
    let mut of_new = vec![None; new.len()];
    (0..old.len())
        .filter(|&one| augment(one, &edges, &mut vec![false; new.len()], &mut of_new))
        .count()
}

/// The number of matched items, from the differences.
fn matched(described: &TypeDescription, old: &[Value], new: &[Value]) -> usize {
    let found = differences(described, &json!(old), &json!(new));
    let at = |one: &Difference| one.pointer.split('/').nth(2).unwrap_or_default().to_owned();
    let changed: std::collections::BTreeSet<String> =
        found.iter().map(at).filter(|at| at != "-").collect();
    old.len() - changed.len()
}

/// A few values close to each other, so that many pairs are within a tolerance of 0.1.
fn near() -> impl Strategy<Value = f64> {
    (-6..6_i32).prop_map(|step| f64::from(step) * 0.04)
}

proptest! {
    #[test]
    fn no_matching_is_larger(
        old in proptest::collection::vec((near(), near()), 0..9),
        new in proptest::collection::vec((near(), near()), 0..9),
    ) {
        let points = |list: &[(f64, f64)]| -> Vec<Value> {
            list.iter().map(|(x, y)| json!({"x": x, "y": y})).collect()
        };
        let (one, other) = (points(&old), points(&new));
        prop_assert_eq!(matched(&point(), &one, &other), largest(&point(), &one, &other));

        let floats = described(|_| float(), Some(0.1));
        let firsts = |list: &[(f64, f64)]| list.iter().map(|(x, _)| json!(x)).collect::<Vec<_>>();
        let (one, other) = (firsts(&old), firsts(&new));
        prop_assert_eq!(matched(&floats, &one, &other), largest(&floats, &one, &other));

        // Lists of lists: the inner ones are matched to compare the outer ones.
        let nested = described(|_| Shape::List(Box::new(float())), Some(0.1));
        let lists = |list: &[(f64, f64)]| list.iter().map(|(x, y)| json!([x, y])).collect::<Vec<_>>();
        let (one, other) = (lists(&old), lists(&new));
        prop_assert_eq!(matched(&nested, &one, &other), largest(&nested, &one, &other));
    }

    #[test]
    fn a_tolerance_of_more_than_all_is_matched_too(
        old in proptest::collection::vec(near(), 0..7), new in proptest::collection::vec(near(), 0..7),
        rel in prop_oneof![Just(0.5), Just(1.0), Just(1.5), Just(3.0)],
    ) {
        let described = list_of(|_| float(), |field| field.tolerance(None, Some(rel), None));
        let values = |list: &[f64]| list.iter().map(|x| json!(x)).collect::<Vec<_>>();
        let (old, new) = (values(&old), values(&new));
        prop_assert_eq!(matched(&described, &old, &new), largest(&described, &old, &new));
    }

    #[test]
    fn lists_of_structures_within_items_are_matched(
        old in proptest::collection::vec(proptest::collection::vec((near(), near()), 0..3), 0..5),
        new in proptest::collection::vec(proptest::collection::vec((near(), near()), 0..3), 0..5),
    ) {
        let described = described(
            |shapes| {
                let tolerant =
                    |name, number| Field::new(name, number, float()).tolerance(Some(0.1), None, None);
                let point = item("Point", vec![tolerant("x", 1), tolerant("y", 2)])(shapes);
                let points = Field::new("points", 1, Shape::List(Box::new(point))).unordered();
                item("Group", vec![points])(shapes)
            },
            None,
        );
        let groups = |list: &[Vec<(f64, f64)>]| -> Vec<Value> {
            let points = |list: &Vec<(f64, f64)>| -> Vec<Value> {
                list.iter().map(|(x, y)| json!({"x": x, "y": y})).collect()
            };
            list.iter().map(|group| json!({"points": points(group)})).collect()
        };
        let (old, new) = (groups(&old), groups(&new));
        prop_assert_eq!(matched(&described, &old, &new), largest(&described, &old, &new));
    }
}

use std::collections::BTreeSet;
use std::convert::Infallible;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn settings() -> ShrinkSettings {
    ShrinkSettings { variants: Variants::default(), budget: 100_000, batch: 16 }
}

fn input_of(message: Value) -> ModelInput {
    ModelInput { message, ..ModelInput::default() }
}

/// Shrinks, and fails unless the result has the same effect and no input was tried twice.
fn run(
    start: &ModelInput,
    settings: &ShrinkSettings,
    does: impl Fn(&ModelInput) -> bool,
) -> ShrinkResult {
    assert!(does(start), "the first input does it");
    let mut seen = BTreeSet::new();
    let mut count = 0;
    let shrunk = shrink(start, settings, |inputs| {
        assert!(!inputs.is_empty() && inputs.len() <= settings.batch);
        for input in inputs {
            assert!(seen.insert(format!("{input:?}")), "tried twice: {input:?}");
        }
        count += inputs.len();
        Ok::<_, Infallible>(inputs.iter().map(&does).collect())
    });
    let shrunk = shrunk.unwrap();
    assert!(does(&shrunk.input));
    assert_eq!(shrunk.evaluations, count);
    assert!(count <= settings.budget);
    shrunk
}

fn minimum(start: Value, does: impl Fn(&Value) -> bool) -> Value {
    let shrunk = run(&input_of(start), &settings(), |input| does(&input.message));
    assert!(shrunk.is_minimal);
    shrunk.input.message
}

fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

#[test]
fn bounds_are_found_exactly() {
    let start = json!({
        "amount": 987_654_321,
        "items": [{"name": "one", "price": 1.5}, {"name": "two"}, "three", [4], {"five": 5}],
        "note": "long and of no importance",
        "flags": {"a": true, "b": [1, 2, 3]},
    });
    let does = |message: &Value| {
        whole(&message["amount"]) >= 1000
            && message["items"].as_array().is_some_and(|items| items.len() >= 2)
    };
    assert_eq!(minimum(start, does), json!({ "amount": 1000, "items": [null, null] }));
}

#[test]
fn numbers_come_to_any_bound_in_few_steps() {
    for bound in [1, 2, 999, 1000, 1234, 4711, i64::MAX / 3] {
        let start = input_of(json!({ "n": i64::MAX }));
        let shrunk = run(&start, &settings(), |input| whole(&input.message["n"]) >= bound);
        assert_eq!(shrunk.input.message, json!({ "n": bound }));
        assert!(shrunk.evaluations < 200, "{}", shrunk.evaluations);
        let start = input_of(json!({ "n": -i64::MAX }));
        let shrunk = run(&start, &settings(), |input| whole(&input.message["n"]) <= -bound);
        assert_eq!(shrunk.input.message, json!({ "n": -bound }));
    }
}

#[test]
fn whole_numbers_are_simpler_than_fractions_and_few_digits_than_many() {
    let float = |message: &Value| message["x"].as_f64().unwrap_or_default();
    let start = json!({ "x": 0.731_462_9 });
    assert_eq!(minimum(start.clone(), |message| float(message) > 0.1), json!({ "x": 1 }));
    let between = |message: &Value| float(message) > 0.32 && float(message) < 0.9;
    assert_eq!(minimum(start, between), json!({ "x": 0.4 }));
    let huge = minimum(json!({ "x": 1.234_5e300 }), |message| float(message) > 1e200);
    assert!(huge.to_string().len() < 14, "{huge}");
}

#[test]
fn texts_get_short_and_plain() {
    let text = |message: &Value| message["t"].as_str().unwrap_or_default().to_owned();
    let start = json!({ "t": "The quick brown fox, 1984: Zürich" });
    assert_eq!(
        minimum(start.clone(), |message| text(message).chars().count() >= 3),
        json!({ "t": "aaa" })
    );
    assert_eq!(minimum(start.clone(), |message| text(message).contains('ü')), json!({ "t": "ü" }));
    let digits = |message: &Value| text(message).chars().filter(char::is_ascii_digit).count() >= 2;
    assert_eq!(minimum(start, digits), json!({ "t": "00" }));
}

#[test]
fn needles_are_found_in_long_lists() {
    let items: Vec<i64> = (0..1000).collect();
    let start = input_of(json!({ "items": items }));
    let has = |input: &ModelInput, number: i64| {
        input.message["items"].as_array().is_some_and(|items| items.contains(&number.into()))
    };
    let shrunk = run(&start, &settings(), |input| has(input, 17) && has(input, 803));
    assert_eq!(shrunk.input.message, json!({ "items": [17, 803] }));
    assert!(shrunk.evaluations < 600, "{}", shrunk.evaluations);
}

#[test]
fn the_inner_one_stands_for_those_around_it() {
    fn deepest(value: &Value) -> i64 {
        value.get("inner").map_or_else(|| whole(&value["leaf"]), deepest)
    }
    let mut nest = json!({ "leaf": 7 });
    for _ in 0..30 {
        nest = json!({ "inner": nest, "leaf": 0 });
    }
    let start = json!({ "nest": nest });
    let found = minimum(start, |message| message.get("nest").is_some_and(|n| deepest(n) >= 5));
    assert_eq!(found, json!({ "nest": { "leaf": 5 } }));
}

#[test]
fn variants_become_those_declared_first() {
    let variant = |name: &str, has_data| Variant { name: name.to_owned(), has_data };
    let variants = Variants::new(vec![vec![
        variant("Nothing", false),
        variant("Circle", true),
        variant("Dot", false),
    ]]);
    let settings = ShrinkSettings { variants, ..settings() };
    let is_shape = |input: &ModelInput| !input.message["shape"].is_null();
    for start in [json!("Dot"), json!({ "Circle": { "radius": 3 } })] {
        let known = |input: &ModelInput| match &input.message["shape"] {
            Value::String(name) => name == "Nothing" || name == "Dot",
            other => other.get("Circle").is_some(),
        };
        let start = input_of(json!({ "shape": start }));
        let shrunk = run(&start, &settings, |input| is_shape(input) && known(input));
        assert_eq!(shrunk.input.message, json!({ "shape": "Nothing" }));
    }
}

#[test]
fn variables_go_and_numbers_in_them_get_small() {
    let env = [("SEED", "4711"), ("NAME", "Zoe"), ("MODE", "fast")];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let start = ModelInput { env, message: json!({ "a": 1 }) };
    let shrunk = run(&start, &settings(), |input| {
        input.env.get("SEED").and_then(|seed| seed.parse().ok()).unwrap_or(0) >= 1234
            && input.env.contains_key("NAME")
    });
    let env = [("SEED", "1234"), ("NAME", "")];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert_eq!(shrunk.input, ModelInput { env, message: json!({}) });
}

#[test]
fn the_budget_is_kept_and_told() {
    let items: Vec<String> = (0..200).map(|number| format!("item {number}")).collect();
    let start = input_of(json!({ "items": items }));
    for budget in [0, 1, 17, 100] {
        let settings = ShrinkSettings { budget, ..settings() };
        let shrunk = run(&start, &settings, |input| {
            input.message["items"].as_array().is_some_and(|items| items.len() > 150)
        });
        assert!(!shrunk.is_minimal);
        assert!(shrunk.evaluations <= budget);
    }
}

#[test]
fn an_error_of_the_check_ends_the_search() {
    let start = input_of(json!({ "a": 1 }));
    let shrunk = shrink(&start, &settings(), |_| Err::<Vec<bool>, _>("no runner"));
    assert_eq!(shrunk.unwrap_err(), "no runner");
}

/// All inputs that are one simple step smaller: without one field, element, variable or character,
/// or with a number one nearer to zero, or zero.
fn one_step_smaller(input: &ModelInput) -> Vec<ModelInput> {
    fn steps(value: &Value) -> Vec<Value> {
        let mut found = Vec::new();
        match value {
            Value::Null => {}
            Value::Bool(is) => found.extend(is.then_some(Value::Bool(false))),
            Value::Number(number) => {
                found.push(0.into());
                found.extend(number.as_i64().map(|n| Value::from(n - n.signum())));
            }
            Value::String(text) => {
                let chars: Vec<char> = text.chars().collect();
                for at in 0..chars.len() {
                    let mut fewer = chars.clone();
                    fewer.remove(at);
                    found.push(fewer.into_iter().collect::<String>().into());
                    let mut simpler = chars.clone();
                    simpler[at] = 'a';
                    found.push(simpler.into_iter().collect::<String>().into());
                }
            }
            Value::Array(items) => {
                for at in 0..items.len() {
                    let mut fewer = items.clone();
                    fewer.remove(at);
                    found.push(fewer.into());
                    for inner in steps(&items[at]) {
                        let mut other = items.clone();
                        other[at] = inner;
                        found.push(other.into());
                    }
                }
            }
            Value::Object(fields) => {
                for (key, field) in fields {
                    let mut fewer = fields.clone();
                    fewer.remove(key);
                    found.push(fewer.into());
                    for inner in steps(field) {
                        let mut other = fields.clone();
                        other.insert(key.clone(), inner);
                        found.push(other.into());
                    }
                }
            }
        }
        found.retain(|other| other != value);
        found
    }
    let messages = steps(&input.message).into_iter();
    let mut found: Vec<ModelInput> =
        messages.map(|message| ModelInput { message, ..input.clone() }).collect();
    for name in input.env.keys() {
        let mut fewer = input.clone();
        fewer.env.remove(name);
        found.push(fewer);
    }
    found
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-10_000_i64..10_000).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Value::from),
        "[a-zA-Z0-9 ü]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-e]{1,2}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn input() -> impl Strategy<Value = ModelInput> {
    let fields = prop::collection::btree_map("[a-e]", value(), 0..4);
    let env = prop::collection::btree_map("[A-C]", "[a-z0-9]{0,4}", 0..3);
    (env, fields).prop_map(|(env, fields)| ModelInput {
        env,
        message: Value::Object(fields.into_iter().collect()),
    })
}

fn size(input: &ModelInput) -> Size {
    Size::new(&input.to_tree(), &Variants::default())
}

/// Counts of an input's contents, from which properties are made.
fn counts(input: &ModelInput) -> [u64; 6] {
    fn add(value: &Value, counts: &mut [u64; 6]) {
        match value {
            Value::Null => {}
            Value::Bool(is) => counts[0] += u64::from(*is),
            Value::Number(number) => {
                counts[1] += number.as_i64().map_or(0, |n| n.unsigned_abs().min(1 << 40));
            }
            Value::String(text) => counts[2] += text.chars().count() as u64,
            Value::Array(items) => {
                counts[3] += items.len() as u64;
                for item in items {
                    add(item, counts);
                }
            }
            Value::Object(fields) => {
                counts[4] += fields.len() as u64;
                for field in fields.values() {
                    add(field, counts);
                }
            }
        }
    }
    let mut counts = [0; 6];
    add(&input.message, &mut counts);
    counts[5] = input.env.len() as u64;
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_plain_step_from_the_result_does_the_same(
        start in input(),
        share in prop::array::uniform6(0_u64..=4),
        batch in 1_usize..20,
    ) {
        // A share of the contents of the start.
        let bounds = counts(&start);
        let does = |input: &ModelInput| {
            counts(input).iter().zip(bounds).zip(share).all(|((now, all), share)| {
                now * 4 >= all * share
            })
        };
        let settings = ShrinkSettings { batch, ..settings() };
        let shrunk = run(&start, &settings, does);
        prop_assert!(shrunk.is_minimal);
        let (before, after) =
            (size(&start), size(&shrunk.input));
        prop_assert!(after <= before);
        for smaller in one_step_smaller(&shrunk.input) {
            prop_assert!(
                size(&smaller) >= after || !does(&smaller),
                "{:?} does it as well as {:?}", smaller, shrunk.input
            );
        }
        let again = run(&start, &settings, does);
        prop_assert_eq!(&again.input, &shrunk.input);
        prop_assert_eq!(run(&shrunk.input, &settings, does).input, shrunk.input);
    }

    #[test]
    fn it_ends_whatever_the_check_says(start in input(), seed in any::<u64>()) {
        // Arbitrary verdicts, but always the same for the same input.
        let first = format!("{start:?}");
        let does = |input: &ModelInput| {
            let text = format!("{input:?}");
            let sum = text.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
            text == first || sum.is_multiple_of(3)
        };
        run(&start, &settings(), does);
    }
}

//! Pairs items that have no match with those they are most like, so that a person sees what changed
//! in an item, and not one that is gone and one that has come.

use std::collections::HashSet;

use athena_protocol::Difference;
use serde_json::Value;

use super::ItemMatches;

/// How many values are compared for it at most. Nobody reads thousands of changed items.
const MOST_COMPARED: usize = 200_000;

/// Takes pairs out of the unmatched items: of those that have at least half of their values in
/// common, or miss a tolerance, the most alike first. `compare` returns the differences of two items.
pub(crate) fn closest(
    left: &mut ItemMatches,
    old: &[Value],
    compare: impl Fn(usize, usize) -> Vec<Difference>,
) -> Vec<(usize, usize)> {
    let values: usize = left.old.iter().map(|&one| count(&old[one])).sum();
    if values.saturating_mul(left.new.len()) > MOST_COMPARED {
        return Vec::new();
    }
    let mut candidates = Vec::new();
    for &one in &left.old {
        for &other in &left.new {
            let found = compare(one, other);
            if found.len() * 2 <= count(&old[one]) || found.iter().all(is_missed_tolerance) {
                let distance: f64 = found.iter().map(distance).sum();
                candidates.push((found.len(), distance, one, other));
            }
        }
    }
    candidates
        .sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
    let (mut olds, mut news) = (HashSet::new(), HashSet::new());
    let mut pairs = Vec::new();
    for (_, _, one, other) in candidates {
        if !olds.contains(&one) && !news.contains(&other) {
            olds.insert(one);
            news.insert(other);
            pairs.push((one, other));
        }
    }
    left.old.retain(|one| !olds.contains(one));
    left.new.retain(|other| !news.contains(other));
    pairs.sort_unstable();
    pairs
}

/// The number of values in an item that are not empty.
fn count(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 1,
    }
}

fn is_missed_tolerance(difference: &Difference) -> bool {
    difference.note.as_ref().is_some_and(|note| note.starts_with(OFF_BY))
}

/// The beginning of the note on a float that misses its tolerance.
pub(crate) const OFF_BY: &str = "off by";

fn distance(difference: &Difference) -> f64 {
    let number = |value: &Option<Value>| value.as_ref().and_then(Value::as_f64);
    match (number(&difference.old), number(&difference.new)) {
        (Some(old), Some(new)) => (new - old).abs(),
        _ => 0.0,
    }
}

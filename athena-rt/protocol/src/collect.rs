//! Collecting and sorting, compiled once.
//!
//! The stable sort of the standard library is compiled for each type, and unoptimised it has as much code as a module of
//! this crate. `collect` sorts as well if it makes a `BTreeMap` or a `BTreeSet`. These serve where items are few; hot code
//! uses the standard library.

use std::cmp::Ordering;

/// The items, inserted one by one into a new collection.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use athena_protocol::collect::insert_all;
///
/// let map: BTreeMap<_, _> = insert_all([("b", 1), ("a", 2), ("b", 3)]);
/// assert_eq!(map, BTreeMap::from([("a", 2), ("b", 3)]));
/// ```
pub fn insert_all<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(items);
    all
}

/// Sorts the items as [`slice::sort_by`] does; equal items stay in order. Each item is moved twice.
///
/// ```
/// use athena_protocol::collect::sort_by;
///
/// let mut words = vec!["pear", "fig", "kiwi"];
/// sort_by(&mut words, |a, b| a.len().cmp(&b.len()));
/// assert_eq!(words, ["fig", "pear", "kiwi"]);
/// ```
pub fn sort_by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let order = sorted_positions(items.len(), &|a, b| compare(&items[a], &items[b]));
    let mut rest: Vec<Option<T>> = std::mem::take(items).into_iter().map(Some).collect();
    for at in order {
        items.extend(rest[at].take());
    }
}

/// The positions in the order of their items.
fn sorted_positions(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

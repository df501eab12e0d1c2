//! Matches the items of two lists whose order has no meaning.
//!
//! As many items as possible are matched: two that differ within their tolerances are only matched
//! if none of them is needed for another. Items are grouped by all that has to be equal; a group
//! without tolerances is matched by counting, one with a single float by sorting, any other by a
//! maximum matching of a graph whose edges are looked up, not stored. So the time grows with the
//! items, not with the pairs.
//!
//! | module | its job |
//! |---|---|
//! | `profile` | what has to be equal in two items, and the floats that may differ |
//! | `point_tree` | finds an item within the tolerances of another |
//! | `matching` | matches the items of a group |
//! | `closest` | pairs items that have no match, for a person to read |

mod closest;
mod matching;
mod point_tree;
mod profile;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use athena_structure::description::{Shape, Shapes};
use serde_json::Value;

pub(crate) use self::closest::{OFF_BY, closest};
pub(crate) use self::profile::{Rules, is_exact};

use self::matching::{Group, Item};
use self::profile::Profile;

/// The positions of items that match, and of those without a match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ItemMatches {
    /// In no order.
    pub(crate) pairs: Vec<(usize, usize)>,
    pub(crate) old: Vec<usize>,
    pub(crate) new: Vec<usize>,
}

/// Matches items of `old` with items of `new`, as many as possible. `is_same` compares two items in
/// full; it is asked only about items that a profile can't describe.
pub(crate) fn match_items(
    shapes: &Shapes,
    item: &Shape,
    rules: Rules,
    old: &[Value],
    new: &[Value],
    is_same: &dyn Fn(&Value, &Value) -> bool,
) -> ItemMatches {
    let items = |values: &[Value]| -> Vec<Item> {
        values.iter().map(|value| Item::new(Profile::new(shapes, item, rules, value))).collect()
    };
    let (old_items, new_items) = (items(old), items(new));
    let mut groups: HashMap<&[u8], (Vec<usize>, Vec<usize>)> = HashMap::new();
    let mut found = ItemMatches::default();
    for (at, one) in old_items.iter().enumerate() {
        match one.key() {
            Some(key) => groups.entry(key).or_default().0.push(at),
            None => found.old.push(at),
        }
    }
    for (at, one) in new_items.iter().enumerate() {
        match one.key() {
            Some(key) => groups.entry(key).or_default().1.push(at),
            None => found.new.push(at),
        }
    }
    let exact = |value: &Value| Profile::exact(shapes, item, rules, value);
    for (old_places, new_places) in groups.into_values() {
        let group = Group {
            old: &old_places,
            new: &new_places,
            old_items: &old_items,
            new_items: &new_items,
            is_same: &|one, other| is_same(&old[one], &new[other]),
            old_exact: &|at| exact(&old[at]),
            new_exact: &|at| exact(&new[at]),
        };
        let part = group.matches();
        found.pairs.extend(part.pairs);
        found.old.extend(part.old);
        found.new.extend(part.new);
    }
    found.old.sort_unstable();
    found.new.sort_unstable();
    found
}

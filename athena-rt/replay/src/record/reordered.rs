//! Tells another order of a list from other values.

use std::collections::BTreeMap;

use athena_protocol::Difference;

/// Whether the differing lists have the same items in another order.
pub(super) fn is_reordered(found: &[Difference]) -> bool {
    let mut lists: BTreeMap<&str, [Vec<String>; 2]> = BTreeMap::new();
    for Difference { path, old, new, .. } in found {
        let (Some(old), Some(new)) = (old, new) else { return false };
        let sides = lists.entry(path).or_default();
        sides[0].push(old.to_string());
        sides[1].push(new.to_string());
    }
    lists.iter_mut().all(|(path, [old, new])| {
        old.sort();
        new.sort();
        path.contains('*') && old == new
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_order_of_a_list_is_told_from_other_values() {
        let found = |path: &str, pairs: &[(i32, i32)]| -> Vec<Difference> {
            let difference = |(old, new): &(i32, i32)| Difference {
                path: path.to_owned(),
                old: Some((*old).into()),
                new: Some((*new).into()),
                ..Difference::default()
            };
            pairs.iter().map(difference).collect()
        };
        assert!(is_reordered(&found("/list/*", &[(1, 2), (2, 3), (3, 1)])));
        assert!(!is_reordered(&found("/list/*", &[(1, 2), (2, 3)])));
        assert!(!is_reordered(&found("/one", &[(1, 1)])));
    }
}

//! The order of names. The names of cases mostly begin alike: `model::suite/` and a hash.

use athena_protocol::text::order_number;

/// The indices of names in the order of the names; equal names stay in their order.
pub(super) fn name_order<'n>(count: usize, name: impl Fn(usize) -> &'n str) -> Vec<usize> {
    if count == 0 {
        return Vec::new();
    }
    let first = name(0);
    let common = (1..count).fold(first.len(), |common, at| {
        let same = first.bytes().zip(name(at).bytes()).take_while(|(one, other)| one == other);
        same.count().min(common)
    });
    // What stands behind, as a number: most names are compared without a look at them.
    let mut order: Vec<(u64, usize)> =
        (0..count).map(|at| (order_number(&name(at).as_bytes()[common..]), at)).collect();
    order.sort_unstable_by(|(one, at), (other, after)| {
        one.cmp(other).then_with(|| name(*at).cmp(name(*after))).then(at.cmp(after))
    });
    order.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_texts_are() {
        let sorted = |names: &[&'static str]| {
            let mut expected: Vec<usize> = (0..names.len()).collect();
            expected.sort_by_key(|at| names[*at]);
            assert_eq!(name_order(names.len(), |at| names[at]), expected);
        };
        sorted(&[]);
        sorted(&["b"]);
        sorted(&["m::f::b", "m::f::a", "m::f::", "m::f::b", "m::f"]);
        sorted(&["m::a-long-name-2", "m::a-long-name-10", "m::a-long-name-1", "m::\u{e4}", "n"]);
        sorted(&["x\0", "x", "x\0\0", "x\0a", "w", "x\0"]);
    }
}

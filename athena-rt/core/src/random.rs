//! Random identifiers. Unique, but not cryptographically secure.

use std::cell::Cell;
use std::hash::{BuildHasher as _, RandomState};

thread_local! {
    /// Each thread begins elsewhere: each `RandomState` has its own keys.
    static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(0_u8));
}

/// A random number: the next one of `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014), which no thread sees twice.
pub fn random_u64() -> u64 {
    let next = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(next);
    let mixed = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Sixteen hexadecimal digits.
pub fn random_hex() -> String {
    format!("{:016x}", random_u64())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::random_hex;

    #[test]
    fn no_two_names_are_equal_whichever_thread_asks() {
        let some = || (0..1_000).map(|_| random_hex()).collect::<Vec<_>>();
        let other = std::thread::spawn(some);
        let all: BTreeSet<String> = some().into_iter().chain(other.join().unwrap()).collect();
        assert_eq!(all.len(), 2_000);
        assert!(all.iter().all(|name| name.len() == 16), "{all:?}");
    }
}

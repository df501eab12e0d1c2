//! Random identifiers. Unique, but not cryptographically secure.

use std::hash::{BuildHasher as _, RandomState};

/// A random number.
pub fn random_u64() -> u64 {
    // Each state has its own keys.
    RandomState::new().hash_one(0_u8)
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

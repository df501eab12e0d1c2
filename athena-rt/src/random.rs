//! Numbers and words by chance: names that no other has. They are no secrets.

use std::hash::{BuildHasher as _, RandomState};

/// Any number.
pub(crate) fn number() -> u64 {
    // Keyed anew for each.
    RandomState::new().hash_one(0_u8)
}

/// Sixteen hexadecimal digits.
pub(crate) fn word() -> String {
    format!("{:016x}", number())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::word;

    #[test]
    fn no_two_words_are_alike_whichever_thread_asks() {
        let some = || (0..1_000).map(|_| word()).collect::<Vec<_>>();
        let other = std::thread::spawn(some);
        let all: BTreeSet<String> = some().into_iter().chain(other.join().unwrap()).collect();
        assert_eq!(all.len(), 2_000);
        assert!(all.iter().all(|word| word.len() == 16), "{all:?}");
    }
}

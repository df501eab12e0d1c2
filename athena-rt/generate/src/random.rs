//! Pseudo-random numbers: the same seed gives the same numbers on every machine.

/// `SplitMix64`, by Steele, Lea and Flood.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Numbers that depend on all of these.
    pub(crate) fn new(seeds: &[u64]) -> Self {
        let mut random = Self(0);
        for seed in seeds {
            random.0 ^= *seed;
            random.0 = random.next_u64();
        }
        random
    }

    pub(crate) fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one; 0 if that is 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        // The remainder is below a usize.
        #[allow(clippy::cast_possible_truncation, reason = "the remainder is below a usize")]
        let number = self.next_u64().checked_rem(count as u64).unwrap_or(0) as usize;
        number
    }

    /// True once in this many times.
    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, values: &'a [T]) -> Option<&'a T> {
        let at = self.below(values.len());
        values.get(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_its_numbers_and_every_seed_matters() {
        let first = |seeds: &[u64]| Random::new(seeds).next_u64();
        assert_eq!(first(&[1, 2]), first(&[1, 2]));
        assert_ne!(first(&[1, 2]), first(&[2, 1]));
        assert_ne!(first(&[1]), first(&[1, 0]));
        assert_eq!(Random::new(&[1]).below(0), 0);
        let mut random = Random::new(&[7]);
        assert!((0..1000).all(|_| random.below(3) < 3));
        assert_eq!(random.pick::<u8>(&[]), None);
    }
}

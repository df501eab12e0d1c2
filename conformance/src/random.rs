//! Random values of any type. Small values and edge cases are more frequent.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, Hash};
use std::time::Duration;

use athena_rt::Timestamp;

/// A deterministic source of random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
    /// The remaining depth of nested values.
    depth: u32,
}

impl Random {
    /// Creates a source from a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed, depth: 4 }
    }

    /// Returns the next 64 bits of `splitmix64`.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    /// Returns the length of a list; zero if values are nested too deeply.
    fn length(&mut self) -> u64 {
        let most = if self.depth == 0 { 1 } else { 4 };
        self.below(most)
    }

    /// Creates a value one level deeper.
    fn within<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.depth;
        self.depth = before.saturating_sub(1);
        let value = value(self);
        self.depth = before;
        value
    }
}

/// A type with random values.
pub trait Any: Sized {
    /// Returns a random value.
    fn any(random: &mut Random) -> Self;
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl Any for $type {
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "any bits will do")]
            fn any(random: &mut Random) -> Self {
                let width = random.below(65) as u32;
                match random.below(8) {
                    0 => 0,
                    1 => Self::MIN,
                    2 => Self::MAX,
                    _ => random.bits().unbounded_shr(64 - width) as Self,
                }
            }
        }
    )*};
}
integers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl Any for bool {
    fn any(random: &mut Random) -> Self {
        random.below(2) == 0
    }
}

impl Any for f64 {
    fn any(random: &mut Random) -> Self {
        let odd = [0.0, -0.0, 1.0, -1.5, 0.1, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e21, 1e-7];
        match random.below(16) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            #[allow(clippy::cast_possible_truncation, reason = "below ten")]
            3..8 => odd[random.below(10) as usize],
            _ => {
                let any = f64::from_bits(random.bits());
                // A single NaN: JSON can't distinguish several.
                if any.is_nan() { f64::NAN } else { any }
            }
        }
    }
}

impl Any for f32 {
    fn any(random: &mut Random) -> Self {
        let odd = [0.0, -0.0, 1.0, -1.5, 0.1, f32::MAX, f32::MIN_POSITIVE, 1e-45, 16_777_216.0];
        match random.below(16) {
            0 => f32::NAN,
            1 => f32::INFINITY,
            2 => f32::NEG_INFINITY,
            #[allow(clippy::cast_possible_truncation, reason = "below nine")]
            3..8 => odd[random.below(9) as usize],
            #[allow(clippy::cast_possible_truncation, reason = "half of the bits")]
            _ => {
                let any = f32::from_bits(random.bits() as u32);
                if any.is_nan() { f32::NAN } else { any }
            }
        }
    }
}

impl Any for String {
    fn any(random: &mut Random) -> Self {
        let letters = [
            'a', 'Z', '0', ' ', '"', '\\', '/', '\n', '\u{0}', '\u{7f}', 'é', '字', '🦀',
            '\u{2028}', '<', '&',
        ];
        let length = random.below(6);
        #[allow(clippy::cast_possible_truncation, reason = "below sixteen")]
        (0..length).map(|_| letters[random.below(16) as usize]).collect()
    }
}

impl Any for Duration {
    fn any(random: &mut Random) -> Self {
        let seconds = match random.below(4) {
            0 => 0,
            1 => 315_576_000_000,
            _ => random.below(100_000),
        };
        Self::new(seconds, nanos(random))
    }
}

impl Any for Timestamp {
    fn any(random: &mut Random) -> Self {
        let seconds = match random.below(6) {
            0 => Self::MIN.seconds(),
            1 => Self::MAX.seconds(),
            2 => 0,
            _ => random.below(315_537_897_600).cast_signed() + Self::MIN.seconds(),
        };
        Self::new(seconds, nanos(random)).unwrap_or_default()
    }
}

fn nanos(random: &mut Random) -> u32 {
    let step = [1_000_000_000, 1_000_000, 1000, 1][usize::from(u8::any(random) % 4)];
    u32::any(random) % 1_000_000_000 / step * step
}

impl<T: Any> Any for Option<T> {
    fn any(random: &mut Random) -> Self {
        (random.length() > 0).then(|| random.within(T::any))
    }
}

impl<T: Any> Any for Box<T> {
    fn any(random: &mut Random) -> Self {
        Self::new(random.within(T::any))
    }
}

impl<T: Any> Any for Vec<T> {
    fn any(random: &mut Random) -> Self {
        (0..random.length()).map(|_| random.within(T::any)).collect()
    }
}

impl<T: Any, const N: usize> Any for [T; N] {
    fn any(random: &mut Random) -> Self {
        std::array::from_fn(|_| T::any(random))
    }
}

impl<K: Any + Ord, V: Any> Any for BTreeMap<K, V> {
    fn any(random: &mut Random) -> Self {
        (0..random.length()).map(|_| (K::any(random), random.within(V::any))).collect()
    }
}

impl<T: Any + Ord> Any for BTreeSet<T> {
    fn any(random: &mut Random) -> Self {
        (0..random.length()).map(|_| T::any(random)).collect()
    }
}

impl<K: Any + Eq + Hash, V: Any, H: BuildHasher + Default> Any for HashMap<K, V, H> {
    fn any(random: &mut Random) -> Self {
        (0..random.length()).map(|_| (K::any(random), random.within(V::any))).collect()
    }
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => {$(
        impl<$($name: Any),*> Any for ($($name,)*) {
            fn any(random: &mut Random) -> Self {
                ($($name::any(random),)*)
            }
        }
    )*};
}
tuples!((A) (A B) (A B C) (A B C D));

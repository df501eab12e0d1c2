//! The texts and numbers that values are made of: those of every type's boundaries, and the literals of
//! the source.

use std::collections::BTreeSet;

use athena_protocol::Literals;

/// The longest literal that is used, in characters.
const LONGEST: usize = 40;

/// How many texts of kept messages are remembered.
const KEPT: usize = 2_000;

/// Characters that texts begin with: of each ASCII class, of two and of four bytes, combining, and without
/// a single upper case.
const CHARS: &str = "ab01 .-+_,:/Z9\u{e9}\u{3a9}\u{df}\u{65e5}\u{1f642}\u{301}\t\"";

const INTEGERS: &[i128] = &[
    0,
    1,
    -1,
    2,
    3,
    7,
    9,
    10,
    12,
    31,
    32,
    59,
    60,
    61,
    99,
    100,
    101,
    127,
    128,
    255,
    256,
    999,
    1000,
    1001,
    32767,
    32768,
    65535,
    65536,
    1_000_000,
    999_999_999,
    1_000_000_000,
    2_147_483_647,
    2_147_483_648,
    4_294_967_295,
    4_294_967_296,
    9_007_199_254_740_991,
    9_007_199_254_740_992,
    9_223_372_036_854_775_807,
    18_446_744_073_709_551_615,
];

const FLOATS: &[f64] = &[
    0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    0.1,
    2.0,
    1.5,
    2.5,
    10.0,
    100.0,
    1e-9,
    1e9,
    -0.0,
    9_007_199_254_740_992.0,
    f64::MIN_POSITIVE,
    1e300,
    f64::MAX,
    f64::MIN,
];

/// What values are made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pools {
    /// Texts of the source.
    pub(crate) texts: Vec<String>,
    pub(crate) chars: Vec<char>,
    /// Boundaries, integers of the source and their neighbours.
    pub(crate) integers: Vec<i128>,
    /// Those of the source only.
    pub(crate) literals: Vec<i128>,
    pub(crate) floats: Vec<f64>,
    /// Texts of messages that were kept.
    kept: Vec<String>,
    next: usize,
}

impl Pools {
    pub(crate) fn new(literals: &Literals) -> Self {
        let texts: BTreeSet<&String> = literals.texts.iter().collect();
        let texts: Vec<String> = texts
            .into_iter()
            .filter(|text| !text.is_empty() && text.chars().count() <= LONGEST)
            .cloned()
            .collect();
        let source: BTreeSet<i128> =
            literals.integers.iter().filter_map(|text| text.parse().ok()).collect();
        let neighbours =
            |n: &i128| [n.saturating_sub(1), *n, n.saturating_add(1), n.saturating_neg()];
        let mut integers: BTreeSet<i128> = INTEGERS.iter().copied().collect();
        integers.extend(source.iter().flat_map(neighbours));
        let mut chars: BTreeSet<char> = CHARS.chars().collect();
        chars.extend(
            texts.iter().filter(|text| text.chars().count() <= 2).flat_map(|text| text.chars()),
        );
        // A number beyond ASCII may be a character, as those of a table of cases are.
        let points = source.iter().filter(|n| **n >= 128).flat_map(neighbours);
        chars.extend(
            points
                .filter_map(|n| char::from_u32(u32::try_from(n).ok()?))
                .filter(|c| !c.is_control()),
        );
        let mut floats = FLOATS.to_vec();
        let parsed = literals.floats.iter().filter_map(|text| text.parse::<f64>().ok());
        floats.extend(parsed.filter(|float| float.is_finite()));
        Self {
            texts,
            chars: chars.into_iter().collect(),
            literals: source.into_iter().collect(),
            integers: integers.into_iter().collect(),
            floats,
            kept: Vec::new(),
            next: 0,
        }
    }

    /// Remembers a text of a message that was kept.
    pub(crate) fn keep(&mut self, text: &str) {
        if text.is_empty() || text.len() > 4 * LONGEST {
            return;
        }
        if self.kept.len() < KEPT {
            self.kept.push(text.to_owned());
        } else {
            text.clone_into(&mut self.kept[self.next % KEPT]);
            self.next += 1;
        }
    }

    pub(crate) fn kept(&self) -> &[String] {
        &self.kept
    }
}

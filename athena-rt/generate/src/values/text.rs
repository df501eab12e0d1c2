//! Texts: made of the literals of the source, and changed as the formats of texts suggest.

use athena_structure::description::Shape;
use serde_json::Value;

use super::ValueGenerator;

/// The longest text that a mutation makes, in characters.
const LONGEST: usize = 60;

/// A longer one is cut to this.
const CUT: usize = 40;

/// How many texts of a message others are made of.
const RELATED: usize = 8;

impl ValueGenerator<'_> {
    pub(super) fn fresh_text(&mut self) -> String {
        let count = [0, 1, 1, 1, 2, 2, 3, 4, 6][self.random.below(9)];
        (0..count).map(|_| self.token()).collect()
    }

    /// A part of a text.
    fn token(&mut self) -> String {
        let picked = match self.random.below(10) {
            0..=3 => self.random.pick(&self.pools.texts).cloned(),
            4 => self.random.pick(&self.pools.integers).map(ToString::to_string),
            5 => self.random.pick(self.pools.kept()).cloned(),
            6 => Some(self.random.below(100).to_string()),
            // A name that another part of the message has.
            7 => self.shared_leaf(&Shape::Text, &Value::Null).and_then(|text| match text {
                Value::String(text) if text.len() <= CUT => Some(text),
                _ => None,
            }),
            _ => None,
        };
        picked.unwrap_or_else(|| self.character().to_string())
    }

    pub(super) fn character(&mut self) -> char {
        self.random.pick(&self.pools.chars).copied().unwrap_or('a')
    }

    pub(super) fn mutate_text(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..=self.random.below(3) {
            text = self.change_text(&text);
        }
        if text.chars().count() > LONGEST { text.chars().take(CUT).collect() } else { text }
    }

    fn change_text(&mut self, text: &str) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        let count = chars.len();
        match self.random.below(14) {
            0 | 1 => {
                let (at, token) = (self.random.below(count + 1), self.token());
                chars.splice(at..at, token.chars());
            }
            2 | 3 if count > 0 => {
                let at = self.random.below(count);
                let most = if self.random.one_in(2) { 1 } else { count - at };
                let length = 1 + self.random.below(most);
                chars.drain(at..at + length);
            }
            4 | 5 if count > 0 => {
                let at = self.random.below(count);
                chars[at] = self.character();
            }
            6 if count > 0 => {
                let at = self.random.below(count);
                let length = 1 + self.random.below((count - at).min(8));
                let part = chars[at..at + length].to_vec();
                let to = self.random.below(count + 1);
                chars.splice(to..to, part);
            }
            7 if count > 1 => {
                let at = self.random.below(count - 1);
                chars.swap(at, at + 1);
            }
            8 if count > 1 => {
                let (one, other) = (self.random.below(count), self.random.below(count));
                chars.swap(one, other);
            }
            9 => self.change_number(&mut chars),
            10 if self.random.one_in(2) => return self.token(),
            10 if count > 0 => {
                // More letters that are all different, as long texts have.
                let from = chars[self.random.below(count)] as u32;
                let step = 1 << self.random.below(6);
                let times = 1 + u32::try_from(self.random.below(10)).unwrap_or(0);
                chars.extend((1..=times).filter_map(|n| char::from_u32(from + n * step)));
            }
            11 if !self.pools.kept().is_empty() => {
                let other = self.random.pick(self.pools.kept());
                let other: Vec<char> = other.map_or("", String::as_str).chars().collect();
                let (at, from) = (self.random.below(count + 1), self.random.below(other.len() + 1));
                chars.truncate(at);
                chars.extend(&other[from..]);
            }
            12 if !self.related.is_empty() => return self.related_text(),
            _ if count > 0 => {
                let at = self.random.below(count);
                let old = chars[at];
                let new = if old.is_uppercase() {
                    old.to_lowercase().next()
                } else {
                    old.to_uppercase().next()
                };
                chars[at] = new.unwrap_or(old);
            }
            _ => chars.extend(self.token().chars()),
        }
        chars.into_iter().collect()
    }

    /// Notes the texts of a message, of which others of it can be made.
    pub(super) fn relate_texts(&mut self) {
        self.related.clear();
        let mut open: Vec<&Value> = self.shared.iter().rev().map(|(_, value)| value).collect();
        while let Some(value) = open.pop().filter(|_| self.related.len() < RELATED) {
            match value {
                Value::String(text) if text.chars().nth(1).is_some() => {
                    self.related.push(text.clone());
                }
                Value::Array(items) => open.extend(items),
                Value::Object(members) => open.extend(members.values()),
                _ => {}
            }
        }
    }

    fn related_text(&mut self) -> String {
        let text = self.random.pick(&self.related).cloned().unwrap_or_default();
        self.rearranged(&text)
    }

    /// A run of a text, or a few of its characters in any order. What is compared or searched for is rarely a
    /// text without anything in common.
    pub(super) fn rearranged(&mut self, text: &str) -> String {
        let chars: Vec<char> = text.chars().take(LONGEST).collect();
        if self.random.one_in(3) {
            let at = self.random.below(chars.len());
            let length = 1 + self.random.below(chars.len() - at);
            return chars.iter().skip(at).take(length).collect();
        }
        let count = 1 + self.random.below(6);
        (0..count).filter_map(|_| self.random.pick(&chars)).collect()
    }

    /// Makes a run of digits another number, mostly of as many digits: dates, versions, identifiers.
    fn change_number(&mut self, chars: &mut Vec<char>) {
        let runs = digit_runs(chars);
        let Some(&(start, end)) = self.random.pick(&runs) else {
            return chars.extend(self.token().chars());
        };
        let width = end - start;
        let most = 10_u128.saturating_pow(u32::try_from(width.min(20)).unwrap_or(20));
        let old: u128 = chars[start..end].iter().collect::<String>().parse().unwrap_or(0);
        let new = match self.random.below(8) {
            0 => old.saturating_add(1),
            1 => old.saturating_sub(1),
            2 => 0,
            3 => most - 1,
            4 | 5 => {
                let all = self.pools.integers.iter().map(|n| n.unsigned_abs());
                let as_wide: Vec<u128> =
                    all.clone().filter(|n| *n < most && n.saturating_mul(10) >= most).collect();
                let any = self.random.one_in(5);
                let from = if as_wide.is_empty() || any { all.collect() } else { as_wide };
                self.random.pick(&from).copied().unwrap_or(0)
            }
            6 => self.random.below(13) as u128,
            _ => u128::from(self.random.next_u64()) % most,
        };
        let text = if self.random.one_in(4) { new.to_string() } else { format!("{new:0width$}") };
        chars.splice(start..end, text.chars());
    }
}

/// The runs of digits in a text: start and end of each.
fn digit_runs(chars: &[char]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in chars.iter().enumerate().filter(|(_, c)| c.is_ascii_digit()) {
        match runs.last_mut() {
            Some((_, end)) if *end == at => *end = at + 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use athena_rt::prelude::*;
    use athena_structure::description::TypeDescription;

    use super::*;
    use crate::random::Random;
    use crate::values::Pools;

    #[structure]
    struct Search {
        text: String,
        pattern: String,
    }

    #[test]
    fn a_text_is_made_of_another_of_the_message() {
        let described = TypeDescription::for_type::<Search>();
        let mut generator =
            ValueGenerator::new(&described, Pools::default(), Random::new(&[1, 1, 1]));
        let base = serde_json::json!({"text": "vwxyz", "pattern": "?"});
        let patterns: BTreeSet<String> = (0..20_000)
            .filter_map(|_| {
                let mut message = base.clone();
                generator.mutate(&mut message);
                let is_same = message["text"] == base["text"];
                message["pattern"].as_str().filter(|_| is_same).map(str::to_owned)
            })
            .collect();
        // A part, its start, its end, and characters in another order.
        for pattern in ["wxy", "vw", "yz", "zv"] {
            assert!(patterns.contains(pattern), "{pattern}");
        }
    }

    #[test]
    fn runs_of_digits_are_found() {
        let runs = |text: &str| digit_runs(&text.chars().collect::<Vec<_>>());
        assert_eq!(runs("a12.3"), [(1, 3), (4, 5)]);
        assert_eq!(runs("2018"), [(0, 4)]);
        assert_eq!(runs("\u{e9}"), []);
    }
}

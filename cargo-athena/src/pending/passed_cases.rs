//! The cases that passed in the last run, of which memory holds a hash each: they may be a million.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// The cases of a model, as a report has them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PassedCases {
    model: String,
    cases: Vec<NameHash>,
}

/// The hash of a name, which is read in the name's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct NameHash(u64);

impl PassedCases {
    /// Prepares the search for names.
    pub(super) fn sort(&mut self) {
        self.cases.sort_unstable();
    }

    /// Whether a case with this whole name is among them, which are sorted.
    pub(super) fn has(&self, name: &str) -> bool {
        let case = name.strip_prefix(&self.model).and_then(|rest| rest.strip_prefix("::"));
        case.is_some_and(|case| self.cases.binary_search(&NameHash::of(case)).is_ok())
    }
}

impl NameHash {
    fn of(name: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl<'de> Deserialize<'de> for NameHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = NameHash;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<NameHash, E> {
                Ok(NameHash::of(name))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_by_its_model_and_its_case() {
        let text = r#"{"model":"m::f","cases":["b","a/one","c"],"micros":[1,2,3]}"#;
        let mut passed: PassedCases = serde_json::from_str(text).unwrap();
        passed.sort();
        for known in ["m::f::a/one", "m::f::b", "m::f::c"] {
            assert!(passed.has(known), "{known}");
        }
        for other in ["m::f::d", "m::g::b", "m::f", "b", "m::f::a"] {
            assert!(!passed.has(other), "{other}");
        }
        assert!(serde_json::from_str::<PassedCases>(r#"{"cases":[1]}"#).is_err());
    }
}

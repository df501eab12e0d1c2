//! The names of fields and variants, checked while generated code reads a structure.

use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};

use super::trace::within;
use athena_protocol::text::suggest;
use athena_protocol::text::truncate;

/// The number of characters of an unknown name that are shown.
const LONGEST: usize = 80;

/// The fields of an object while it is read.
#[derive(Debug)]
pub struct Fields {
    names: &'static [&'static str],
    aliases: Aliases,
    open: bool,
    expected: usize,
}

/// Other names that are read, each with the index of what it means.
type Aliases = &'static [(&'static str, usize)];

/// The index of a field that an open structure does not declare.
const UNKNOWN: usize = usize::MAX;

impl Fields {
    /// `open`: unknown fields are skipped.
    pub fn new(names: &'static [&'static str], open: bool) -> Self {
        Self { names, aliases: &[], open, expected: 0 }
    }

    /// Adds other names that are read.
    #[must_use]
    pub fn with_aliases(self, aliases: Aliases) -> Self {
        Self { aliases, ..self }
    }

    /// The index of the next field in the message.
    pub fn next<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<Option<usize>, A::Error> {
        let found = map.next_key_seed(FieldNameSeed {
            names: self.names,
            aliases: self.aliases,
            open: self.open,
            expected: self.expected,
        })?;
        if let Some(index) = found {
            self.expected = index.wrapping_add(1);
        }
        Ok(found)
    }

    /// The index of the next field in the message, or the name of a member that is not one.
    pub fn next_or_rest<'de, A: MapAccess<'de>>(
        &mut self,
        map: &mut A,
    ) -> Result<Option<Result<usize, String>>, A::Error> {
        let Some(key) = map.next_key::<String>()? else { return Ok(None) };
        let seed = FieldNameSeed {
            names: self.names,
            aliases: self.aliases,
            open: true,
            expected: self.expected,
        };
        let index = seed.visit_str(&key)?;
        if index == UNKNOWN {
            return Ok(Some(Err(key)));
        }
        self.expected = index.wrapping_add(1);
        Ok(Some(Ok(index)))
    }

    /// Reads a field's value; a field given twice is an error.
    pub fn set<'de, A: MapAccess<'de>, S: DeserializeSeed<'de>>(
        &self,
        map: &mut A,
        index: usize,
        seed: S,
        slot: &mut Option<S::Value>,
    ) -> Result<(), A::Error> {
        if slot.is_some() {
            let name = self.names[index];
            return Err(within(name, de::Error::duplicate_field(name)));
        }
        *slot = Some(map.next_value_seed(seed)?);
        Ok(())
    }

    /// Skips the value of an unknown field.
    pub fn skip<'de, A: MapAccess<'de>>(&self, map: &mut A) -> Result<(), A::Error> {
        map.next_value::<IgnoredAny>().map(|_| ())
    }

    /// The value of a field that is not in the message, if its type has one for that.
    pub fn absent<T, E: de::Error>(&self, value: Option<T>, index: usize) -> Result<T, E> {
        value.ok_or_else(|| E::missing_field(self.names[index]))
    }
}

struct FieldNameSeed {
    names: &'static [&'static str],
    aliases: Aliases,
    open: bool,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for FieldNameSeed {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldNameSeed {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E: de::Error>(self, given: &str) -> Result<usize, E> {
        // Fields mostly come in the order they are declared.
        if self.names.get(self.expected).is_some_and(|name| *name == given) {
            return Ok(self.expected);
        }
        let found = self
            .names
            .iter()
            .position(|name| *name == given)
            .or_else(|| self.names.iter().position(|name| is_camel_case_of(name, given)))
            .or_else(|| meant(self.aliases, given));
        match found {
            Some(index) => Ok(index),
            None if self.open => Ok(UNKNOWN),
            None => {
                let shown = truncate(given, LONGEST);
                Err(E::custom(format!("unknown field `{shown}`{}", suggest(given, self.names))))
            }
        }
    }
}

/// The index of what an alias means.
fn meant(aliases: Aliases, given: &str) -> Option<usize> {
    aliases.iter().find(|(alias, _)| *alias == given).map(|(_, index)| *index)
}

/// Whether `given` is `name` as ProtoJSON writes it: `mag_type` as `magType`.
pub(super) fn is_camel_case_of(name: &str, given: &str) -> bool {
    if !name.contains('_') {
        return false;
    }
    let mut upper = false;
    let mut given = given.chars();
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
            continue;
        }
        let wanted = if upper { letter.to_ascii_uppercase() } else { letter };
        upper = false;
        if given.next() != Some(wanted) {
            return false;
        }
    }
    given.next().is_none()
}

/// The variants of an enum while one is read.
#[derive(Clone, Copy, Debug)]
pub struct Variants {
    names: &'static [&'static str],
    aliases: Aliases,
    /// The variant that any other name means.
    other: Option<usize>,
}

impl Variants {
    /// Names as declared.
    pub fn new(names: &'static [&'static str]) -> Self {
        Self { names, aliases: &[], other: None }
    }

    /// Adds other names that are read.
    #[must_use]
    pub fn with_aliases(self, aliases: Aliases) -> Self {
        Self { aliases, ..self }
    }

    /// Reads any other name as a variant.
    #[must_use]
    pub fn with_other(self, index: usize) -> Self {
        Self { other: Some(index), ..self }
    }

    /// The names that are written.
    pub(crate) fn names(&self) -> &'static [&'static str] {
        self.names
    }

    /// The index of a name, or a message with the nearest one.
    pub fn find(&self, given: &str) -> Result<usize, String> {
        let found = self.names.iter().position(|name| *name == given);
        found.or_else(|| meant(self.aliases, given)).or(self.other).ok_or_else(|| {
            let shown = truncate(given, LONGEST);
            format!("unknown variant `{shown}`{}", suggest(given, self.names))
        })
    }
}

impl<'de> DeserializeSeed<'de> for Variants {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Variants {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a variant's name")
    }

    fn visit_str<E: de::Error>(self, given: &str) -> Result<usize, E> {
        self.find(given).map_err(E::custom)
    }
}

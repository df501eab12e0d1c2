//! The names of fields and variants, checked while generated code reads a structure.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};

use super::trace::within;
use athena_protocol::text::{suggest, suggest_all, truncate};

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
        let found = map.next_key_seed(&*self)?;
        if let Some(index) = found {
            self.expected = index.wrapping_add(1);
        }
        Ok(found)
    }

    /// The index of the next field in the message, or the name of a member that is not one.
    pub fn next_or_rest<'de, A: MapAccess<'de>>(
        &mut self,
        map: &mut A,
    ) -> Result<Option<Result<usize, Cow<'de, str>>>, A::Error> {
        let found = map.next_key_seed(NameOrRestSeed(self))?;
        if let Some(Ok(index)) = found {
            self.expected = index.wrapping_add(1);
        }
        Ok(found)
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

    #[inline]
    fn find(&self, given: &str) -> Option<usize> {
        // Fields mostly come in the order they are declared.
        if self.names.get(self.expected).is_some_and(|name| *name == given) {
            return Some(self.expected);
        }
        self.search(given)
    }

    #[inline(never)]
    fn search(&self, given: &str) -> Option<usize> {
        let mut camel_case = None;
        for (index, name) in self.names.iter().enumerate() {
            if *name == given {
                return Some(index);
            }
            if camel_case.is_none() && is_camel_case_of(name, given) {
                camel_case = Some(index);
            }
        }
        camel_case.or_else(|| meant(self.aliases, given))
    }

    #[cold]
    fn unknown<E: de::Error>(&self, given: &str) -> E {
        let shown = truncate(given, LONGEST);
        E::custom(format!("unknown field `{shown}`{}", suggest(given, self.names)))
    }
}

impl<'de> DeserializeSeed<'de> for &Fields {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for &Fields {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E: de::Error>(self, given: &str) -> Result<usize, E> {
        match self.find(given) {
            Some(index) => Ok(index),
            None if self.open => Ok(UNKNOWN),
            None => Err(self.unknown(given)),
        }
    }
}

/// Reads the index of a field, or the name of a member that is not one.
struct NameOrRestSeed<'a>(&'a Fields);

impl<'de> DeserializeSeed<'de> for NameOrRestSeed<'_> {
    type Value = Result<usize, Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de> Visitor<'de> for NameOrRestSeed<'_> {
    type Value = Result<usize, Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_borrowed_str<E: de::Error>(self, given: &'de str) -> Result<Self::Value, E> {
        Ok(self.0.find(given).ok_or(Cow::Borrowed(given)))
    }

    fn visit_str<E: de::Error>(self, given: &str) -> Result<Self::Value, E> {
        Ok(self.0.find(given).ok_or_else(|| given.to_owned().into()))
    }

    fn visit_string<E: de::Error>(self, given: String) -> Result<Self::Value, E> {
        Ok(self.0.find(&given).ok_or(given.into()))
    }
}

/// The index of what an alias means.
fn meant(aliases: Aliases, given: &str) -> Option<usize> {
    aliases.iter().find(|(alias, _)| *alias == given).map(|(_, index)| *index)
}

/// Whether a key is one of some names, as it is or as ProtoJSON writes it.
pub fn is_one_of(names: &[&str], key: &str) -> bool {
    names.iter().any(|name| *name == key || is_camel_case_of(name, key))
}

/// Whether `given` is `name` as ProtoJSON writes it: `mag_type` as `magType`.
#[inline]
pub(super) fn is_camel_case_of(name: &str, given: &str) -> bool {
    // Each `_` makes it shorter.
    name.len() > given.len() && begins_alike(name, given) && is_camel_case(name, given)
}

/// Most names differ in their first letter; only an underscore gives another.
#[inline]
fn begins_alike(name: &str, given: &str) -> bool {
    let first = name.as_bytes().first();
    first == given.as_bytes().first() || first == Some(&b'_')
}

fn is_camel_case(name: &str, given: &str) -> bool {
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
            format!("unknown variant `{shown}`{}", suggest_all(given, self.names))
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

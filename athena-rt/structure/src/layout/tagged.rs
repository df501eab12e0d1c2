//! Enums that are not written as `{"Variant": data}`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{self, DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::buffer::{Buffer, BufferKey, Reading};
use crate::exact::{exactly, is_exact};
use crate::field_names::Variants;
use crate::plain_reason::plain_reason;
use crate::trace::{Step, split, within};
use athena_protocol::text::{suggest, truncate};

/// An enum whose variants are read by their index.
pub trait TaggedEnum: Sized {
    /// Its name, for errors.
    const NAME: &'static str;

    /// Its variants.
    fn variants() -> Variants;

    /// Reads the data of a variant; one without data has none to read.
    fn read<'de, D: Deserializer<'de>>(index: usize, deserializer: D) -> Result<Self, D::Error>;

    /// The variant, if it has no data.
    fn without_data(index: usize) -> Option<Self>;
}

/// Writes a variant without data: an object with the tag.
pub fn adjacent_unit<S: Serializer>(
    serializer: S,
    owner: &'static str,
    tag: &'static str,
    name: &'static str,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_struct(owner, 1)?;
    object.serialize_field(tag, name)?;
    object.end()
}

/// Writes a variant and its data side by side.
pub fn adjacent<S: Serializer>(
    serializer: S,
    owner: &'static str,
    (tag, content): (&'static str, &'static str),
    name: &'static str,
    data: &impl Serialize,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_struct(owner, 2)?;
    object.serialize_field(tag, name)?;
    object.serialize_field(content, data)?;
    object.end()
}

/// Reads nothing: an object without members, or null.
pub fn no_data<'de, D: Deserializer<'de>>(deserializer: D, open: bool) -> Result<(), D::Error> {
    struct NoData(bool);
    impl<'de> Visitor<'de> for NoData {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("no data")
        }

        fn visit_unit<E: de::Error>(self) -> Result<(), E> {
            Ok(())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                if !self.0 {
                    return Err(unknown_field(&key, &[]));
                }
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }
    deserializer.deserialize_any(NoData(open))
}

pub(super) fn unknown_field<E: de::Error>(key: &str, names: &[&str]) -> E {
    let reason = format!("unknown field `{}`{}", truncate(key, 80), suggest(key, names));
    within(key, E::custom(reason))
}

/// Reads an enum whose tag is a member of its data.
pub fn read_internal<'de, T: TaggedEnum, D: Deserializer<'de>>(
    deserializer: D,
    tag: &'static str,
) -> Result<T, D::Error> {
    struct Internal<T>(&'static str, PhantomData<T>);
    impl<'de, T: TaggedEnum> Visitor<'de> for Internal<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "an object with the `{}` of `{}`", self.0, T::NAME)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
            let mut ahead = Vec::new();
            while let Some(BufferKey(key)) = map.next_key()? {
                if key == self.0 {
                    let index = map.next_value_seed(T::variants())?;
                    let members = Members {
                        tag: self.0,
                        ahead: ahead.into_iter(),
                        value: None,
                        step: Step::default(),
                        map,
                    };
                    return T::read(index, MapAccessDeserializer::new(members));
                }
                ahead.push((key, map.next_value()?));
            }
            Err(de::Error::missing_field(self.0))
        }
    }
    deserializer.deserialize_map(Internal(tag, PhantomData))
}

/// The members ahead of a tag, and those behind it.
struct Members<'de, A> {
    tag: &'static str,
    ahead: std::vec::IntoIter<(Cow<'de, str>, Buffer<'de>)>,
    value: Option<Buffer<'de>>,
    step: Step,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let key = match self.ahead.next() {
            Some((key, value)) => {
                self.value = Some(value);
                key
            }
            None => match self.map.next_key()? {
                Some(BufferKey(key)) => key,
                None => return Ok(None),
            },
        };
        if key == self.tag {
            return Err(within(key, de::Error::duplicate_field(self.tag)));
        }
        self.step.set(&key);
        let key = match key {
            Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
            Cow::Owned(key) => seed.deserialize(key.into_deserializer()),
        };
        key.map(Some).map_err(|error| self.step.before(error))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some(mut value) => seed
                .deserialize(value.deserializer(Reading::Last))
                .map_err(|error| self.step.before(error)),
            None => self.map.next_value_seed(seed),
        }
    }
}

/// Reads an enum whose tag stands beside its data.
pub fn read_adjacent<'de, T: TaggedEnum, D: Deserializer<'de>>(
    deserializer: D,
    tag: &'static str,
    content: &'static str,
    open: bool,
) -> Result<T, D::Error> {
    struct Adjacent<T> {
        tag: &'static str,
        content: &'static str,
        open: bool,
        of: PhantomData<T>,
    }
    impl<'de, T: TaggedEnum> Visitor<'de> for Adjacent<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "an object with `{}` and `{}` of `{}`", self.tag, self.content, T::NAME)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
            let (mut index, mut early, mut value) = (None, None::<Buffer<'de>>, None);
            while let Some(BufferKey(key)) = map.next_key()? {
                if key == self.tag {
                    if index.is_some() {
                        return Err(within(key, de::Error::duplicate_field(self.tag)));
                    }
                    index = Some(map.next_value_seed(T::variants())?);
                } else if key == self.content {
                    if early.is_some() || value.is_some() {
                        return Err(within(key, de::Error::duplicate_field(self.content)));
                    }
                    match index {
                        Some(index) => value = Some(map.next_value_seed(Data(index, PhantomData))?),
                        None => early = Some(map.next_value()?),
                    }
                } else if self.open {
                    map.next_value::<IgnoredAny>()?;
                } else {
                    return Err(unknown_field(&key, &[self.tag, self.content]));
                }
            }
            let index = index.ok_or_else(|| de::Error::missing_field(self.tag))?;
            match (value, early) {
                (Some(value), _) => Ok(value),
                (None, Some(mut early)) => T::read(index, early.deserializer(Reading::Last))
                    .map_err(|error| within(self.content, error)),
                (None, None) => {
                    T::without_data(index).ok_or_else(|| de::Error::missing_field(self.content))
                }
            }
        }
    }
    deserializer.deserialize_map(Adjacent { tag, content, open, of: PhantomData })
}

struct Data<T>(usize, PhantomData<T>);

impl<'de, T: TaggedEnum> DeserializeSeed<'de> for Data<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(self.0, deserializer)
    }
}

/// Reads an untagged enum: the first variant that fits as it is, as for serde, or else the first that fits as
/// other messages are read.
pub fn read_untagged<'de, T: TaggedEnum, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let mut buffer = Buffer::deserialize(deserializer)?;
    let names = T::variants();
    for index in 0..names.names().len() {
        let read = || T::read(index, buffer.deserializer::<de::value::Error>(Reading::Again));
        if let Ok(value) = exactly(read) {
            return Ok(value);
        }
    }
    // An enum around this one may have a variant that fits as it is.
    if is_exact() {
        return Err(de::Error::custom(NO_VARIANT));
    }
    let mut reasons = Vec::new();
    for (index, name) in names.names().iter().enumerate() {
        match T::read(index, buffer.deserializer::<de::value::Error>(Reading::Again)) {
            Ok(value) => return Ok(value),
            Err(error) => {
                let error = error.to_string();
                let (pointer, reason) = split(&error);
                let place = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
                // A variant without data doesn't come close to an object.
                let steps = pointer.matches('/').count();
                let depth = if T::without_data(index).is_none() { steps } else { 0 };
                reasons.push((depth, format!("{name}: {place}{}", plain_reason(reason, pointer))));
            }
        }
    }
    // The variant that comes nearest is named first: an error is cut where it is long.
    reasons.sort_by_key(|(depth, _)| std::cmp::Reverse(*depth));
    let reasons: Vec<String> = reasons.into_iter().map(|(_, reason)| reason).collect();
    Err(de::Error::custom(format!("{NO_VARIANT} of `{}` fits ({})", T::NAME, reasons.join("; "))))
}

/// How the reason of an untagged enum begins that no variant fits. It quotes the reasons of all.
pub(crate) const NO_VARIANT: &str = "no variant";

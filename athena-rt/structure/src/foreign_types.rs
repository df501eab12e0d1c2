//! Times and identifiers of other crates as parts of a message, each behind a feature of its name.
//!
//! | type | JSON | `.proto` |
//! |---|---|---|
//! | `jiff::Timestamp`, `chrono::DateTime<Utc>`, `time::UtcDateTime` | RFC 3339 text | `google.protobuf.Timestamp` |
//! | `uuid::Uuid` | its text, with hyphens | `string` |
//! | `bytes::Bytes` | base64 | `bytes` |
//!
//! Those that are text on the wire too are in `text_form`.

use serde::{Deserializer, Serializer};

use super::part::Part;
use super::shape::{Shape, Shapes};
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time", feature = "uuid"))]
use super::time::TextVisitor;
use super::wire::error::WireError;
use super::wire::field::{Plain, Wire};
use super::wire::key::Key;
use super::wire::one_record::one_record;
use super::wire::position::ErrorPosition;
use super::wire::reader::Reader;
use super::wire::writer::Writer;

/// `Part` and `Wire` of a type that is `$carrier` in messages.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time", feature = "uuid"))]
macro_rules! carried {
    ($type:ty, $shape:ident, $expecting:literal, $carrier:ty, |$value:ident| $to:expr, |$read:ident| $from:expr) => {
        impl Part for $type {
            fn shape(_: &mut Shapes) -> Shape {
                Shape::$shape
            }

            fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $value = self;
                let carrier: Result<$carrier, &str> = $to;
                serializer.collect_str(&carrier.map_err(serde::ser::Error::custom)?)
            }

            fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(TextVisitor {
                    expecting: $expecting,
                    parse: |text: &str| {
                        let $read = text.parse::<$carrier>().map_err(|error| error.to_string())?;
                        $from
                    },
                })
            }
        }

        impl Wire for $type {
            type Slot = Option<Self>;

            fn encode(&self, number: u32, writer: &mut Writer) {
                let $value = self;
                let carrier: Result<$carrier, &str> = $to;
                match carrier {
                    Ok(carrier) => Wire::<Plain>::encode(&carrier, number, writer),
                    Err(reason) => writer.fail(reason),
                }
            }
            one_record!(Plain);
            fn merge_one(
                slot: &mut Option<Self>,
                key: Key,
                reader: &mut Reader<'_>,
            ) -> Result<(), WireError> {
                let place = reader.place();
                let mut carrier: Option<$carrier> = slot.and_then(|$value| $to.ok());
                <$carrier as Wire>::merge_one(&mut carrier, key, reader)?;
                let $read = carrier.unwrap_or_default();
                let value: Result<Self, String> = $from;
                *slot = Some(value.map_err(|reason| place.error(reason))?);
                Ok(())
            }
            fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
                let mut slot = None;
                Self::merge_one(&mut slot, key, reader)?;
                slot.map_or_else(<Self as Wire>::zero, Ok)
            }
            fn zero() -> Result<Self, WireError> {
                let $read = <$carrier>::default();
                let value: Result<Self, String> = $from;
                value.map_err(|reason| ErrorPosition::NONE.error(reason))
            }
        }
    };
}

#[cfg(feature = "jiff")]
carried!(
    jiff::Timestamp,
    Timestamp,
    "a time as text",
    super::Timestamp,
    |time| {
        // jiff counts the fraction of a time before 1970 backwards.
        let (seconds, nanos) = (time.as_second(), time.subsec_nanosecond());
        let (seconds, nanos) =
            if nanos < 0 { (seconds - 1, nanos + 1_000_000_000) } else { (seconds, nanos) };
        within(seconds, nanos.unsigned_abs())
    },
    |time| {
        jiff::Timestamp::new(time.seconds(), time.nanos().cast_signed())
            .map_err(|error| error.to_string())
    }
);

#[cfg(feature = "chrono")]
carried!(
    chrono::DateTime<chrono::Utc>,
    Timestamp,
    "a time as text",
    super::Timestamp,
    |time| within(time.timestamp(), time.timestamp_subsec_nanos()),
    |time| {
        chrono::DateTime::from_timestamp(time.seconds(), time.nanos())
            .ok_or_else(|| super::TimestampError.to_string())
    }
);

#[cfg(feature = "time")]
carried!(
    ::time::UtcDateTime,
    Timestamp,
    "a time as text",
    super::Timestamp,
    |time| within(time.unix_timestamp(), time.nanosecond()),
    |time| {
        ::time::UtcDateTime::from_unix_timestamp(time.seconds())
            .and_then(|whole| whole.replace_nanosecond(time.nanos()))
            .map_err(|error| error.to_string())
    }
);

#[cfg(feature = "uuid")]
carried!(uuid::Uuid, Uuid, "a UUID as text", String, |id| Ok::<_, &str>(id.to_string()), |text| {
    text.parse::<uuid::Uuid>().map_err(|error| format!("not a UUID: {error}"))
});

#[cfg(feature = "uuid")]
impl<M> super::container::MapKey<M> for uuid::Uuid {}

/// As a `Vec<u8>`.
#[cfg(feature = "bytes")]
impl Part for ::bytes::Bytes {
    fn shape(shapes: &mut Shapes) -> Shape {
        Vec::<u8>::shape(shapes)
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::bytes::to_json(self, serializer)
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::bytes::from_json(deserializer).map(Self::from)
    }

    fn absent() -> Option<Self> {
        Vec::<u8>::absent().map(Self::from)
    }
}

#[cfg(feature = "bytes")]
impl Wire for ::bytes::Bytes {
    type Slot = Option<Self>;

    fn encode(&self, number: u32, writer: &mut Writer) {
        <u8 as Wire>::encode_list(self, number, writer);
    }
    one_record!(Plain);
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        <Vec<u8> as Wire>::read(key, reader).map(Self::from)
    }
    fn zero() -> Result<Self, WireError> {
        Ok(Self::new())
    }
}

// The other types go further than the year 9999, and chrono counts a leap second as nanoseconds from a
// billion on.
#[cfg(any(feature = "jiff", feature = "chrono", feature = "time"))]
fn within(seconds: i64, nanos: u32) -> Result<super::Timestamp, &'static str> {
    super::Timestamp::new(seconds, nanos)
        .ok_or("a time before the year 1, after the year 9999 or in a leap second can't be written")
}

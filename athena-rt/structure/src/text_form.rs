//! Types that are text in a message: `char`, addresses, paths, shared text, and any type by its `Display`
//! and `FromStr`.

use std::borrow::Cow;
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::path::PathBuf;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserializer, Serializer};

use super::container::MapKey;
use super::part::Part;
use super::shape::{Shape, Shapes};
use super::time::TextVisitor;
#[cfg(feature = "time")]
use super::time_crate;
use super::wire::error::WireError;
use super::wire::field::{Plain, Wire};
use super::wire::key::Key;
use super::wire::one_record::one_record;
use super::wire::position::ErrorPosition;
use super::wire::reader::Reader;
use super::wire::text::{encode_text, read_text};
use super::wire::writer::Writer;

/// `Part`, `Wire` and `MapKey` of a type that is text in messages: how it is written, how it is read. Behind a `?`
/// writing may fail.
macro_rules! text_form {
    (
        [$($generic:tt)*] $type:ty, $shape:expr, $expecting:literal,
        |$value:ident| $to:expr, |$text:ident| $from:expr
    ) => {
        text_form!([$($generic)*] $type, $shape, $expecting, |$value| ? Ok::<_, String>($to), |$text| $from);
    };
    (
        [$($generic:tt)*] $type:ty, $shape:expr, $expecting:literal,
        |$value:ident| ? $to:expr, |$text:ident| $from:expr
    ) => {
        impl<$($generic)*> Part for $type {
            fn shape(_: &mut Shapes) -> Shape {
                $shape
            }

            fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $value = self;
                serializer.collect_str(&$to.map_err(serde::ser::Error::custom)?)
            }

            fn from_json<'de, De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
                let parse = |$text: &str| -> Result<Self, String> { $from };
                deserializer.deserialize_str(TextVisitor { expecting: $expecting, parse })
            }
        }

        impl<$($generic)*> Wire for $type {
            type Slot = Option<Self>;

            fn encode(&self, number: u32, writer: &mut Writer) {
                let $value = self;
                match $to {
                    Ok(text) => encode_text(&text.to_string(), number, writer),
                    Err(reason) => writer.fail(&reason),
                }
            }
            one_record!(Plain);
            fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
                let place = reader.place();
                let $text = read_text(key, reader)?;
                let value: Result<Self, String> = $from;
                value.map_err(|reason| place.error(reason))
            }
            fn zero() -> Result<Self, WireError> {
                let $text = "";
                let value: Result<Self, String> = $from;
                value.map_err(|reason| ErrorPosition::NONE.error(reason))
            }
        }

        impl<M, $($generic)*> MapKey<M> for $type {}
    };
}

/// The same for types with `Display` and `FromStr`.
macro_rules! parsed {
    ($($type:ty, $name:literal, $expecting:literal;)*) => {$(
        text_form!([] $type, Shape::TextOf($name), $expecting, |value| value, |text| text
            .parse::<$type>()
            .map_err(|_| concat!("not ", $expecting).to_owned()));
    )*};
}

parsed! {
    char, "char", "one character";
    IpAddr, "IpAddr", "an IP address";
    Ipv4Addr, "Ipv4Addr", "an IPv4 address";
    Ipv6Addr, "Ipv6Addr", "an IPv6 address";
    SocketAddr, "SocketAddr", "an address and a port";
    SocketAddrV4, "SocketAddrV4", "an IPv4 address and a port";
    SocketAddrV6, "SocketAddrV6", "an IPv6 address and a port";
}

text_form!([] Box<str>, Shape::Text, "text", |text| text, |text| Ok(text.into()));
text_form!([] Arc<str>, Shape::Text, "text", |text| text, |text| Ok(text.into()));
text_form!([] Rc<str>, Shape::Text, "text", |text| text, |text| Ok(text.into()));
text_form!([] Cow<'static, str>, Shape::Text, "text", |text| text, |text| Ok(Cow::Owned(text.to_owned())));
// A message is text: a path that is not UTF-8 can't be in one.
text_form!([] PathBuf, Shape::Text, "a path", |path| ? path.to_str()
    .ok_or_else(|| format!("the path {} is not UTF-8", path.display())), |text| Ok(text.into()));

#[cfg(feature = "rust_decimal")]
text_form!([] rust_decimal::Decimal, Shape::TextOf("Decimal"), "a decimal number as text", |value| value, |text| {
    // `parse` rounds what has more digits.
    rust_decimal::Decimal::from_str_exact(text).map_err(|error| format!("not a decimal number: {error}"))
});

#[cfg(feature = "url")]
text_form!([] url::Url, Shape::TextOf("Url"), "a URL", |value| value, |text| {
    text.parse::<url::Url>().map_err(|error| format!("not a URL: {error}"))
});

#[cfg(feature = "semver")]
text_form!([] semver::Version, Shape::TextOf("Version"), "a version", |value| value, |text| {
    text.parse::<semver::Version>().map_err(|error| format!("not a version: {error}"))
});

// Dates and times that no instant belongs to, by the same names whatever crate they are of. A text that
// says more than the type keeps is refused.
#[cfg(feature = "jiff")]
text_form!([] jiff::civil::Date, Shape::TextOf("Date"), "a date", |value| value, |text| civil(text, &[DATE]));
#[cfg(feature = "jiff")]
text_form!([] jiff::civil::Time, Shape::TextOf("Time"), "a time of day", |value| value, |text| civil(text, &[CLOCK]));
#[cfg(feature = "jiff")]
text_form!([] jiff::civil::DateTime, Shape::TextOf("DateTime"), "a date and a time of day", |value| value, |text| {
    civil(text, &[DATE, CLOCK])
});
#[cfg(feature = "jiff")]
text_form!([] jiff::SignedDuration, Shape::TextOf("SignedDuration"), "a length of time", |value| value, |text| iso(text));
#[cfg(feature = "jiff")]
text_form!([] jiff::Span, Shape::TextOf("Span"), "a span of time", |value| value, |text| iso(text));
// `Span` has no equality, and what a structure holds needs one.
#[cfg(feature = "jiff")]
text_form!([] jiff::SpanFieldwise, Shape::TextOf("Span"), "a span of time", |value| value.0, |text| {
    iso::<jiff::Span>(text).map(jiff::Span::fieldwise)
});
#[cfg(feature = "jiff")]
text_form!([] jiff::Zoned, Shape::TextOf("Zoned"), "a time with its zone", |value| value, |text| {
    text.parse::<jiff::Zoned>().map_err(|error| format!("not a time with its zone: {error}"))
});

#[cfg(feature = "chrono")]
text_form!([] chrono::NaiveDate, Shape::TextOf("Date"), "a date", |value| value, |text| civil(text, &[DATE]));
#[cfg(feature = "chrono")]
text_form!([] chrono::NaiveTime, Shape::TextOf("Time"), "a time of day", |value| value, |text| civil(text, &[CLOCK]));
#[cfg(feature = "chrono")]
text_form!([] chrono::NaiveDateTime, Shape::TextOf("DateTime"), "a date and a time of day",
    // `Display` has a space in place of the T.
    |value| format_args!("{value:?}"), |text| civil(text, &[DATE, CLOCK]));
#[cfg(feature = "chrono")]
text_form!([] chrono::DateTime<chrono::FixedOffset>, Shape::TextOf("OffsetDateTime"), "a time with its offset",
    |value| ? write_offset(value), |text| {
    chrono::DateTime::parse_from_rfc3339(text).map_err(|error| format!("not a time with its offset: {error}"))
});

#[cfg(feature = "time")]
text_form!([] ::time::Date, Shape::TextOf("Date"), "a date", |value| ? time_crate::write_date(*value), |text| {
    time_crate::date(text)
});
#[cfg(feature = "time")]
text_form!([] ::time::Time, Shape::TextOf("Time"), "a time of day", |value| time_crate::write_time(*value), |text| {
    time_crate::time(text)
});
#[cfg(feature = "time")]
text_form!([] ::time::PrimitiveDateTime, Shape::TextOf("DateTime"), "a date and a time of day",
    |value| ? time_crate::write_both(*value), |text| time_crate::both(text));
#[cfg(feature = "time")]
text_form!([] ::time::OffsetDateTime, Shape::TextOf("OffsetDateTime"), "a time with its offset",
    |value| ? time_crate::write_offset(*value), |text| time_crate::offset(text));
#[cfg(feature = "time")]
text_form!([] ::time::Duration, Shape::TextOf("SignedDuration"), "a length of time",
    |value| time_crate::write_duration(*value), |text| time_crate::duration(text));

/// A part of a text: whether it is one, and how it is written.
#[cfg(any(feature = "jiff", feature = "chrono"))]
type CivilPart = (fn(&str) -> bool, &'static str, &'static str);

#[cfg(any(feature = "jiff", feature = "chrono"))]
const DATE: CivilPart = (is_date, "a date", "2026-11-29");
#[cfg(any(feature = "jiff", feature = "chrono"))]
const CLOCK: CivilPart = (is_clock, "a time of day", "12:30:00");

/// Reads a date, a time of day, or one and a `T` before the other. The crates read other forms too, a year of two
/// digits among them.
#[cfg(any(feature = "jiff", feature = "chrono"))]
fn civil<T: FromStr<Err: Display>>(text: &str, parts: &[CivilPart]) -> Result<T, String> {
    let mut texts = text.splitn(parts.len(), ['T', 't', ' ']);
    let mut are_legal = parts.iter().map(|part| texts.next().is_some_and(part.0));
    let wrong = |reason: &str| {
        let names = parts.iter().map(|part| part.1).collect::<Vec<_>>().join(" and ");
        let forms = parts.iter().map(|part| part.2).collect::<Vec<_>>().join("T");
        format!("not {names}, which is written `{forms}`{reason}")
    };
    if !are_legal.all(|is_legal| is_legal) {
        return Err(wrong(""));
    }
    text.parse::<T>().map_err(|error| wrong(&format!(": {error}")))
}

#[cfg(any(feature = "jiff", feature = "chrono"))]
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.strip_prefix(['-', '+']).unwrap_or(text).split('-').collect();
    matches!(parts[..], [year, month, day] if year.len() >= 4 && month.len() == 2 && day.len() == 2)
        && parts.iter().all(|part| are_digits(part))
}

#[cfg(any(feature = "jiff", feature = "chrono"))]
fn is_clock(text: &str) -> bool {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    matches!(parts.len(), 2 | 3)
        && parts.iter().all(|part| part.len() == 2 && are_digits(part))
        && are_digits(fraction)
}

#[cfg(any(feature = "jiff", feature = "chrono"))]
fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A time with its offset, if RFC 3339 has it.
#[cfg(feature = "chrono")]
fn write_offset(time: &chrono::DateTime<chrono::FixedOffset>) -> Result<String, String> {
    // `Display` has a space in place of the T.
    let text = format!("{time:?}");
    match chrono::DateTime::parse_from_rfc3339(&text) {
        Ok(read) if read == *time => Ok(text),
        _ => Err(format!(
            "{text} can't be written: RFC 3339 has the years 0 to 9999, and offsets of whole minutes"
        )),
    }
}

/// Reads ISO 8601; jiff also reads `1h 30m`.
#[cfg(feature = "jiff")]
fn iso<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    if text.trim_start_matches(['-', '+']).starts_with('P') {
        text.parse::<T>().map_err(|error| format!("not a length of time: {error}"))
    } else {
        Err("not a length of time, which is written `PT1H30M`".to_owned())
    }
}

/// A type of another crate as text, by `Display` and `FromStr`: what `#[field(text)]` makes of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AsText<T>(pub T);

/// What a type must have to be text in messages.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be text in a message",
    label = "needs `Clone`, `Display` and `FromStr`",
    note = "`#[field(text)]` writes a value by `Display` and reads it by `FromStr`, whose error has a text",
    note = "it looks into `Option`, `Box`, `Vec`, arrays and maps that are written out, and not into an alias of one: write `Option<Version>`"
)]
pub trait TextForm: Clone + 'static {
    /// As text.
    fn to_text(&self) -> String;
    /// From text, or the reason why not.
    fn from_text(text: &str) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: Display + FromStr<Err: Display> + Clone + 'static> TextForm for T {
    fn to_text(&self) -> String {
        self.to_string()
    }
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: T::Err| error.to_string())
    }
}

text_form!([T: TextForm] AsText<T>, Shape::TextOf(last_name(std::any::type_name::<T>())), "text", |value| value
    .0
    .to_text(), |text| T::from_text(text).map(AsText));

/// The last segment of the name of a type.
pub(crate) fn last_name(path: &'static str) -> &'static str {
    let path = path.split('<').next().unwrap_or(path);
    let name = path.rsplit("::").next().unwrap_or(path);
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_word && !name.is_empty() { name } else { "other" }
}

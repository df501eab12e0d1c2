//! Whether what is written as one type reads as another, on the wire and in JSON.

use super::super::schema::Type;
use super::finding::{Breaks, Rule};
use crate::shape::Encoding;

/// From one type to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing that anyone would notice.
    Same,
    /// Every old value is a new one, in the same form.
    Widens,
    Breaks(Rule, Breaks),
}

impl Change {
    /// The worse of two.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Breaks(..), _) => self,
            (_, Self::Breaks(..)) => other,
            (Self::Widens, _) | (_, Self::Widens) => Self::Widens,
            _ => Self::Same,
        }
    }
}

const RETYPED: Change = Change::Breaks(Rule::Retyped, Breaks::ALL);
const ON_THE_WIRE: Change = Change::Breaks(Rule::Retyped, Breaks::WIRE);
const NARROWED: Change = Change::Breaks(Rule::Narrowed, Breaks::STORED_JSON);
const REPEATED: Change = Change::Breaks(Rule::Repeated, Breaks::ALL);
const REQUIRED: Change = Change::Breaks(Rule::Required, Breaks::STORED_JSON);

/// How a field holds its value.
enum Holds<'a> {
    One(&'a Type),
    Many(&'a Type, Option<usize>),
    Entries(&'a Type, &'a Type),
}

fn holds(value: &Type) -> Holds<'_> {
    match value {
        Type::Option(inner) | Type::Boxed(inner) => Holds::One(inner),
        Type::List(item) | Type::Set(item) => Holds::Many(item, None),
        Type::Array(list, length) => match &**list {
            Type::List(item) => Holds::Many(item, Some(*length)),
            _ => Holds::One(value),
        },
        Type::Map(key, value) => Holds::Entries(key, value),
        one => Holds::One(one),
    }
}

/// The values of a field. Whether it may be absent is judged apart.
pub(super) fn field_values(old: &Type, new: &Type) -> Change {
    if let (Type::List(_), Type::Set(_)) | (Type::Set(_), Type::List(_)) = (old, new) {
        return record_values(old, new);
    }
    match (holds(old), holds(new)) {
        (Holds::One(old), Holds::One(new)) => record_values(old, new),
        (Holds::Many(old, length), Holds::Many(new, now)) => {
            record_values(old, new).and(lengths(length, now))
        }
        (Holds::Entries(key, old), Holds::Entries(new_key, new)) => {
            record_values(key, new_key).and(record_values(old, new))
        }
        _ => REPEATED,
    }
}

/// The values of exactly one record.
pub(super) fn record_values(old: &Type, new: &Type) -> Change {
    match (old, new) {
        (Type::Boxed(old), new) => record_values(old, new),
        (old, Type::Boxed(new)) => record_values(old, new),
        (old, new) if old == new => Change::Same,
        (Type::Int { .. }, Type::Int { .. }) => integers(old, new),
        // Other bytes; in JSON every f32 is an f64, but not the other way round.
        (Type::Float { bits: 32 }, Type::Float { .. }) => ON_THE_WIRE,
        (Type::Array(inner, length), Type::Bytes) if **inner == Type::Bytes => {
            lengths(Some(*length), None)
        }
        (Type::Bytes, Type::Array(inner, length)) if **inner == Type::Bytes => {
            lengths(None, Some(*length))
        }
        (Type::Array(old, length), Type::Array(new, now))
            if **old == Type::Bytes && **new == Type::Bytes =>
        {
            lengths(Some(*length), Some(*now))
        }
        (Type::TextOf(_) | Type::Uuid, Type::Text) => Change::Widens,
        (Type::TextOf(old), Type::TextOf(new)) if is_kind_of(old, new) => Change::Widens,
        (Type::Text | Type::TextOf(_) | Type::Uuid, Type::TextOf(_) | Type::Uuid) => NARROWED,
        (Type::List(old), Type::Set(new)) => NARROWED.and(record_values(old, new)),
        (Type::Set(old), Type::List(new)) => Change::Widens.and(record_values(old, new)),
        (Type::Option(old), Type::Option(new)) => record_values(old, new),
        (Type::Set(_), Type::Set(_))
        | (Type::List(_) | Type::Array(..), Type::List(_) | Type::Array(..))
        | (Type::Map(..), Type::Map(..)) => field_values(old, new),
        (Type::Tuple(old), Type::Tuple(new)) if old.len() == new.len() => {
            old.iter().zip(new).fold(Change::Same, |worst, (old, new)| worst.and(element(old, new)))
        }
        (
            Type::Option(_) | Type::List(_) | Type::Set(_) | Type::Map(..),
            Type::Option(_) | Type::List(_) | Type::Set(_) | Type::Map(..),
        ) => REPEATED,
        _ => RETYPED,
    }
}

/// Whether each text of one type is read by another.
fn is_kind_of(old: &str, new: &str) -> bool {
    matches!(
        (old, new),
        ("Ipv4Addr" | "Ipv6Addr", "IpAddr") | ("SocketAddrV4" | "SocketAddrV6", "SocketAddr")
    )
}

/// An element of a tuple is a field; in JSON it is always there, be it as `null`.
fn element(old: &Type, new: &Type) -> Change {
    let may_be_null = |value: &Type| matches!(value, Type::Option(_));
    let change = field_values(old, new);
    if may_be_null(old) && !may_be_null(new) { change.and(REQUIRED) } else { change }
}

fn lengths(old: Option<usize>, new: Option<usize>) -> Change {
    match (old, new) {
        (old, new) if old == new => Change::Same,
        (Some(_), None) => Change::Widens,
        (_, Some(_)) => NARROWED,
        (None, None) => Change::Same,
    }
}

/// | from | to | |
/// |---|---|---|
/// | any | one with all its values: `u8` to `u32`, `i32` to `i64`, `u32` to `i64` | widens |
/// | any | one that lacks some: `u32` to `u8`, `i32` to `u32`, `u64` to `i64` | narrows |
/// | `fixed`, up to 32 bits | `fixed`, 64 bits | other bytes |
/// | one encoding | another | other bytes |
fn integers(old: &Type, new: &Type) -> Change {
    let (
        &Type::Int { bits: old, signed: was_signed, encoding: was },
        &Type::Int { bits: new, signed: is_signed, encoding: is },
    ) = (old, new)
    else {
        return RETYPED;
    };
    let has_all = match (was_signed, is_signed) {
        (true, true) | (false, false) => new >= old,
        (false, true) => new > old,
        (true, false) => false,
    };
    if !has_all {
        return NARROWED;
    }
    // 128 bits are text.
    let is_wider_record = (old > 32) != (new > 32);
    if (old > 64) != (new > 64) {
        return ON_THE_WIRE;
    }
    if was != is || (is == Encoding::Fixed && is_wider_record) {
        return ON_THE_WIRE;
    }
    Change::Widens
}

//! Reading records off a message, each length checked before anything is built for it.

use super::error::WireError;
use super::key::{FIXED32, FIXED64, GROUP, GROUP_END, Key, LENGTH, VARINT};
use super::limits::DEPTH_LIMIT;
use super::position::ErrorPosition;
use super::unknown::UnknownFields;
use super::varint::long_varint;

/// The bytes of one message that are left to read.
///
/// Everything that takes `&mut Reader` on the hot path is inlined, and what is not takes the bytes themselves: that way
/// a reader lives in registers. It makes reading about a third faster.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    depth: u32,
}

/// The value behind a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Record<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

impl<'a> Record<'a> {
    /// The bits of a number.
    pub(crate) fn bits(self) -> u64 {
        match self {
            Self::Varint(bits) | Self::Fixed64(bits) => bits,
            Self::Fixed32(bits) => bits.into(),
            Self::Bytes(_) => 0,
        }
    }

    /// The bytes behind a length.
    pub(crate) fn bytes(self) -> &'a [u8] {
        if let Self::Bytes(bytes) = self { bytes } else { &[] }
    }
}

impl<'a> Reader<'a> {
    /// Reads a message that is exactly `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: DEPTH_LIMIT }
    }

    /// Reads the content of a message, with `depth` levels left.
    #[inline(always)]
    pub(crate) fn within(rest: &'a [u8], depth: u32) -> Self {
        Self { rest, depth }
    }

    /// Levels left.
    #[inline(always)]
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// The key of the next record, or `None` at the message's end.
    #[inline(always)]
    pub fn key(&mut self) -> Result<Option<Key>, WireError> {
        match self.rest {
            [] => Ok(None),
            [byte, rest @ ..] if *byte < 0x80 => {
                self.rest = rest;
                Ok(Some(Key(u32::from(*byte))))
            }
            // Field numbers from 16 on.
            [first, second, rest @ ..] if *second < 0x80 => {
                self.rest = rest;
                Ok(Some(Key(u32::from(*first & 0x7f) | u32::from(*second) << 7)))
            }
            _ => {
                let (key, rest) = long_key(self.rest)?;
                self.rest = rest;
                Ok(Some(key))
            }
        }
    }

    /// Skips a record of an unknown field.
    #[inline(always)]
    pub fn skip(&mut self, key: Key) -> Result<(), WireError> {
        self.rest = after_record(self.rest, self.depth, key)?;
        Ok(())
    }

    /// Keeps a record of an unknown field.
    #[inline(always)]
    pub fn keep(&mut self, key: Key, unknown: &mut UnknownFields) -> Result<(), WireError> {
        let after = after_record(self.rest, self.depth, key)?;
        unknown.push(key, &self.rest[..self.rest.len() - after.len()]);
        self.rest = after;
        Ok(())
    }

    /// The next record, or `None` at the message's end. A group is an error.
    pub(crate) fn record(&mut self) -> Result<Option<(u32, Record<'a>)>, WireError> {
        let Some(key) = self.key()? else { return Ok(None) };
        let record = match key.wire() {
            VARINT => Record::Varint(self.varint()?),
            FIXED64 => Record::Fixed64(u64::from_le_bytes(self.fixed()?)),
            FIXED32 => Record::Fixed32(u32::from_le_bytes(self.fixed()?)),
            LENGTH => Record::Bytes(self.length()?),
            _ => return Err(self.place().error("a group")),
        };
        Ok(Some((key.number(), record)))
    }

    /// The next element of a packed list, of the wire type that `like` has.
    pub(crate) fn another(&mut self, like: Record<'_>) -> Result<Option<Record<'a>>, WireError> {
        if self.is_empty() {
            return Ok(None);
        }
        Ok(Some(match like {
            Record::Varint(_) => Record::Varint(self.varint()?),
            Record::Fixed64(_) => Record::Fixed64(u64::from_le_bytes(self.fixed()?)),
            Record::Fixed32(_) => Record::Fixed32(u32::from_le_bytes(self.fixed()?)),
            Record::Bytes(_) => Record::Bytes(self.length()?),
        }))
    }

    /// The position of the reader.
    #[inline(always)]
    pub fn place(&self) -> ErrorPosition<'a> {
        ErrorPosition::new(self.rest)
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes that are left.
    #[inline(always)]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline(always)]
    pub(crate) fn varint(&mut self) -> Result<u64, WireError> {
        match self.rest {
            [byte, rest @ ..] if *byte < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            // Field numbers from 16 on, lengths from 128 on.
            [first, second, rest @ ..] if *second < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*first & 0x7f) | u64::from(*second) << 7)
            }
            _ => {
                let (value, rest) = long_varint(self.rest)?;
                self.rest = rest;
                Ok(value)
            }
        }
    }

    #[inline(always)]
    pub(crate) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        match self.rest.split_first_chunk::<N>() {
            Some((chunk, rest)) => {
                self.rest = rest;
                Ok(*chunk)
            }
            None => Err(self.place().truncated()),
        }
    }

    /// A length and the bytes behind it.
    #[inline(always)]
    pub(crate) fn length(&mut self) -> Result<&'a [u8], WireError> {
        let length = self.varint()?;
        match usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length)) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(self.place().overlong(length)),
        }
    }

    /// The bytes of a record that must have a length.
    #[inline(always)]
    pub(crate) fn payload(&mut self, key: Key) -> Result<&'a [u8], WireError> {
        self.expect(key, LENGTH)?;
        self.length()
    }

    /// A reader for the message this record holds.
    #[inline(always)]
    pub(crate) fn message(&mut self, key: Key) -> Result<Reader<'a>, WireError> {
        let rest = self.payload(key)?;
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Reader { rest, depth }),
            None => Err(self.place().too_deep()),
        }
    }

    /// A reader of `bytes` at the depth of this one.
    #[inline(always)]
    pub(crate) fn over(&self, bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes, depth: self.depth }
    }

    /// Refuses a record of another wire type.
    #[inline(always)]
    pub(crate) fn expect(&self, key: Key, wire: u32) -> Result<(), WireError> {
        if key.wire() == wire { Ok(()) } else { Err(self.place().mismatch(key, wire)) }
    }
}

/// Counts the records of this key and with a length at the front of `bytes`. Reads keys and lengths only.
pub(super) fn count_repeats(bytes: &[u8], key: Key) -> usize {
    let mut ahead = Reader::new(bytes);
    let mut count = 0;
    while let Ok(Some(next)) = ahead.key() {
        if next != key || next.wire() != LENGTH || ahead.length().is_err() {
            break;
        }
        count += 1;
    }
    count
}

// The bytes after a record whose key has been read.
#[inline(never)]
fn after_record(rest: &[u8], depth: u32, key: Key) -> Result<&[u8], WireError> {
    let mut reader = Reader { rest, depth };
    // Groups are followed without recursion: the numbers of those still open.
    let mut open: Vec<u32> = Vec::new();
    let mut key = key;
    loop {
        let place = reader.place();
        if key.number() == 0 {
            return Err(place.error("field number 0 is not allowed"));
        }
        match key.wire() {
            VARINT => drop(reader.varint()?),
            FIXED64 => drop(reader.fixed::<8>()?),
            FIXED32 => drop(reader.fixed::<4>()?),
            LENGTH => drop(reader.length()?),
            GROUP if open.len() >= depth as usize => return Err(place.too_deep()),
            GROUP => open.push(key.number()),
            GROUP_END if open.last() == Some(&key.number()) => drop(open.pop()),
            GROUP_END => return Err(place.error("a group ends that did not begin")),
            other => return Err(place.error(format!("wire type {other} does not exist"))),
        }
        if open.is_empty() {
            return Ok(reader.rest);
        }
        key = reader.key()?.ok_or_else(|| reader.place().truncated())?;
    }
}

// A key of three bytes or more: of five at most, whatever they come to.
#[inline(never)]
fn long_key(bytes: &[u8]) -> Result<(Key, &[u8]), WireError> {
    let (key, rest) = long_varint(bytes)?;
    match u32::try_from(key) {
        Ok(key) if bytes.len() - rest.len() <= 5 => Ok((Key(key), rest)),
        _ => Err(ErrorPosition::new(bytes).error("a field number beyond 536870911")),
    }
}

//! Reading records off a message, each length checked before anything is built for it.

use super::error::WireError;
use super::unknown::UnknownFields;

/// Messages within messages that are followed before reading gives up, as Protocol Buffers does everywhere.
pub const DEPTH_LIMIT: u32 = 100;

pub(crate) const VARINT: u32 = 0;
pub(crate) const FIXED64: u32 = 1;
pub(crate) const LENGTH: u32 = 2;
const GROUP: u32 = 3;
const GROUP_END: u32 = 4;
pub(crate) const FIXED32: u32 = 5;

/// A record's field number and wire type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub(crate) u32);

impl Key {
    /// The field number.
    #[inline(always)]
    pub fn number(self) -> u32 {
        self.0 >> 3
    }

    #[inline(always)]
    pub(crate) fn wire(self) -> u32 {
        self.0 & 7
    }
}

/// What is left to read of one message.
///
/// Everything that takes `&mut Reader` on the hot path is inlined, and what is not takes the bytes themselves: that way
/// a reader lives in registers. It makes reading about a third faster.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    depth: u32,
}

/// What stands behind a key.
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

/// A place in a message, for errors.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads a message that is exactly `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: DEPTH_LIMIT }
    }

    /// Reads what is within a message, with so many levels left.
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

    /// Passes over a record of no known field.
    #[inline(always)]
    pub fn skip(&mut self, key: Key) -> Result<(), WireError> {
        self.rest = after_record(self.rest, self.depth, key)?;
        Ok(())
    }

    /// Keeps a record of no known field.
    #[inline(always)]
    pub fn keep(&mut self, key: Key, unknown: &mut UnknownFields) -> Result<(), WireError> {
        let after = after_record(self.rest, self.depth, key)?;
        unknown.push(key, &self.rest[..self.rest.len() - after.len()]);
        self.rest = after;
        Ok(())
    }

    /// The next record as such, or `None` at the message's end. Groups are none of ours.
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

    /// Where reading stands.
    #[inline(always)]
    pub fn place(&self) -> Place<'a> {
        Place(self.rest)
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left.
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

    /// The bytes of a record that must bear a length.
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

impl<'a> Place<'a> {
    /// No place in particular.
    pub(crate) const NONE: Place<'static> = Place(&[]);

    /// The place of `bytes`.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// An error here.
    #[cold]
    #[inline(never)]
    pub fn error(self, reason: impl Into<String>) -> WireError {
        WireError::at(self.0, reason.into())
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn truncated(self) -> WireError {
        self.error("the message ends in the middle of a field")
    }

    #[cold]
    #[inline(never)]
    fn too_deep(self) -> WireError {
        self.error(format!("messages are nested deeper than {DEPTH_LIMIT}"))
    }

    #[cold]
    #[inline(never)]
    fn overlong(self, length: u64) -> WireError {
        self.error(format!("a length of {length} bytes, but only {} follow", self.0.len()))
    }

    #[cold]
    #[inline(never)]
    fn mismatch(self, key: Key, wire: u32) -> WireError {
        let (wanted, found) = (wire_name(wire), wire_name(key.wire()));
        self.error(format!(
            "expected {wanted}, found {found}: the field has another type in the writer"
        ))
    }
}

/// How many records of this key, each bearing a length, stand at the front of `bytes`. Reads keys and lengths only.
pub(crate) fn count_repeats(bytes: &[u8], key: Key) -> usize {
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

// What follows a record whose key has been read.
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
        _ => Err(Place(bytes).error("a field number beyond 536870911")),
    }
}

// Eight bytes at once where there are as many: the first clear high bit is the varint's end.
#[inline(never)]
fn long_varint(bytes: &[u8]) -> Result<(u64, &[u8]), WireError> {
    if let Some((chunk, rest)) = bytes.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let ends = !word & !SEVENS;
        if ends != 0 {
            let length = (ends.trailing_zeros() / 8 + 1) as usize;
            let value = gather(word & (ends ^ (ends - 1)) & SEVENS);
            return Ok((value, bytes.get(length..).unwrap_or_default()));
        }
        // Nine bytes: times in nanoseconds, hashes. Ten: negative numbers.
        match rest {
            [ninth, rest @ ..] if *ninth < 0x80 => {
                return Ok((gather(word & SEVENS) | u64::from(*ninth) << 56, rest));
            }
            [ninth, tenth, rest @ ..] if *tenth < 2 => {
                let low = gather(word & SEVENS) | u64::from(*ninth & 0x7f) << 56;
                return Ok((low | u64::from(*tenth) << 63, rest));
            }
            _ => {}
        }
    }
    short_varint(bytes)
}

// A varint near the end of the message, or none.
fn short_varint(bytes: &[u8]) -> Result<(u64, &[u8]), WireError> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Ok((value, &bytes[index + 1..]));
        }
    }
    let place = Place(bytes);
    if bytes.len() < 10 {
        Err(place.truncated())
    } else {
        Err(place.error("a number of more than 64 bits"))
    }
}

const SEVENS: u64 = 0x7f7f_7f7f_7f7f_7f7f;

// Undoes `spread`: eight bytes of seven bits.
#[inline(always)]
fn gather(word: u64) -> u64 {
    let word = (word & 0x007f_007f_007f_007f) | ((word & 0x7f00_7f00_7f00_7f00) >> 1);
    let word = (word & 0x0000_3fff_0000_3fff) | ((word & 0x3fff_0000_3fff_0000) >> 2);
    (word & 0x0000_0000_0fff_ffff) | ((word & 0x0fff_ffff_0000_0000) >> 4)
}

fn wire_name(wire: u32) -> &'static str {
    match wire {
        VARINT => "a varint",
        FIXED64 => "8 fixed bytes",
        LENGTH => "a length and bytes",
        GROUP | GROUP_END => "a group",
        FIXED32 => "4 fixed bytes",
        _ => "a wire type that does not exist",
    }
}

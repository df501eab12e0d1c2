//! A buffer that is filled from its end.
//!
//! A Protocol Buffers message follows its length. Written forwards, every length has to be known first, which
//! costs a second pass over the value (and one a level of nesting, where lengths are not kept). Written backwards, the
//! length is what has just been written.

use super::varint::{CONTINUE, continued, spread, width};

/// Bytes of a message, written from the last to the first.
#[derive(Default)]
pub struct Writer {
    buffer: Vec<u8>,
    // `buffer[start..]` is written.
    start: usize,
    // Why a value could not be written.
    failure: Option<Box<str>>,
}

impl Writer {
    /// An empty writer that grows as needed.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for `bytes` bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { buffer: vec![0; bytes], start: bytes, failure: None }
    }

    /// The bytes written.
    pub fn as_slice(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Bytes written.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets what has been written, keeps the room.
    pub fn clear(&mut self) {
        self.start = self.buffer.len();
        self.failure = None;
    }

    /// Keeps why a value can't be written, the first reason of several.
    pub(crate) fn fail(&mut self, reason: &str) {
        self.failure.get_or_insert_with(|| reason.into());
    }

    /// Why a value could not be written.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Bytes of room in all.
    pub(crate) fn capacity(&self) -> usize {
        self.buffer.len()
    }

    /// Writes a field's key and a varint behind it.
    #[inline(always)]
    pub(crate) fn record(&mut self, key: u32, value: u64) {
        let width = width(u64::from(key));
        let prefix = spread(u64::from(key)) | continued(width);
        if value < 0x80 {
            self.tail(prefix | (value << (8 * width)), width + 1);
        } else {
            self.record_long(prefix, width, value);
        }
    }

    /// Writes a field's key.
    #[inline(always)]
    pub(crate) fn key(&mut self, key: u32) {
        let width = width(u64::from(key));
        self.tail(spread(u64::from(key)) | continued(width), width);
    }

    /// Writes a varint.
    #[inline(always)]
    pub(crate) fn varint(&mut self, value: u64) {
        if value < 0x80 {
            self.tail(value, 1);
        } else {
            self.varint_long(value);
        }
    }

    /// Writes bytes as they are.
    #[inline(always)]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        copy(bytes, self.room(bytes.len()));
    }

    /// Writes `N` bytes as they are.
    #[inline(always)]
    pub(crate) fn array<const N: usize>(&mut self, bytes: [u8; N]) {
        if self.start < N {
            self.grow(N);
        }
        let start = self.start;
        if let Some(slot) = self.buffer[..start].last_chunk_mut() {
            *slot = bytes;
        }
        self.start = start - N;
    }

    /// The `length` bytes before what is written, to be filled by the caller.
    #[inline(always)]
    pub(crate) fn room(&mut self, length: usize) -> &mut [u8] {
        if self.start < length {
            self.grow(length);
        }
        let end = self.start;
        self.start -= length;
        &mut self.buffer[self.start..end]
    }

    /// Writes what `body` writes, behind its length and a key.
    #[inline(always)]
    pub(crate) fn nested(&mut self, key: u32, body: impl FnOnce(&mut Self)) {
        let before = self.len();
        body(self);
        self.record(key, (self.len() - before) as u64);
    }

    // Writes the lowest `width` (1 to 8) bytes of `word`: always eight are stored, and those in front overwritten later.
    #[inline(always)]
    fn tail(&mut self, word: u64, width: u32) {
        if self.start < 8 {
            self.grow(8);
        }
        let start = self.start;
        if let Some(slot) = self.buffer[..start].last_chunk_mut() {
            *slot = (word << ((64 - 8 * width) & 63)).to_le_bytes();
        }
        self.start = start - width as usize;
    }

    #[inline(never)]
    fn record_long(&mut self, prefix: u64, width: u32, value: u64) {
        let length = self::width(value);
        if width + length <= 8 {
            self.tail(
                prefix | ((spread(value) | continued(length)) << (8 * width)),
                width + length,
            );
        } else {
            self.varint_long(value);
            self.tail(prefix, width);
        }
    }

    #[inline(never)]
    fn varint_long(&mut self, value: u64) {
        let length = width(value);
        if length > 8 {
            // Bits 56 to 63 need one or two bytes more.
            if value >> 63 == 1 {
                self.tail(0x0180 | (value >> 56), 2);
            } else {
                self.tail(value >> 56, 1);
            }
            self.tail(spread(value & (u64::MAX >> 8)) | CONTINUE, 8);
        } else {
            self.tail(spread(value) | continued(length), length);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        let written = self.len();
        let capacity = (self.buffer.len() * 2).max(written + more).max(256);
        let mut buffer = vec![0; capacity];
        buffer[capacity - written..].copy_from_slice(&self.buffer[self.start..]);
        self.start = capacity - written;
        self.buffer = buffer;
    }
}

// Most texts are short, and a call of `memcpy` then costs more than the copy: two overlapping words do.
#[inline(always)]
fn copy(from: &[u8], to: &mut [u8]) {
    if from.len() <= 16 && copy_ends::<8>(from, to) || from.len() <= 8 && copy_ends::<4>(from, to) {
        return;
    }
    to.copy_from_slice(from);
}

// Copies the first and the last `N` bytes, if there are as many.
#[inline(always)]
fn copy_ends<const N: usize>(from: &[u8], to: &mut [u8]) -> bool {
    let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) else {
        return false;
    };
    if let Some(slot) = to.first_chunk_mut() {
        *slot = *first;
    }
    if let Some(slot) = to.last_chunk_mut() {
        *slot = *last;
    }
    true
}

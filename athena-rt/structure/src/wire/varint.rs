//! Varints: seven bits per byte, the high bit clear in the last one. Up to eight bytes are handled as one word.

use super::error::WireError;
use super::position::ErrorPosition;

/// The continuation bits of eight bytes.
pub(super) const CONTINUE: u64 = 0x8080_8080_8080_8080;

/// The bytes of the longest varint.
const LONGEST: usize = 10;

const SEVENS: u64 = 0x7f7f_7f7f_7f7f_7f7f;

/// Bytes of `value` as a varint, 1 to 10.
#[inline(always)]
pub(super) fn width(value: u64) -> u32 {
    ((64 - (value | 1).leading_zeros()) * 9 + 64) / 64
}

/// Seven bits a byte, for values below 2^56.
#[inline(always)]
pub(super) fn spread(value: u64) -> u64 {
    let value = (value & 0x0000_0000_0fff_ffff) | ((value & 0x00ff_ffff_f000_0000) << 4);
    let value = (value & 0x0000_3fff_0000_3fff) | ((value & 0x0fff_c000_0fff_c000) << 2);
    (value & 0x007f_007f_007f_007f) | ((value & 0x3f80_3f80_3f80_3f80) << 1)
}

/// The continuation bits of a varint of `width` bytes (1 to 8): on all but its last.
#[inline(always)]
pub(super) fn continued(width: u32) -> u64 {
    CONTINUE & !(u64::MAX << (8 * (width - 1)))
}

/// Appends a varint.
pub fn write_varint(value: u64, out: &mut Vec<u8>) {
    let mut rest = value;
    while rest >= 0x80 {
        out.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    out.push(rest.to_le_bytes()[0]);
}

/// Reads the varint at the front of `bytes`: its value, and how many bytes it takes. `None` if the bytes end within it.
///
/// # Errors
/// If the number has more than 64 bits.
pub fn read_varint(bytes: &[u8]) -> Result<Option<(u64, usize)>, WireError> {
    if bytes.len() < LONGEST && bytes.iter().all(|byte| *byte >= 0x80) {
        return Ok(None);
    }
    let (value, rest) = long_varint(bytes)?;
    Ok(Some((value, bytes.len() - rest.len())))
}

/// Reads a varint, and returns what follows it.
///
/// Reads eight bytes at once if there are as many: the first clear high bit ends the varint.
#[inline(never)]
pub(super) fn long_varint(bytes: &[u8]) -> Result<(u64, &[u8]), WireError> {
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
    let place = ErrorPosition::new(bytes);
    if bytes.len() < LONGEST {
        Err(place.truncated())
    } else {
        Err(place.error("a number of more than 64 bits"))
    }
}

// Undoes `spread`: eight bytes of seven bits.
#[inline(always)]
fn gather(word: u64) -> u64 {
    let word = (word & 0x007f_007f_007f_007f) | ((word & 0x7f00_7f00_7f00_7f00) >> 1);
    let word = (word & 0x0000_3fff_0000_3fff) | ((word & 0x3fff_0000_3fff_0000) >> 2);
    (word & 0x0000_0000_0fff_ffff) | ((word & 0x0fff_ffff_0000_0000) >> 4)
}

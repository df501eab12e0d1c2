//! Lengths of time and points in time: the well-known types `google.protobuf.Duration` and
//! `google.protobuf.Timestamp`. Like their other writers these leave out a zero.

use std::time::Duration;

use super::error::WireError;
use super::field::{Plain, Wire};
use super::message;
use super::reader::{Key, Place, Reader};
use super::record::one_record;
use super::writer::Writer;
use crate::structure::Timestamp;

/// `google.protobuf.Duration`, which counts up to `i64::MAX` seconds: more is written as that many.
impl Wire for Duration {
    type Slot = Option<Self>;

    fn encode(&self, number: u32, writer: &mut Writer) {
        encode(i64::try_from(self.as_secs()).unwrap_or(i64::MAX), self.subsec_nanos(), number, writer);
    }
    #[inline(always)]
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let inner = reader.message(key)?;
        let place = inner.place();
        let (seconds, nanos) = read(inner)?;
        match u64::try_from(seconds) {
            Ok(seconds) => Ok(Duration::new(seconds, nanos)),
            Err(_) => Err(place.error("a length of time below 0")),
        }
    }
    fn zero() -> Result<Self, WireError> {
        Ok(Self::ZERO)
    }
    one_record!();
}

/// `google.protobuf.Timestamp`.
impl Wire for Timestamp {
    type Slot = Option<Self>;

    fn encode(&self, number: u32, writer: &mut Writer) {
        encode(self.seconds(), self.nanos(), number, writer);
    }
    #[inline(always)]
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let inner = reader.message(key)?;
        let place = inner.place();
        let (seconds, nanos) = read(inner)?;
        Timestamp::new(seconds, nanos)
            .ok_or_else(|| place.error("a time before the year 1 or after the year 9999"))
    }
    fn zero() -> Result<Self, WireError> {
        Ok(Self::default())
    }
    one_record!();
}

#[inline(never)]
fn encode(seconds: i64, nanos: u32, number: u32, writer: &mut Writer) {
    message::nested(number, writer, |writer| {
        if nanos != 0 {
            Wire::<Plain>::encode(&nanos, 2, writer);
        }
        if seconds != 0 {
            Wire::<Plain>::encode(&seconds, 1, writer);
        }
    });
}

#[inline(never)]
fn read(mut reader: Reader<'_>) -> Result<(i64, u32), WireError> {
    let (mut seconds, mut nanos) = (Some(0), Some(0_i32));
    while let Some(key) = reader.key()? {
        match key.number() {
            1 => Wire::<Plain>::merge(&mut seconds, key, &mut reader).map_err(|error| error.field("seconds"))?,
            2 => Wire::<Plain>::merge(&mut nanos, key, &mut reader).map_err(|error| error.field("nanos"))?,
            _ => reader.skip(key)?,
        }
    }
    match u32::try_from(nanos.unwrap_or_default()) {
        Ok(nanos) if nanos < 1_000_000_000 => Ok((seconds.unwrap_or_default(), nanos)),
        _ => Err(reader.place().error("nanos are 0 to 999999999")),
    }
}

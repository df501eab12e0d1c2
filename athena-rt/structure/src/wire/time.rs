//! Lengths of time and points in time: the well-known types `google.protobuf.Duration` and
//! `google.protobuf.Timestamp`. Like their other writers these leave out a zero.

use std::time::Duration;

use super::error::WireError;
use super::field::{Plain, Wire};
use super::key::Key;
use super::message;
use super::one_record::one_record;
use super::position::ErrorPosition;
use super::reader::Reader;
use super::writer::Writer;
use crate::time::Timestamp;

/// `google.protobuf.Duration`, which counts up to `i64::MAX` seconds: more can't be written.
impl Wire for Duration {
    type Slot = Option<Self>;

    fn encode(&self, number: u32, writer: &mut Writer) {
        match i64::try_from(self.as_secs()) {
            Ok(seconds) => encode(seconds, self.subsec_nanos(), number, writer),
            Err(_) => writer.fail("a length of time of 2^63 seconds or more can't be written"),
        }
    }
    #[inline(always)]
    fn merge_one(
        slot: &mut Option<Self>,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError> {
        let inner = reader.message(key)?;
        let place = inner.place();
        let earlier = slot.unwrap_or_default();
        let (seconds, nanos) = read(inner, (seconds(earlier), earlier.subsec_nanos()))?;
        match u64::try_from(seconds) {
            Ok(seconds) => *slot = Some(Duration::new(seconds, nanos)),
            Err(_) => return Err(place.error("a length of time below 0")),
        }
        Ok(())
    }
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let mut slot = None;
        Self::merge_one(&mut slot, key, reader)?;
        Ok(slot.unwrap_or_default())
    }
    fn zero() -> Result<Self, WireError> {
        Ok(Self::ZERO)
    }
    one_record!(Plain);
}

/// `google.protobuf.Timestamp`.
impl Wire for Timestamp {
    type Slot = Option<Self>;

    fn encode(&self, number: u32, writer: &mut Writer) {
        encode(self.seconds(), self.nanos(), number, writer);
    }
    #[inline(always)]
    fn merge_one(
        slot: &mut Option<Self>,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError> {
        let inner = reader.message(key)?;
        let place = inner.place();
        let earlier = slot.unwrap_or_default();
        let (seconds, nanos) = read(inner, (earlier.seconds(), earlier.nanos()))?;
        match Self::new(seconds, nanos) {
            Some(time) => *slot = Some(time),
            None => return Err(place.error("a time before the year 1 or after the year 9999")),
        }
        Ok(())
    }
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let mut slot = None;
        Self::merge_one(&mut slot, key, reader)?;
        Ok(slot.unwrap_or_default())
    }
    fn zero() -> Result<Self, WireError> {
        Ok(Self::default())
    }
    one_record!(Plain);
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

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

#[inline(never)]
fn read(mut reader: Reader<'_>, (seconds, nanos): (i64, u32)) -> Result<(i64, u32), WireError> {
    let (mut seconds, mut nanos) = (Some(seconds), i32::try_from(nanos).ok());
    while let Some(key) = reader.key()? {
        match key.number() {
            1 => <i64 as Wire>::merge(&mut seconds, key, &mut reader)
                .map_err(|error| error.field("seconds"))?,
            2 => <i32 as Wire>::merge(&mut nanos, key, &mut reader)
                .map_err(|error| error.field("nanos"))?,
            _ => reader.skip(key)?,
        }
    }
    match u32::try_from(nanos.unwrap_or_default()) {
        Ok(nanos) if nanos < 1_000_000_000 => Ok((seconds.unwrap_or_default(), nanos)),
        _ => Err(reader.place().error("nanos are 0 to 999999999")),
    }
}

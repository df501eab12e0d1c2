//! Points in time, lengths of time and UUIDs.

use std::time::Duration;

use athena_structure::Timestamp;
use serde_json::Value;

use super::ValueGenerator;

/// Points in time at which calendars change: the epoch, leap days, the ends of years, of a century, of
/// what 32 bits hold, and the least and the greatest.
pub(super) const TIMESTAMPS: &[&str] = &[
    "1970-01-01T00:00:00Z",
    "2000-02-29T12:00:00Z",
    "1999-12-31T23:59:59.999999999Z",
    "2024-02-29T23:59:59Z",
    "2100-03-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "2038-01-19T03:14:08Z",
    "2026-06-15T10:30:45.123Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
];

pub(super) const DURATIONS: &[&str] = &[
    "0s",
    "1s",
    "0.000000001s",
    "0.999999999s",
    "0.001s",
    "59s",
    "60s",
    "3600s",
    "86400s",
    "31536000s",
    "18446744073709551615.999999999s",
];

/// None, all, and one of each version.
pub(super) const UUIDS: &[&str] = &[
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "c232ab00-9414-11ec-b3c8-9f6bdeced846",
    "5df41881-3aed-3515-88a7-2f4a814cf09e",
    "919108f7-52d1-4320-9bac-f847db4148a8",
    "2ed6657d-e927-568b-95e1-2665a8aea6a2",
    "1ec9414c-232a-6b00-b3c8-9f6bdeced846",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    "2489e9ad-2ee2-8e00-8ec9-32d5f69181c0",
];

/// Steps between points in time, in seconds.
const STEPS: &[i64] = &[1, 60, 3_600, 86_400, 7 * 86_400, 28 * 86_400, 365 * 86_400, 366 * 86_400];

impl ValueGenerator<'_> {
    pub(super) fn fresh_timestamp(&mut self) -> Value {
        if self.random.one_in(2) {
            let at = self.random.pick(TIMESTAMPS).copied().unwrap_or_default();
            return at.into();
        }
        // Within two centuries of the epoch.
        let seconds =
            i64::try_from(self.random.next_u64() % 12_000_000_000).unwrap_or(0) - 4_000_000_000;
        timestamp(seconds, 0).unwrap_or_else(|| TIMESTAMPS[0].into())
    }

    pub(super) fn mutate_timestamp(&mut self, value: &Value) -> Value {
        let old: Option<Timestamp> = value.as_str().and_then(|text| text.parse().ok());
        let Some(old) = old else { return self.fresh_timestamp() };
        let (seconds, nanos) = (old.seconds(), old.nanos());
        let step = self.random.pick(STEPS).copied().unwrap_or(1);
        let new = match self.random.below(6) {
            0 if nanos == 999_999_999 => timestamp(seconds + 1, 0),
            0 => timestamp(seconds, nanos + 1),
            1 if nanos == 0 => timestamp(seconds - 1, 999_999_999),
            1 => timestamp(seconds, nanos - 1),
            2 => timestamp(seconds + step, nanos),
            3 => timestamp(seconds - step, nanos),
            4 => timestamp(seconds, 0),
            _ => None,
        };
        new.unwrap_or_else(|| self.fresh_timestamp())
    }

    pub(super) fn fresh_duration(&mut self) -> Value {
        match self.random.below(3) {
            0 => self.random.pick(DURATIONS).copied().unwrap_or_default().into(),
            1 => duration(Duration::from_millis(self.random.next_u64() % 10_000_000)),
            _ => {
                let seconds = self.random.pick(&self.pools.integers).copied().unwrap_or(0);
                duration(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
            }
        }
    }

    pub(super) fn mutate_duration(&mut self, value: &Value) -> Value {
        let Some(old) = value.as_str().and_then(parse) else { return self.fresh_duration() };
        let new = match self.random.below(7) {
            0 => old.checked_add(Duration::from_nanos(1)),
            1 => old.checked_sub(Duration::from_nanos(1)),
            2 => old.checked_add(Duration::from_secs(1)),
            3 => old.checked_sub(Duration::from_secs(1)),
            4 => old.checked_mul(2),
            5 => Some(old / 2),
            _ => None,
        };
        new.map_or_else(|| self.fresh_duration(), duration)
    }

    pub(super) fn fresh_uuid(&mut self) -> Value {
        if self.random.one_in(2) {
            return self.random.pick(UUIDS).copied().unwrap_or_default().into();
        }
        let (high, low) = (self.random.next_u64(), self.random.next_u64());
        let hex = format!("{high:016x}{low:016x}");
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        parts.join("-").into()
    }
}

fn timestamp(seconds: i64, nanos: u32) -> Option<Value> {
    Timestamp::new(seconds, nanos).map(|time| time.to_string().into())
}

fn duration(duration: Duration) -> Value {
    match duration.subsec_nanos() {
        0 => format!("{}s", duration.as_secs()).into(),
        nanos => format!("{}.{nanos:09}s", duration.as_secs()).into(),
    }
}

fn parse(text: &str) -> Option<Duration> {
    let text = text.strip_suffix('s')?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    Some(Duration::new(seconds.parse().ok()?, nanos))
}

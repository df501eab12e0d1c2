//! Types of other crates.

use athena_rt::structure;
use athena_rt::structure::wire::{decode, encode};

#[structure]
struct Civil {
    date: jiff::civil::Date,
    time: jiff::civil::Time,
    both: jiff::civil::DateTime,
    length: jiff::SignedDuration,
    naive_date: chrono::NaiveDate,
    naive_time: chrono::NaiveTime,
    naive_both: chrono::NaiveDateTime,
    offset: chrono::DateTime<chrono::FixedOffset>,
    raw: bytes::Bytes,
}

#[test]
fn civil_dates_and_times_are_text_and_come_back_as_they_were() {
    let json = r#"{"date":"2026-11-29","time":"02:30:00.5","both":"2026-11-29T02:30:00","length":"-PT1H0.25S","naive_date":"2026-11-29","naive_time":"02:30:00.500","naive_both":"2026-11-29T02:30:00","offset":"2026-11-29T02:30:00+02:00","raw":"AQI="}"#;
    let value: Civil = serde_json::from_str(json).unwrap();
    assert_eq!(value.date, jiff::civil::date(2026, 11, 29));
    assert_eq!(&value.raw[..], [1, 2]);
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    let bytes = encode(&value);
    assert_eq!(bytes[..12], *b"\x0a\x0a2026-11-29");
    assert_eq!(bytes[bytes.len() - 4..], [0x4a, 2, 1, 2]);
    let back = decode::<Civil>(&bytes).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), json);

    // What the type would not keep is refused, not dropped.
    for (known, wrong) in [
        (r#""date":"2026-11-29""#, r#""date":"2026-11-29T02:30:00""#),
        (r#""time":"02:30:00.5""#, r#""time":"2026-11-29T02:30:00""#),
        (r#""both":"2026-11-29T02:30:00""#, r#""both":"2026-11-29""#),
        (r#""both":"2026-11-29T02:30:00""#, r#""both":"2026-11-29T02:30:00+02:00""#),
        (r#""naive_date":"2026-11-29""#, r#""naive_date":"2026-11-31""#),
        (r#""offset":"2026-11-29T02:30:00+02:00""#, r#""offset":"2026-11-29T02:30:00""#),
    ] {
        let text = json.replace(known, wrong);
        assert_ne!(text, json);
        assert!(serde_json::from_str::<Civil>(&text).is_err(), "{wrong}");
    }
}

#[structure]
struct Zones {
    zoned: jiff::Zoned,
    span: jiff::SpanFieldwise,
    utc: time::UtcDateTime,
    date: time::Date,
    time: time::Time,
    both: time::PrimitiveDateTime,
    offset: time::OffsetDateTime,
    length: time::Duration,
}

const ZONES: &str = r#"{"zoned":"2026-11-29T02:30:00+01:00[Europe/Berlin]","span":"-P1Y2M3DT4H0.5S","utc":"1969-12-31T23:59:59.500Z","date":"2026-02-28","time":"02:30:00.5","both":"0001-01-01T00:00:00.000000001","offset":"2026-11-29T02:30:00-09:30","length":"-PT25H1.25S"}"#;

#[test]
fn zones_spans_and_the_types_of_time_come_back_as_they_were() {
    let value: Zones = serde_json::from_str(ZONES).unwrap();
    assert_eq!(value.zoned.time_zone().iana_name(), Some("Europe/Berlin"));
    assert_eq!(value.length, time::Duration::new(-90_001, -250_000_000));
    assert_eq!(value.utc.unix_timestamp_nanos(), -500_000_000);
    assert_eq!(value.offset.offset().as_hms(), (-9, -30, 0));
    assert_eq!(serde_json::to_string(&value).unwrap(), ZONES);
    let back = decode::<Zones>(&encode(&value)).unwrap();
    assert_eq!(back, value);
    assert_eq!(serde_json::to_string(&back).unwrap(), ZONES);
    for (known, wrong) in [
        ("+01:00[Europe", "+03:00[Europe"),
        ("[Europe/Berlin]", ""),
        ("Berlin", "Atlantis"),
        ("-P1Y2M3DT4H0.5S", "1 year"),
        ("2026-02-28", "2026-02-29"),
        ("2026-02-28", "+2026-02-28"),
        ("2026-02-28", "2026-2-28"),
        ("\"02:30:00.5", "\"02:30:60.5"),
        ("\"02:30:00.5", "\"02:30"),
        ("0001-01-01T", "0001-01-01 "),
        ("-09:30", ""),
        ("-09:30", "-24:30"),
        ("-09:30", "-0930"),
        ("-PT25H1.25S", "-PT25H1.25"),
        ("-PT25H1.25S", "PT"),
        ("-PT25H1.25S", "PT1S1H"),
        ("-PT25H1.25S", "PT9223372036854775807H"),
    ] {
        let text = ZONES.replacen(known, wrong, 1);
        assert_ne!(text, ZONES, "{known}");
        assert!(serde_json::from_str::<Zones>(&text).is_err(), "{wrong}");
    }
    for length in ["PT0S", "PT1H", "PT1M0.000000001S", "PT2562047788015215H30M7S"] {
        let text = ZONES.replace("-PT25H1.25S", length);
        let value: Zones = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }
}

#[test]
fn a_time_that_no_message_can_hold_is_an_error_and_not_the_nearest() {
    #[structure]
    struct Late {
        time: chrono::DateTime<chrono::Utc>,
    }
    let mut out = Vec::new();
    for time in [
        chrono::DateTime::<chrono::Utc>::MAX_UTC,
        chrono::DateTime::<chrono::Utc>::MIN_UTC,
        // A leap second.
        chrono::DateTime::from_timestamp(1_483_228_799, 1_500_000_000).unwrap(),
    ] {
        let late = Late { time };
        let error = athena_rt::structure::wire::try_encode_to(&late, &mut out).unwrap_err();
        assert!(error.to_string().contains("in a leap second"), "{error}");
        assert!(serde_json::to_string(&late).is_err());
    }
}

#[structure]
pub(crate) struct Peers {
    jiff: jiff::Timestamp,
    chrono: chrono::DateTime<chrono::Utc>,
    id: Option<uuid::Uuid>,
}

#[test]
fn they_are_text_in_json_and_the_usual_types_on_the_wire() {
    let json = r#"{"jiff":"1969-12-31T23:59:59.500Z","chrono":"2026-11-22T18:09:59Z","id":"67e55044-10b1-426f-9247-bb680e5fe0c8"}"#;
    let value: Peers = serde_json::from_str(json).unwrap();
    assert_eq!(value.jiff, jiff::Timestamp::from_millisecond(-500).unwrap());
    assert_eq!(value.chrono.timestamp(), 1_795_370_999);
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    let bytes = encode(&value);
    assert_eq!(
        bytes[..13],
        [0x0a, 17, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    );
    assert_eq!(bytes[13..19], [0x10, 0x80, 0xca, 0xb5, 0xee, 0x01]);
    assert_eq!(decode::<Peers>(&bytes).unwrap(), value);

    let late = Peers { chrono: chrono::DateTime::<chrono::Utc>::MAX_UTC, ..value };
    assert!(serde_json::to_string(&late).unwrap_err().to_string().contains("the year 9999"));
    let mut nothing = Vec::new();
    assert!(athena_rt::structure::wire::try_encode_to(&late, &mut nothing).is_err());

    let wrong = json.replace("67e55044-", "67e55044");
    assert!(serde_json::from_str::<Peers>(&wrong).unwrap_err().to_string().contains("UUID"));
    let mut wrong = bytes.clone();
    let last = wrong.len() - 1;
    wrong[last] = b'z';
    assert!(decode::<Peers>(&wrong).unwrap_err().to_string().starts_with("Peers.id: "));
}

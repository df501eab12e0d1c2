//! Types of other crates.

use athena_rt::structure;
use athena_rt::structure::wire::{decode, encode};

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

    let wrong = json.replace("67e55044-", "67e55044");
    assert!(serde_json::from_str::<Peers>(&wrong).unwrap_err().to_string().contains("UUID"));
    let mut wrong = bytes.clone();
    let last = wrong.len() - 1;
    wrong[last] = b'z';
    assert!(decode::<Peers>(&wrong).unwrap_err().to_string().starts_with("Peers.id: "));
}

//! An envelope as the properties and the content of a message, and back.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, ShortString};

use crate::envelope::{self, Envelope};
use athena_core::random;

/// The number of deliveries before the message was stored again.
const DELIVERIES: &str = "athena-deliveries";
/// How often a quorum queue has delivered a message before.
const REDELIVERIES: &str = "x-delivery-count";
/// `delivery-mode` of a message that is kept on disk.
const PERSISTENT: u8 = 2;

/// The properties of an envelope that was delivered so often.
pub(super) fn properties(envelope: &Envelope, deliveries: u32) -> BasicProperties {
    let mut headers = FieldTable::default();
    for (name, value) in envelope.headers() {
        headers.insert(name.into(), AMQPValue::LongString(value.into()));
    }
    if deliveries > 0 {
        headers.insert(DELIVERIES.into(), AMQPValue::LongUInt(deliveries));
    }
    let properties =
        BasicProperties::default().with_delivery_mode(PERSISTENT).with_headers(headers);
    // For other clients. The property has 255 bytes at most, the header has the whole id.
    match ShortString::try_new(envelope.id.clone()) {
        Ok(id) => properties.with_message_id(id),
        Err(_) => properties,
    }
}

/// A message: its envelope, with the failures that it had, and how often it was delivered, with this time.
pub(super) fn envelope(properties: &BasicProperties, content: Vec<u8>) -> (Envelope, u32) {
    let mut envelope = Envelope { bytes: content, ..Envelope::default() };
    let mut deliveries = 1;
    let headers = properties.headers().iter().flat_map(FieldTable::inner);
    for (name, value) in headers {
        match (name.as_str(), value) {
            (DELIVERIES | REDELIVERIES, value) => deliveries += count(value),
            (name, AMQPValue::LongString(text)) => {
                envelope.read_header(name, &String::from_utf8_lossy(text.as_bytes()));
            }
            (name, AMQPValue::ShortString(text)) => envelope.read_header(name, text.as_str()),
            _ => {}
        }
    }
    // Another program may have sent it.
    if let Some(content_type) = properties.content_type() {
        envelope.read_header(envelope::CONTENT, content_type.as_str());
    }
    if envelope.id.is_empty() {
        let id = properties.message_id().as_ref().map(|id| id.as_str().to_owned());
        envelope.id = id.filter(|id| !id.is_empty()).unwrap_or_else(random::random_hex);
    }
    (envelope, deliveries)
}

fn count(value: &AMQPValue) -> u32 {
    let count = match *value {
        AMQPValue::ShortShortUInt(count) => count.into(),
        AMQPValue::ShortUInt(count) => count.into(),
        AMQPValue::LongUInt(count) => count.into(),
        AMQPValue::ShortShortInt(count) => count.into(),
        AMQPValue::ShortInt(count) => count.into(),
        AMQPValue::LongInt(count) => count.into(),
        AMQPValue::LongLongInt(count) => count,
        _ => 0,
    };
    u32::try_from(count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_read_back_with_its_deliveries() {
        let sent = Envelope { failures: 2, reason: "a\nb".into(), ..Envelope::new("7", "{}") };
        assert_eq!(envelope(&properties(&sent, 3), b"{}".to_vec()), (sent, 4));
        let foreign = BasicProperties::default().with_message_id("other".into());
        assert_eq!(envelope(&foreign, b"1".to_vec()), (Envelope::new("other", "1"), 1));
        let nameless = envelope(&BasicProperties::default(), Vec::new()).0;
        assert!(!nameless.id.is_empty());
    }
}

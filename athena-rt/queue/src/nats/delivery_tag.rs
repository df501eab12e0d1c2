//! Delivery tags: the subject to which a message's acknowledgement is sent. It contains the
//! message's origin and how often it was delivered.

use super::stream::stream_name;
use crate::broker::DeliveryTag;

/// Appended to the subject, which has no space, if the bucket has an entry for the message, which
/// must be deleted in the end.
const FAILED_MARK: &str = " tried";

/// The parts of an acknowledgement's subject.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AckSubject<'a> {
    pub(super) stream: &'a str,
    consumer: &'a str,
    pub(super) deliveries: u32,
    pub(super) sequence: u64,
    time: &'a str,
}

impl<'a> AckSubject<'a> {
    /// Parses `$JS.ACK.STREAM.CONSUMER.DELIVERIES.SEQUENCE.CONSUMER_SEQUENCE.TIME.PENDING`, or the
    /// form with the domain and the account before the stream.
    pub(super) fn read(subject: &'a str) -> Option<Self> {
        let words: Vec<&str> = subject.strip_prefix("$JS.ACK.")?.split('.').collect();
        let words = if words.len() >= 9 { &words[2..] } else { &words[..] };
        let &[stream, consumer, deliveries, sequence, _, time, _, ..] = words else {
            return None;
        };
        let (deliveries, sequence) = (deliveries.parse().ok()?, sequence.parse().ok()?);
        Some(Self { stream, consumer, deliveries, sequence, time })
    }

    /// The id of a message that has none. It contains the time, as the key does: otherwise the
    /// outcome of a different message could be dropped as a duplicate.
    pub(super) fn fallback_id(&self) -> String {
        format!("{}-{}-{}", self.stream, self.sequence, self.time)
    }

    /// The key of its failure count. It contains the time, since a stream that is recreated starts
    /// at one again.
    pub(super) fn key(&self) -> String {
        let (stream, consumer) = (stream_name(self.stream), stream_name(self.consumer));
        format!("{stream}.{consumer}.{}.{}", self.sequence, self.time)
    }
}

/// The tag of a delivery.
pub(super) fn tag(subject: &str, has_failed: bool) -> DeliveryTag {
    let mark = if has_failed { FAILED_MARK } else { "" };
    DeliveryTag(format!("{subject}{mark}"))
}

/// The subject for its acknowledgement.
pub(super) fn subject(tag: &DeliveryTag) -> &str {
    tag.0.strip_suffix(FAILED_MARK).unwrap_or(&tag.0)
}

/// The key of its failure count, if it has one.
pub(super) fn failed_key(tag: &DeliveryTag) -> Option<String> {
    AckSubject::read(tag.0.strip_suffix(FAILED_MARK)?).map(|origin| origin.key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_an_acknowledgement_say_the_same() {
        let short = AckSubject::read("$JS.ACK.tasks.athena.3.100.7.1790.42").unwrap();
        assert_eq!((short.stream, short.deliveries, short.sequence), ("tasks", 3, 100));
        assert_eq!(short.key(), "tasks.athena.100.1790");
        assert_eq!(short.fallback_id(), "tasks-100-1790");
        let long = "$JS.ACK.hub.hash.tasks.athena.3.100.7.1790.42";
        assert_eq!(AckSubject::read(long).unwrap(), short);
        assert_eq!(AckSubject::read(&format!("{long}.more")).unwrap(), short);
        assert_eq!(AckSubject::read("_INBOX.tasks.athena.3.100.7.1790.42"), None);
        assert_eq!(AckSubject::read("$JS.ACK.tasks.athena"), None);
    }

    #[test]
    fn a_tag_remembers_that_there_is_a_failure_count() {
        let text = "$JS.ACK.tasks.athena.3.100.7.1790.42";
        let (fresh, known) = (tag(text, false), tag(text, true));
        assert_eq!((subject(&fresh), subject(&known)), (text, text));
        assert_eq!(
            (failed_key(&fresh), failed_key(&known)),
            (None, Some("tasks.athena.100.1790".into()))
        );
    }
}

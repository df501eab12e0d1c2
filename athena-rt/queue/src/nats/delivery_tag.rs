//! What stands for a delivery: the subject where the broker waits for its acknowledgement. It
//! says where the message came from, and how often it was delivered.

use super::stream::stream_name;
use crate::broker::DeliveryTag;

/// Behind the subject, which has no space, where the bucket knows failures of the message: they
/// are to be forgotten in the end.
const FAILED_MARK: &str = " tried";

/// What a subject for an acknowledgement says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AckSubject<'a> {
    pub(super) stream: &'a str,
    consumer: &'a str,
    pub(super) deliveries: u32,
    pub(super) sequence: u64,
    time: &'a str,
}

impl<'a> AckSubject<'a> {
    /// Reads `$JS.ACK.STREAM.CONSUMER.DELIVERIES.SEQUENCE.CONSUMER_SEQUENCE.TIME.PENDING`, or with
    /// the domain and the account in front of the stream.
    pub(super) fn read(subject: &'a str) -> Option<Self> {
        let words: Vec<&str> = subject.strip_prefix("$JS.ACK.")?.split('.').collect();
        let words = if words.len() >= 9 { &words[2..] } else { &words[..] };
        let &[stream, consumer, deliveries, sequence, _, time, _, ..] = words else {
            return None;
        };
        let (deliveries, sequence) = (deliveries.parse().ok()?, sequence.parse().ok()?);
        Some(Self { stream, consumer, deliveries, sequence, time })
    }

    /// What a message without an id is called after. With its time, as its failures: the outcome
    /// of another message, called the same, would be taken for a second one and dropped.
    pub(super) fn fallback_id(&self) -> String {
        format!("{}-{}-{}", self.stream, self.sequence, self.time)
    }

    /// What its failures are kept under. With its time, since a stream that is made anew counts
    /// from one again.
    pub(super) fn key(&self) -> String {
        let (stream, consumer) = (stream_name(self.stream), stream_name(self.consumer));
        format!("{stream}.{consumer}.{}.{}", self.sequence, self.time)
    }
}

/// The ticket of a delivery.
pub(super) fn tag(subject: &str, has_failed: bool) -> DeliveryTag {
    let mark = if has_failed { FAILED_MARK } else { "" };
    DeliveryTag(format!("{subject}{mark}"))
}

/// Where its acknowledgement goes.
pub(super) fn subject(tag: &DeliveryTag) -> &str {
    tag.0.strip_suffix(FAILED_MARK).unwrap_or(&tag.0)
}

/// What its failures are kept under, where there are any.
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
    fn a_ticket_remembers_that_there_are_failures_to_forget() {
        let text = "$JS.ACK.tasks.athena.3.100.7.1790.42";
        let (fresh, known) = (tag(text, false), tag(text, true));
        assert_eq!((subject(&fresh), subject(&known)), (text, text));
        assert_eq!(
            (failed_key(&fresh), failed_key(&known)),
            (None, Some("tasks.athena.100.1790".into()))
        );
    }
}

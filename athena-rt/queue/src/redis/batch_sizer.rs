//! Limits how many messages one reply contains, so that large messages arrive in time.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::entry::MAX_BYTES;
use super::error::RequestError;
use crate::broker::Delivery;

/// The number of messages that fit into a reply, estimated from the last reply.
pub(super) struct BatchSizer(AtomicUsize);

impl BatchSizer {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(usize::MAX))
    }

    /// The number of messages to request, at most `max`.
    pub(super) fn limit(&self, max: usize) -> usize {
        max.min(self.0.load(Ordering::Relaxed)).max(1)
    }

    /// Updates the estimate from a reply.
    pub(super) fn learn(&self, asked: usize, answer: &Result<Vec<Delivery>, RequestError>) {
        let fitting = match answer {
            Ok(came) if came.is_empty() => return,
            Ok(came) => {
                let bytes: usize = came.iter().map(|one| one.envelope.bytes.len()).sum();
                MAX_BYTES / (bytes / came.len()).max(1)
            }
            Err(error) if error.is_timeout => asked / 4,
            Err(_) => return,
        };
        self.0.store(fitting, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::broker::DeliveryTag;
    use crate::envelope::Envelope;

    #[test]
    fn of_large_messages_few_are_asked_for() {
        let came = |sizes: &[usize]| {
            let of = |size: &usize| Delivery {
                tag: DeliveryTag(String::new()),
                failures: 0,
                deliveries: 1,
                envelope: Envelope { bytes: vec![0; *size], ..Envelope::default() },
            };
            Ok(sizes.iter().map(of).collect())
        };
        let batch_sizer = BatchSizer::new();
        assert_eq!(batch_sizer.limit(256), 256);
        batch_sizer.learn(256, &came(&[MAX_BYTES / 4, MAX_BYTES / 2, 0]));
        assert_eq!(batch_sizer.limit(256), 4);
        batch_sizer.learn(4, &came(&[]));
        assert_eq!(batch_sizer.limit(256), 4, "nothing says nothing");
        batch_sizer.learn(4, &came(&[10, 10]));
        assert_eq!(batch_sizer.limit(256), 256);
        batch_sizer.learn(256, &Err(RequestError::response_timeout("", Duration::ZERO)));
        assert_eq!(batch_sizer.limit(256), 64);
        batch_sizer.learn(1, &Err(RequestError::response_timeout("", Duration::ZERO)));
        assert_eq!(batch_sizer.limit(256), 1);
    }
}

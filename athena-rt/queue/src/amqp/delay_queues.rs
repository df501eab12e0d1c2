//! The queues in which messages wait for another attempt: one for each delay.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lapin::types::AMQPValue;

use super::connection::AmqpConnection;
use crate::envelope::Envelope;
use athena_core::error::Result;

/// How long such a queue lives without a new message, beyond its delay.
const UNUSED: Duration = Duration::from_hours(24);

/// How many queues there can be for one delay.
const SPARES: u32 = 3;

/// The queues that a consumer has stored messages in.
pub(super) struct DelayQueues {
    /// Where the messages go after their delay.
    queue: String,
    /// The queues that took a message, and whether they took the last one.
    used: Mutex<BTreeMap<String, bool>>,
    /// Which of the queues of a delay is used.
    spare: AtomicU32,
}

impl DelayQueues {
    pub(super) fn new(queue: String) -> Self {
        Self { queue, used: Mutex::default(), spare: AtomicU32::new(0) }
    }

    /// Stores a message, with the number of its earlier deliveries.
    ///
    /// # Errors
    ///
    /// The server does not answer. The next message goes to another queue: the server loses a queue if it is
    /// killed right after it made it, and never answers for that one.
    pub(super) async fn store(
        &self,
        connection: &AmqpConnection,
        delay: Duration,
        message: (&Envelope, u32),
    ) -> Result<()> {
        let millis = rounded_up(delay);
        let spare = self.spare.load(Ordering::Relaxed);
        let name = name(&self.queue, millis, spare);
        let storing = async {
            let is_ready = self.used().get(&name).copied();
            if is_ready != Some(true) {
                connection.declare_saved(&name, settings(&self.queue, millis)).await?;
            }
            connection.publish(&name, std::iter::once(message)).await
        };
        let result = storing.await;
        if result.is_ok() {
            self.used().insert(name, true);
        } else {
            self.spare.store((spare + 1) % SPARES, Ordering::Relaxed);
            self.used().entry(name).and_modify(|is_ready| *is_ready = false);
        }
        result
    }

    /// How many messages wait in them.
    pub(super) async fn count(&self, connection: &AmqpConnection) -> Result<u64> {
        let names: Vec<String> = self.used().keys().cloned().collect();
        let mut waiting = 0;
        for name in names {
            waiting += connection.counts(&name).await?.unwrap_or_default().messages;
        }
        Ok(waiting)
    }

    fn used(&self) -> MutexGuard<'_, BTreeMap<String, bool>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(queue: &str, millis: i64, spare: u32) -> String {
    match spare {
        0 => format!("{queue}.delay.{millis}"),
        _ => format!("{queue}.delay.{millis}.{spare}"),
    }
}

fn settings(queue: &str, millis: i64) -> [(&'static str, AMQPValue); 6] {
    let unused = i64::try_from(UNUSED.as_millis()).unwrap_or(i64::MAX);
    [
        ("x-message-ttl", AMQPValue::LongLongInt(millis)),
        ("x-expires", AMQPValue::LongLongInt(millis + unused)),
        ("x-dead-letter-exchange", AMQPValue::LongString("".into())),
        ("x-dead-letter-routing-key", AMQPValue::LongString(queue.into())),
        // A message leaves this queue when the other one has it.
        ("x-dead-letter-strategy", AMQPValue::LongString("at-least-once".into())),
        ("x-overflow", AMQPValue::LongString("reject-publish".into())),
    ]
}

/// The milliseconds of a delay with two digits, rounded up: so there are few queues of delayed messages.
fn rounded_up(delay: Duration) -> i64 {
    let millis = i64::try_from(delay.as_micros().div_ceil(1000)).unwrap_or(i64::MAX / 200);
    let mut unit = 1;
    while millis / unit >= 100 {
        unit *= 10;
    }
    (millis + unit - 1) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_rounded_up_to_two_digits() {
        let millis = |millis| rounded_up(Duration::from_millis(millis));
        assert_eq!([millis(1), millis(99), millis(600), millis(1201)], [1, 99, 600, 1300]);
        assert_eq!(rounded_up(Duration::from_micros(1)), 1);
    }

    #[test]
    fn a_spare_queue_has_another_name() {
        assert_eq!([name("q", 200, 0), name("q", 200, 2)], ["q.delay.200", "q.delay.200.2"]);
    }
}

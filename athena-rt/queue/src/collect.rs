//! The `collect` command: prints outcomes, one per line, and only then acknowledges them.

use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use athena_protocol::{Collect, Exit, Letters};

use super::letters;
use super::print::{self, LineContent};
use super::retry::{block_on, retry};
use crate::address::{Address, ConsumerOptions};
use crate::broker::{Browser, Consumer, Delivery, DeliveryTag, Nack};
use crate::envelope::{Envelope, PayloadKind};
use crate::open;
use crate::seen::SeenIds;
use athena_core::display::plural;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::print_stderr;

/// The maximum number of outcomes in one request.
const MAX: usize = 512;

/// Default of `--wait`.
const WAIT: Duration = Duration::from_secs(1);

/// How long outcomes stay reserved for a `collect` that died.
const LEASE: Duration = Duration::from_mins(1);

/// How often a queue that does not exist is looked for.
const LOOK: Duration = Duration::from_millis(300);

/// How often a broker may report waiting outcomes without delivering any.
const EMPTY: u32 = 10;

/// Prints outcomes until none is left.
///
/// # Errors
///
/// The queue does not exist, it has messages instead of outcomes, or the broker is unreachable.
pub fn collect(registry: &Registry, request: &Collect) -> Result<Exit> {
    let from = open::address(&request.from)?;
    let mut printer = Printer {
        registry,
        out: std::io::stdout(),
        left: request.max.unwrap_or(u64::MAX),
        content: if request.dead { LineContent::DeadLetter } else { LineContent::Outcome },
    };
    block_on(async {
        wait_until_it_exists(&from, request.wait_ms.map(Duration::from_millis)).await?;
        let letters = &request.letters;
        // Other brokers can print dead letters, and no more.
        if request.dead && *letters != Letters::default() {
            let max = request.max.unwrap_or(u64::MAX);
            return letters::manage(registry, &from, letters, max).await;
        }
        if request.dead || request.keep {
            let from = if request.dead { from.dead_letters() } else { from };
            let mut browser = retry(async || open::browser(&from).await).await?;
            return printer.browse(&mut *browser).await;
        }
        let options = ConsumerOptions::new(LEASE);
        let consumer = retry(async || open::consumer(&from, options.clone()).await).await?;
        let wait = request.wait_ms.map_or(WAIT, Duration::from_millis);
        printer.take(&*consumer, &from.redacted, wait).await
    })?;
    Ok(Exit::Success)
}

/// Checks that the queue exists. A worker that starts at the same time makes it a moment later, which is
/// waited for if that was asked for.
async fn wait_until_it_exists(from: &Address, wait: Option<Duration>) -> Result<()> {
    let end = Instant::now() + wait.unwrap_or_default();
    let mut is_first = true;
    loop {
        let Err(error) = retry(async || open::expect_existing(from).await).await else {
            return Ok(());
        };
        let left = end.saturating_duration_since(Instant::now());
        if error.exit() != Exit::Usage || left.is_zero() {
            return Err(error);
        }
        if std::mem::take(&mut is_first) {
            print_stderr(&format!("waiting for {}, which does not exist yet", from.redacted()));
        }
        tokio::time::sleep(LOOK.min(left)).await;
    }
}

struct Printer<'a, W> {
    registry: &'a Registry,
    out: W,
    /// How many more may be printed.
    left: u64,
    content: LineContent,
}

/// Whether the output is still read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    Open,
    Closed,
}

impl<W: Write> Printer<'_, W> {
    /// Consumes outcomes until all that are left are held by others.
    async fn take(&mut self, consumer: &dyn Consumer, from: &str, wait: Duration) -> Result<()> {
        // A broker may interpret zero as no limit.
        let wait = wait.max(Duration::from_millis(10));
        let mut empty = 0;
        let mut seen = SeenIds::default();
        let knows_ids = consumer.capabilities().knows_ids;
        while self.next_size() > 0 {
            // Outcomes that the broker reports may take a while to arrive.
            let wait = if empty == 0 { wait } else { wait.max(WAIT) };
            let deliveries = retry(async || consumer.pull(self.next_size(), wait).await).await?;
            if deliveries.is_empty() {
                let backlog = retry(async || consumer.backlog().await).await?;
                match backlog.waiting {
                    0 => {
                        if backlog.in_flight > 0 {
                            let (held, lease) =
                                (plural(backlog.in_flight, "outcome"), LEASE.as_secs());
                            print_stderr(&format!(
                                "{from}: {held} held by another consumer, or in transit when the \
                                 connection broke; these are available again within {lease}s"
                            ));
                        }
                        return Ok(());
                    }
                    waiting if empty == EMPTY => {
                        return Err(Error::failure(format!(
                            "{from}: {} waiting, but the broker delivers none",
                            plural(waiting, "outcome")
                        )));
                    }
                    _ => empty += 1,
                }
                continue;
            }
            empty = 0;
            if deliveries.iter().any(|delivery| delivery.envelope.kind == PayloadKind::Message) {
                nack_all(consumer, &deliveries).await;
                return Err(Error::usage(format!("{from} contains messages, not outcomes"))
                    .help("pass the queue that `work` stores outcomes in: its --to"));
            }
            let outcomes = deliveries.iter().map(|delivery| &delivery.envelope);
            let printed = self.print(outcomes.filter(|one| knows_ids || seen.insert(&one.id)));
            if printed != Ok(Output::Open) {
                nack_all(consumer, &deliveries).await;
                return printed.map(|_| ());
            }
            let tags: Vec<DeliveryTag> =
                deliveries.into_iter().map(|delivery| delivery.tag).collect();
            retry(async || consumer.acknowledge(&tags).await).await?;
        }
        Ok(())
    }

    /// Browses the envelopes without consuming them.
    async fn browse(&mut self, from: &mut dyn Browser) -> Result<()> {
        while self.next_size() > 0 {
            let envelopes = retry(async || from.next(self.next_size()).await).await?;
            if envelopes.is_empty() || self.print(envelopes.iter())? == Output::Closed {
                return Ok(());
            }
        }
        Ok(())
    }

    fn print<'l>(&mut self, envelopes: impl Iterator<Item = &'l Envelope>) -> Result<Output> {
        let mut lines = Vec::new();
        let mut count = 0;
        for envelope in envelopes {
            print::line(self.registry, envelope, self.content, &mut lines);
            count += 1;
        }
        match self.out.write_all(&lines).and_then(|()| self.out.flush()) {
            // A closed pipe is not an error.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Output::Closed),
            Err(error) => return Err(Error::failure(format!("can't write outcomes: {error}"))),
            Ok(()) => {}
        }
        self.left = self.left.saturating_sub(count);
        Ok(Output::Open)
    }

    /// The size of the next request.
    fn next_size(&self) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX).min(MAX)
    }
}

/// Returns deliveries at once; otherwise they would be redelivered only after the lease.
async fn nack_all(consumer: &dyn Consumer, deliveries: &[Delivery]) {
    let nacks: Vec<Nack> = deliveries
        .iter()
        .map(|delivery| Nack {
            tag: delivery.tag.clone(),
            id: delivery.envelope.id.clone(),
            failures: delivery.failures,
            delay: Duration::ZERO,
        })
        .collect();
    if let Err(error) = consumer.nack(&nacks).await {
        tracing::info!("{error}");
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;
    use crate::broker::Producer as _;
    use crate::test_support::memory_broker::MemoryBroker;
    use crate::test_support::models::registry;

    /// Outcomes `{"value":1}`, `{"value":2}` and so on.
    fn outcomes(count: u32) -> Arc<MemoryBroker> {
        let envelopes: Vec<Envelope> = (1..=count)
            .map(|value| Envelope {
                id: format!("{value}:double"),
                model: "double".to_owned(),
                kind: PayloadKind::Output,
                bytes: format!("{{\"value\":{value}}}").into_bytes(),
                ..Envelope::default()
            })
            .collect();
        let from = MemoryBroker::new();
        block_on(from.store(&envelopes)).unwrap();
        from
    }

    /// Collects at most `max` outcomes.
    fn take(from: &MemoryBroker, max: u64, out: impl Write) -> Result<()> {
        let registry = registry();
        let mut printer =
            Printer { registry: &registry, out, left: max, content: LineContent::Outcome };
        block_on(printer.take(from, "memory", Duration::ZERO))
    }

    #[test]
    fn outcomes_are_printed_in_their_order_and_are_gone() {
        let from = outcomes(1100);
        from.lose_next(3);
        let mut out = Vec::new();
        take(&from, u64::MAX, &mut out).unwrap();
        let wanted: Vec<String> =
            (1..=1100).map(|value| format!("{{\"value\":{value}}}")).collect();
        // Messages whose delivery was lost are held until the lease ends.
        assert_eq!(out, b"");
        from.expire();
        take(&from, u64::MAX, &mut out).unwrap();
        let printed: Vec<&str> = std::str::from_utf8(&out).unwrap().lines().collect();
        assert_eq!(printed, wanted);
        assert_eq!(from.envelopes(), []);
    }

    #[test]
    fn no_more_are_taken_than_are_asked_for() {
        let from = outcomes(3);
        let mut out = Vec::new();
        take(&from, 2, &mut out).unwrap();
        assert_eq!(out, b"{\"value\":1}\n{\"value\":2}\n");
        assert_eq!(from.envelopes().len(), 1);
        take(&from, 2, &mut out).unwrap();
        assert_eq!(from.envelopes(), []);
    }

    /// Takes what is written in, and fails to pass it on.
    struct Broken<'a>(io::ErrorKind, &'a MemoryBroker);

    impl Write for Broken<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            assert_eq!(self.1.envelopes().len(), 2, "not acknowledged before");
            Err(self.0.into())
        }
    }

    #[test]
    fn outcomes_that_could_not_be_printed_are_not_acknowledged() {
        let from = outcomes(2);
        assert_eq!(take(&from, u64::MAX, Broken(io::ErrorKind::BrokenPipe, &from)), Ok(()));
        let error = take(&from, u64::MAX, Broken(io::ErrorKind::StorageFull, &from)).unwrap_err();
        assert_eq!(error.exit(), Exit::Failure);
        let mut out = Vec::new();
        take(&from, u64::MAX, &mut out).unwrap();
        assert_eq!(out, b"{\"value\":1}\n{\"value\":2}\n");
    }

    #[test]
    fn messages_are_not_taken_for_outcomes() {
        let from = MemoryBroker::new();
        let message = Envelope { id: "1".to_owned(), bytes: b"{}".to_vec(), ..Envelope::default() };
        block_on(from.store(&[message])).unwrap();
        let mut out = Vec::new();
        let error = take(&from, u64::MAX, &mut out).unwrap_err();
        assert_eq!((error.exit(), out.len()), (Exit::Usage, 0));
        assert_eq!(block_on(from.pull(9, Duration::ZERO)).unwrap().len(), 1);
    }

    #[test]
    fn outcomes_held_by_another_consumer_are_not_waited_for() {
        let from = outcomes(2);
        block_on(from.pull(1, Duration::ZERO)).unwrap();
        let mut out = Vec::new();
        take(&from, u64::MAX, &mut out).unwrap();
        assert_eq!(out, b"{\"value\":2}\n");
        assert_eq!(from.envelopes().len(), 1);
    }

    #[test]
    fn browsing_consumes_nothing() {
        let from = outcomes(513);
        let registry = registry();
        let mut out = Vec::new();
        let mut printer = Printer {
            registry: &registry,
            out: &mut out,
            left: u64::MAX,
            content: LineContent::Outcome,
        };
        block_on(printer.browse(&mut from.browser())).unwrap();
        printer.left = 1;
        block_on(printer.browse(&mut from.browser())).unwrap();
        let lines = String::from_utf8(out).unwrap();
        assert_eq!(lines.lines().count(), 514);
        assert!(lines.ends_with("{\"value\":513}\n{\"value\":1}\n"));
        assert_eq!(from.envelopes().len(), 513);
    }

    #[test]
    fn an_unreachable_broker_is_an_error() {
        let from = outcomes(1);
        from.fail_next(u32::MAX);
        let error = take(&from, u64::MAX, Vec::new()).unwrap_err();
        assert_eq!((error.exit(), &*error.to_string()), (Exit::Failure, "the broker is away"));
    }
}

//! Outcomes out of a queue: printed a line each, and only then acknowledged.

use std::io::{ErrorKind, Write};
use std::time::Duration;

use athena_protocol::{Collect, Exit};

use super::address::{Address, Reader};
use super::client::{block_on, patiently};
use super::print::{self, Shown};
use super::work::GROUP;
use crate::letter::{Kind, Letter};
use crate::transport::{Delivery, Refusal, Shelf, Source, Ticket};
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::say;

/// How many outcomes are taken at once.
const MOST: usize = 512;

/// How long to wait for more when none is left.
const WAIT: Duration = Duration::from_secs(1);

/// How long an outcome that was taken stays with a reader that is gone.
const LEASE: Duration = Duration::from_mins(1);

/// How often a broker may say that outcomes wait, and give none.
const EMPTY: u32 = 10;

/// Prints outcomes until none is left.
///
/// # Errors
///
/// No such queue, one of messages, a broker that can't be reached.
pub fn collect(registry: &Registry, request: &Collect) -> Result<Exit> {
    let from = Address::parse(&request.from)?;
    let mut printer = Printer {
        registry,
        out: std::io::stdout(),
        left: request.max.unwrap_or(u64::MAX),
        shown: if request.dead { Shown::DeadLetter } else { Shown::Outcome },
    };
    block_on(async {
        if request.dead || request.keep {
            let from = if request.dead { from.beside("dead") } else { from };
            let mut shelf = patiently(async || from.shelf().await).await?;
            return printer.look(&mut *shelf).await;
        }
        let reader = Reader { group: GROUP.to_owned(), lease: LEASE, to: None };
        let source = patiently(async || from.source(reader.clone()).await).await?;
        let wait = request.wait_ms.map_or(WAIT, Duration::from_millis);
        printer.take(&*source, &from.shown, wait).await
    })?;
    Ok(Exit::Success)
}

/// Prints letters.
struct Printer<'a, W> {
    registry: &'a Registry,
    out: W,
    /// How many may be printed yet.
    left: u64,
    shown: Shown,
}

/// Whether someone still reads what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Yes,
    No,
}

impl<W: Write> Printer<'_, W> {
    /// Takes outcomes until none is left that nobody holds.
    async fn take(&mut self, source: &dyn Source, from: &str, wait: Duration) -> Result<()> {
        // A broker may take no time for all time.
        let wait = wait.max(Duration::from_millis(10));
        let mut empty = 0;
        while self.most() > 0 {
            // What it says is waiting may take a while to come.
            let wait = if empty == 0 { wait } else { wait.max(WAIT) };
            let taken = patiently(async || source.pull(self.most(), wait).await).await?;
            if taken.is_empty() {
                let left = patiently(async || source.left().await).await?;
                match left.waiting {
                    0 => {
                        if left.held > 0 {
                            let (held, lease) = (left.held, LEASE.as_secs());
                            say(&format!(
                                "{from}: {held} more are with another reader, or were on their \
                                 way when the connection broke; if so, they are back within \
                                 {lease}s"
                            ));
                        }
                        return Ok(());
                    }
                    waiting if empty == EMPTY => {
                        return Err(Error::failure(format!(
                            "{from}: {waiting} outcomes wait, and none comes"
                        )));
                    }
                    _ => empty += 1,
                }
                continue;
            }
            empty = 0;
            if taken.iter().any(|delivery| delivery.letter.kind == Kind::Message) {
                give_back(source, &taken).await;
                return Err(Error::usage(format!("{from} has messages, not outcomes"))
                    .help("--from is where outcomes go: what `work` says as --to"));
            }
            let printed = self.print(taken.iter().map(|delivery| &delivery.letter));
            if printed != Ok(Heard::Yes) {
                give_back(source, &taken).await;
                return printed.map(|_| ());
            }
            let tickets: Vec<Ticket> = taken.into_iter().map(|delivery| delivery.ticket).collect();
            patiently(async || source.acknowledge(&tickets).await).await?;
        }
        Ok(())
    }

    /// Looks at the letters that are there, and leaves them.
    async fn look(&mut self, from: &mut dyn Shelf) -> Result<()> {
        while self.most() > 0 {
            let letters = patiently(async || from.next(self.most()).await).await?;
            if letters.is_empty() || self.print(letters.iter())? == Heard::No {
                return Ok(());
            }
        }
        Ok(())
    }

    fn print<'l>(&mut self, letters: impl Iterator<Item = &'l Letter>) -> Result<Heard> {
        let mut lines = Vec::new();
        let mut count = 0;
        for letter in letters {
            print::line(self.registry, letter, self.shown, &mut lines);
            count += 1;
        }
        match self.out.write_all(&lines).and_then(|()| self.out.flush()) {
            // A reader that has enough is no error.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Heard::No),
            Err(error) => return Err(Error::failure(format!("can't write outcomes: {error}"))),
            Ok(()) => {}
        }
        self.left = self.left.saturating_sub(count);
        Ok(Heard::Yes)
    }

    /// How many to ask for.
    fn most(&self) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX).min(MOST)
    }
}

/// They are there for the next who asks; without this, only once the lease has ended.
async fn give_back(source: &dyn Source, taken: &[Delivery]) {
    let refused: Vec<Refusal> = taken
        .iter()
        .map(|delivery| Refusal {
            ticket: delivery.ticket.clone(),
            id: delivery.letter.id.clone(),
            tries: delivery.tries,
            delay: Duration::ZERO,
        })
        .collect();
    if let Err(error) = source.refuse(&refused).await {
        tracing::info!("{error}");
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::super::memory::Memory;
    use super::super::samples::registry;
    use super::*;
    use crate::transport::Sink as _;

    /// Outcomes `{"value":1}`, `{"value":2}` and so on.
    fn outcomes(count: u32) -> Arc<Memory> {
        let letters: Vec<Letter> = (1..=count)
            .map(|value| Letter {
                id: format!("{value}:double"),
                model: "double".to_owned(),
                kind: Kind::Output,
                bytes: format!("{{\"value\":{value}}}").into_bytes(),
                ..Letter::default()
            })
            .collect();
        let from = Memory::new();
        block_on(from.store(&letters)).unwrap();
        from
    }

    /// Takes at most so many, and gives what was printed.
    fn take(from: &Memory, most: u64, out: impl Write) -> Result<()> {
        let registry = registry();
        let mut printer = Printer { registry: &registry, out, left: most, shown: Shown::Outcome };
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
        // What was pulled without an answer is another reader's, until its lease ends.
        assert_eq!(out, b"");
        from.expire();
        take(&from, u64::MAX, &mut out).unwrap();
        let printed: Vec<&str> = std::str::from_utf8(&out).unwrap().lines().collect();
        assert_eq!(printed, wanted);
        assert_eq!(from.letters(), []);
    }

    #[test]
    fn no_more_are_taken_than_are_asked_for() {
        let from = outcomes(3);
        let mut out = Vec::new();
        take(&from, 2, &mut out).unwrap();
        assert_eq!(out, b"{\"value\":1}\n{\"value\":2}\n");
        assert_eq!(from.letters().len(), 1);
        take(&from, 2, &mut out).unwrap();
        assert_eq!(from.letters(), []);
    }

    /// Takes what is written in, and fails to pass it on.
    struct Broken<'a>(io::ErrorKind, &'a Memory);

    impl Write for Broken<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            assert_eq!(self.1.letters().len(), 2, "not acknowledged before");
            Err(self.0.into())
        }
    }

    #[test]
    fn what_nobody_reads_is_left_for_the_next() {
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
        let from = Memory::new();
        let message = Letter { id: "1".to_owned(), bytes: b"{}".to_vec(), ..Letter::default() };
        block_on(from.store(&[message])).unwrap();
        let mut out = Vec::new();
        let error = take(&from, u64::MAX, &mut out).unwrap_err();
        assert_eq!((error.exit(), out.len()), (Exit::Usage, 0));
        assert_eq!(block_on(from.pull(9, Duration::ZERO)).unwrap().len(), 1);
    }

    #[test]
    fn what_another_holds_is_not_waited_for() {
        let from = outcomes(2);
        block_on(from.pull(1, Duration::ZERO)).unwrap();
        let mut out = Vec::new();
        take(&from, u64::MAX, &mut out).unwrap();
        assert_eq!(out, b"{\"value\":2}\n");
        assert_eq!(from.letters().len(), 1);
    }

    #[test]
    fn what_is_looked_at_stays() {
        let from = outcomes(513);
        let registry = registry();
        let mut out = Vec::new();
        let mut printer =
            Printer { registry: &registry, out: &mut out, left: u64::MAX, shown: Shown::Outcome };
        block_on(printer.look(&mut from.shelf())).unwrap();
        printer.left = 1;
        block_on(printer.look(&mut from.shelf())).unwrap();
        let lines = String::from_utf8(out).unwrap();
        assert_eq!(lines.lines().count(), 514);
        assert!(lines.ends_with("{\"value\":513}\n{\"value\":1}\n"));
        assert_eq!(from.letters().len(), 513);
    }

    #[test]
    fn a_broker_that_is_gone_is_told() {
        let from = outcomes(1);
        from.fail_next(u32::MAX);
        let error = take(&from, u64::MAX, Vec::new()).unwrap_err();
        assert_eq!((error.exit(), &*error.to_string()), (Exit::Failure, "the broker is away"));
    }
}

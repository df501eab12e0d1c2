//! `collect --dead --requeue` and `--take`: dead letters return to their queue, or leave it.

use std::collections::HashSet;
use std::io::{ErrorKind, Write};
use std::time::{Duration, SystemTime};

use athena_protocol::{Letters, ModelId};

use super::print::{self, LineContent};
use super::retry::retry;
use crate::address::Address;
use crate::broker::{DeadLetters, StoredDeadLetter};
use crate::open;
use athena_core::display::plural;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::print_stderr;

/// The maximum number of dead letters in one request.
const MAX: u64 = 512;

/// Returns, removes or prints the dead letters of a queue that are chosen, at most `max`.
///
/// # Errors
///
/// The broker can't do it or is unreachable, or they can't be printed: then they stay where they are.
pub(super) async fn manage(
    registry: &Registry,
    from: &Address,
    request: &Letters,
    max: u64,
) -> Result<()> {
    let mut letters = retry(async || open::dead_letters(from).await).await?;
    let count = each(&mut *letters, registry, request, max, &mut std::io::stdout()).await?;
    let counted = plural(count, "dead letter");
    let queue = from.redacted();
    print_stderr(&match (request.requeue, request.dry_run) {
        (true, false) => format!("{counted} returned to {queue}"),
        (true, true) => format!("{counted} would be returned to {queue}"),
        (false, false) => format!("{counted} taken"),
        (false, true) => format!("{counted} chosen"),
    });
    Ok(())
}

async fn each(
    letters: &mut dyn DeadLetters,
    registry: &Registry,
    request: &Letters,
    max: u64,
    out: &mut dyn Write,
) -> Result<u64> {
    // A letter that dies again meanwhile is found again.
    let mut seen = HashSet::new();
    let mut count = 0;
    while count < max {
        let size = usize::try_from(MAX.min(max - count)).unwrap_or(1);
        let found = retry(async || letters.next(size).await).await?;
        if found.is_empty() {
            break;
        }
        let now = SystemTime::now();
        let chosen: Vec<StoredDeadLetter> = found
            .into_iter()
            .filter(|letter| {
                is_chosen(letter, request, now) && seen.insert(letter.envelope.id.clone())
            })
            .collect();
        if chosen.is_empty() {
            continue;
        }
        if (!request.requeue || request.dry_run) && !print(registry, &chosen, out)? {
            break;
        }
        if request.requeue && !request.dry_run {
            retry(async || letters.requeue(&chosen).await).await?;
        } else if request.take && !request.dry_run {
            retry(async || letters.remove(&chosen).await).await?;
        }
        count += chosen.len() as u64;
    }
    Ok(count)
}

/// Prints before anything is removed. Returns whether somebody reads it.
fn print(registry: &Registry, letters: &[StoredDeadLetter], out: &mut dyn Write) -> Result<bool> {
    let mut lines = Vec::new();
    for letter in letters {
        print::line(registry, &letter.envelope, LineContent::DeadLetter, &mut lines);
    }
    match out.write_all(&lines).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::failure(format!("can't write dead letters: {error}"))),
    }
}

/// Whether a letter has all that is asked for. One whose age is unknown is not older than anything.
fn is_chosen(letter: &StoredDeadLetter, request: &Letters, now: SystemTime) -> bool {
    let Letters { reason, model, ids, older_than_ms, .. } = request;
    let envelope = &letter.envelope;
    let age = letter.stored_at.and_then(|stored| now.duration_since(stored).ok());
    let is_model = |name: &String| ModelId::new(&envelope.model).matches(name);
    reason.as_ref().is_none_or(|text| envelope.reason.contains(text))
        && model.as_ref().is_none_or(is_model)
        && (ids.is_empty() || ids.contains(&envelope.id))
        && older_than_ms
            .is_none_or(|least| age.is_some_and(|age| age >= Duration::from_millis(least)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{BrokerFuture, DeliveryTag};
    use crate::envelope::Envelope;
    use crate::retry::block_on;
    use crate::test_support::models::registry;

    /// Letters `0`, `1` and so on, and the ids of those that left.
    #[derive(Default)]
    struct Fake {
        letters: Vec<StoredDeadLetter>,
        requeued: Vec<String>,
        removed: Vec<String>,
    }

    impl Fake {
        fn new() -> Self {
            let letter = |(at, (model, reason)): (usize, (&str, &str))| {
                let envelope = Envelope {
                    id: at.to_string(),
                    model: model.to_owned(),
                    reason: reason.to_owned(),
                    bytes: b"{}".to_vec(),
                    ..Envelope::default()
                };
                let mut letter = StoredDeadLetter::new(DeliveryTag(at.to_string()), envelope);
                letter.stored_at = (at > 0).then(|| SystemTime::now() - Duration::from_mins(1));
                letter
            };
            let kinds =
                [("a::double", "timed out"), ("a::double", "crashed"), ("b::halve", "crashed")];
            Self { letters: kinds.into_iter().enumerate().map(letter).collect(), ..Self::default() }
        }
    }

    impl DeadLetters for Fake {
        fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<StoredDeadLetter>> {
            let rest = self.letters.split_off(max.min(self.letters.len()));
            let found = std::mem::replace(&mut self.letters, rest);
            Box::pin(async { Ok(found) })
        }

        fn requeue<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
            self.requeued.extend(letters.iter().map(|letter| letter.envelope.id.clone()));
            // It dies again at once.
            self.letters.extend(letters.iter().take(1).cloned());
            Box::pin(async { Ok(()) })
        }

        fn remove<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
            self.removed.extend(letters.iter().map(|letter| letter.envelope.id.clone()));
            Box::pin(async { Ok(()) })
        }
    }

    fn run(request: &Letters, max: u64) -> (Fake, u64, String) {
        let (mut fake, registry, mut out) = (Fake::new(), registry(), Vec::new());
        let count = block_on(each(&mut fake, &registry, request, max, &mut out)).unwrap();
        (fake, count, String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_chosen_letters_return_once_each() {
        let all = Letters { requeue: true, ..Letters::default() };
        let (fake, count, printed) = run(&all, u64::MAX);
        assert_eq!((count, printed.as_str()), (3, ""));
        assert_eq!(fake.requeued, ["0", "1", "2"]);
        let chosen =
            |request: Letters| run(&Letters { requeue: true, ..request }, u64::MAX).0.requeued;
        let none = Letters::default;
        assert_eq!(chosen(Letters { reason: Some("crash".into()), ..none() }), ["1", "2"]);
        assert_eq!(chosen(Letters { model: Some("double".into()), ..none() }), ["0", "1"]);
        assert_eq!(chosen(Letters { ids: vec!["2".into()], ..none() }), ["2"]);
        assert_eq!(chosen(Letters { older_than_ms: Some(30_000), ..none() }), ["1", "2"]);
        assert_eq!(chosen(Letters { older_than_ms: Some(90_000), ..none() }), [""; 0]);
        assert_eq!(run(&all, 2).0.requeued, ["0", "1"]);
    }

    #[test]
    fn a_dry_run_prints_and_changes_nothing() {
        let request = Letters { requeue: true, dry_run: true, ..Letters::default() };
        let (fake, count, printed) = run(&request, u64::MAX);
        assert_eq!((count, printed.lines().count(), fake.requeued.len()), (3, 3, 0));
    }

    /// A full disk.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn letters_that_are_taken_are_printed_first() {
        let (fake, _, printed) = run(&Letters { take: true, ..Letters::default() }, u64::MAX);
        assert_eq!((printed.lines().count(), fake.removed.len()), (3, 3));
        let (mut fake, request) = (Fake::new(), Letters { take: true, ..Letters::default() });
        let error = block_on(each(&mut fake, &registry(), &request, 9, &mut Full)).unwrap_err();
        assert!(error.to_string().contains("can't write dead letters"), "{error}");
        assert_eq!(fake.removed, [""; 0]);
    }
}

//! How many messages an answer may bring: few where they are large, or it would not come in time.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::entry::BYTES;
use super::fault::Fault;
use crate::transport::Delivery;

/// How many messages fit an answer, by those that came last.
pub(super) struct Portion(AtomicUsize);

impl Portion {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(usize::MAX))
    }

    /// How many to ask for, of so many that are wanted.
    pub(super) fn of(&self, most: usize) -> usize {
        most.min(self.0.load(Ordering::Relaxed)).max(1)
    }

    /// Learns from what was asked for and what came.
    pub(super) fn learn(&self, asked: usize, answer: &Result<Vec<Delivery>, Fault>) {
        let fitting = match answer {
            Ok(came) if came.is_empty() => return,
            Ok(came) => {
                let bytes: usize = came.iter().map(|one| one.letter.bytes.len()).sum();
                BYTES / (bytes / came.len()).max(1)
            }
            Err(fault) if fault.is_late => asked / 4,
            Err(_) => return,
        };
        self.0.store(fitting, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::letter::Letter;
    use crate::transport::Ticket;

    #[test]
    fn of_large_messages_few_are_asked_for() {
        let came = |sizes: &[usize]| {
            let of = |size: &usize| Delivery {
                ticket: Ticket(String::new()),
                tries: 0,
                deliveries: 1,
                letter: Letter { bytes: vec![0; *size], ..Letter::default() },
            };
            Ok(sizes.iter().map(of).collect())
        };
        let portion = Portion::new();
        assert_eq!(portion.of(256), 256);
        portion.learn(256, &came(&[BYTES / 4, BYTES / 2, 0]));
        assert_eq!(portion.of(256), 4);
        portion.learn(4, &came(&[]));
        assert_eq!(portion.of(256), 4, "nothing says nothing");
        portion.learn(4, &came(&[10, 10]));
        assert_eq!(portion.of(256), 256);
        portion.learn(256, &Err(Fault::late("", Duration::ZERO)));
        assert_eq!(portion.of(256), 64);
        portion.learn(1, &Err(Fault::late("", Duration::ZERO)));
        assert_eq!(portion.of(256), 1);
    }
}

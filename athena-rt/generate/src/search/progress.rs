//! When a search is over.

/// The fewest rounds without anything new after which it is over.
const BARREN: u64 = 4;

/// How far a search is.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    rounds: u64,
    /// The rounds up to the last one that brought something new.
    productive: u64,
}

impl Progress {
    /// Counts a round.
    pub(crate) fn add(&mut self, is_new: bool) {
        self.rounds += 1;
        if is_new {
            self.productive = self.rounds;
        }
    }

    /// Whether the last half brought nothing: what took long to find is followed by what takes long.
    pub(crate) fn is_over(&self) -> bool {
        self.rounds - self.productive >= BARREN.max(self.productive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of rounds of a search that finds something new in these rounds, from 1.
    fn rounds(new: &[u64]) -> u64 {
        let mut progress = Progress::default();
        (1..=100)
            .find(|round| {
                progress.add(new.contains(round));
                progress.is_over()
            })
            .unwrap_or_default()
    }

    #[test]
    fn a_search_is_over_when_its_last_half_brought_nothing() {
        assert_eq!(rounds(&[]), 4);
        assert_eq!(rounds(&[1]), 5);
        assert_eq!(rounds(&[1, 4]), 8);
        // What comes in the last round of the half counts.
        assert_eq!(rounds(&[1, 3, 7, 14]), 28);
        assert_eq!(rounds(&[1, 3, 7, 15]), 14);
    }
}

//! Which requests of a worker to its brokers fail, since when, and how.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use athena_core::error::{Error, Result};

/// The requests that fail, by what they are for. All clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct FailingRequests(Arc<Mutex<BTreeMap<&'static str, Failing>>>);

/// A request that has failed each time since some moment.
#[derive(Debug)]
struct Failing {
    since: Instant,
    /// How it failed last.
    error: Error,
}

impl FailingRequests {
    /// The value, or `None` with the error logged.
    pub(crate) fn value<T>(&self, action: &'static str, answer: Result<T>) -> Option<T> {
        let mut failing = self.lock();
        match answer {
            Ok(value) => {
                failing.remove(action);
                Some(value)
            }
            Err(error) => {
                tracing::warn!("can't {action}: {error}; trying again");
                let since = failing.get(action).map_or_else(Instant::now, |first| first.since);
                failing.insert(action, Failing { since, error });
                None
            }
        }
    }

    /// How a request fails that has failed each time for at least this time; of several, the first one.
    pub(crate) fn failing_for(&self, time: Duration) -> Option<Error> {
        let failing = self.lock();
        let long = failing.iter().filter(|(_, request)| request.since.elapsed() >= time);
        let (action, first) = long.min_by_key(|(_, request)| request.since)?;
        Some(first.error.clone().context(format!("can't {action}")))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Failing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_fails_until_one_of_its_kind_succeeds() {
        let requests = FailingRequests::default();
        let failed = || Err::<(), _>(Error::failure("gone"));
        assert_eq!(requests.value("store outcomes", Ok(7)), Some(7));
        assert_eq!(requests.failing_for(Duration::ZERO), None);
        assert_eq!(requests.value("take messages", failed()), None);
        requests.value("count messages", failed());
        requests.value("count messages", Ok(()));
        let error = requests.clone().failing_for(Duration::ZERO).unwrap();
        assert_eq!(error.to_string(), "can't take messages: gone");
        assert_eq!(requests.failing_for(Duration::from_mins(1)), None);
        requests.value("take messages", Ok(()));
        assert_eq!(requests.failing_for(Duration::ZERO), None);
    }
}

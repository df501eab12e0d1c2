//! What is asked of the brokers until it is done: outcomes are stored and messages acknowledged, in
//! this order.

use std::sync::Arc;
use std::time::Duration;

use super::retry::Backoff;
use crate::letter::Letter;
use crate::transport::{Burial, Delivery, Refusal, Sink, Source, Ticket};
use athena_core::error::Result;

/// How long it takes at most until a broker that does not answer is asked again.
const SLOWEST: Duration = Duration::from_secs(5);

/// Where messages come from and outcomes go.
#[derive(Clone)]
pub(super) struct Ends {
    pub(super) source: Arc<dyn Source>,
    /// None where the source stores outcomes as it acknowledges.
    pub(super) sink: Option<Arc<dyn Sink>>,
}

impl Ends {
    /// Stores outcomes, then acknowledges their messages.
    pub(super) async fn complete(self, done: Vec<(Ticket, Letter)>) {
        let Some(sink) = self.sink else {
            until_done("store outcomes", || self.source.complete(&done)).await;
            return;
        };
        let (tickets, letters): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        until_done("store outcomes", || sink.store(&letters)).await;
        until_done("acknowledge messages", || self.source.acknowledge(&tickets)).await;
    }

    /// Why an outcome could never be stored: it would hold up all behind it for ever.
    pub(super) fn refuses(&self, outcome: &Letter) -> Option<String> {
        self.sink.as_ref()?.refuses(outcome)
    }

    pub(super) async fn refuse(self, refused: Vec<Refusal>) {
        until_done("give messages back", || self.source.refuse(&refused)).await;
    }

    pub(super) async fn bury(self, dead: Vec<Burial>) {
        until_done("store dead letters", || self.source.bury(&dead)).await;
    }

    pub(super) async fn pull(self, most: usize, wait: Duration) -> Vec<Delivery> {
        until_done("take messages", || self.source.pull(most, wait)).await
    }
}

/// Asks until it is granted: a broker comes back.
async fn until_done<'a, T>(
    what: &str,
    mut ask: impl FnMut() -> crate::transport::Asked<'a, T>,
) -> T {
    let mut backoff = Backoff::new(Duration::from_millis(50), SLOWEST);
    loop {
        match asked(what, ask().await) {
            Some(granted) => return granted,
            None => tokio::time::sleep(backoff.next()).await,
        }
    }
}

/// What was granted; why not is logged.
pub(super) fn asked<T>(what: &str, answer: Result<T>) -> Option<T> {
    answer.map_err(|error| tracing::warn!("can't {what}: {error}; trying again")).ok()
}

//! Dropped requests, cut connections, a broker that is killed.

use std::collections::BTreeSet;
use std::time::Duration;

use super::queue::{Need, Promise, TestQueue, expect, ids, message, pull, tags};
use crate::retry::retry;
use athena_core::error::Result;

pub(super) const PROMISES: &[Promise] = &[
    Promise::new("a_request_that_is_dropped_half_way_can_be_repeated", drops),
    Promise::new("what_was_stored_is_there_for_a_new_connection", reopens),
    Promise {
        needs: Some(Need::Cut),
        ..Promise::new("a_cut_connection_loses_and_doubles_nothing", cuts)
    },
    Promise {
        needs: Some(Need::Restart),
        ..Promise::new("a_broker_that_is_killed_loses_nothing", restarts)
    },
];

fn drops(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.consumer().await?;
        let producer = queue.producer().await?;
        let names: Vec<_> = (0..20).map(|id| format!("{id:02}")).collect();
        for name in &names {
            let envelope = [message(name)];
            // Dropped at its first wait, or a little later.
            let micros = 50 * name.parse::<u64>().unwrap_or(0);
            let _ = tokio::time::timeout(Duration::from_micros(micros), producer.store(&envelope))
                .await;
            producer.store(&envelope).await?;
        }
        // A broker that knows no ids has some of them twice.
        let mut come = pull(&*consumer, names.len()).await?;
        while !consumer.capabilities().knows_ids {
            let more = consumer.pull(names.len(), queue.lease / 4).await?;
            if more.is_empty() {
                break;
            }
            come.extend(more);
        }
        let seen: BTreeSet<_> = ids(&come).into_iter().collect();
        expect("distinct messages", &seen.len(), &names.len())?;
        for delivery in &come {
            let tag = std::slice::from_ref(&delivery.tag);
            let _ =
                tokio::time::timeout(Duration::from_micros(200), consumer.acknowledge(tag)).await;
            consumer.acknowledge(tag).await?;
        }
        super::queue::expect_nothing(&*consumer, queue.lease * 3 / 2).await
    })
}

fn reopens(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        queue.consumer().await?;
        queue.producer().await?.store(&[message("1")]).await
    })?;
    // Another runtime, so that nothing of the first connection is left.
    queue.block_on(async {
        let consumer = queue.consumer().await?;
        expect("ids", &ids(&pull(&*consumer, 1).await?), &vec!["1".to_owned()])
    })
}

fn cuts(queue: &TestQueue) -> Result<()> {
    let Some(cut) = &queue.hooks().cut else { return Ok(()) };
    disturbed(queue, cut)
}

fn restarts(queue: &TestQueue) -> Result<()> {
    let Some(restart) = &queue.hooks().restart else { return Ok(()) };
    disturbed(queue, restart)
}

/// Stores, pulls and acknowledges while something disturbs the broker.
fn disturbed(queue: &TestQueue, disturb: &(dyn Fn() + Send + Sync)) -> Result<()> {
    queue.block_on(async {
        let consumer = retry(async || queue.consumer().await).await?;
        let producer = retry(async || queue.producer().await).await?;
        let names: Vec<_> = (0..40).map(|id| format!("{id:02}")).collect();
        let mut seen = BTreeSet::new();
        for (at, part) in names.chunks(10).enumerate() {
            let envelopes: Vec<_> = part.iter().map(|name| message(name)).collect();
            if at % 2 == 1 {
                queue.disturb(disturb);
            }
            retry(async || producer.store(&envelopes).await).await?;
            if at % 2 == 0 {
                queue.disturb(disturb);
            }
            let come = retry(async || consumer.pull(5, Duration::from_secs(1)).await).await?;
            retry(async || consumer.acknowledge(&tags(&come)).await).await?;
            seen.extend(ids(&come));
        }
        // Deliveries whose answer was lost come back after their lease.
        for _ in 0..10 {
            let wait = queue.lease;
            let come = retry(async || consumer.pull(100, wait).await).await?;
            retry(async || consumer.acknowledge(&tags(&come)).await).await?;
            seen.extend(ids(&come));
            if seen.len() == names.len() {
                break;
            }
        }
        expect("distinct messages", &seen.len(), &names.len())
    })
}

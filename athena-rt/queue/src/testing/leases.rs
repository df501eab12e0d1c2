//! Messages of consumers that are gone.

use std::time::Instant;

use super::queue::{Promise, TestQueue, expect, expect_nothing, ids, pull, tags, within_a_lease};
use crate::broker::Nack;
use athena_core::error::Result;

pub(super) const PROMISES: &[Promise] = &[
    Promise::new("a_held_message_is_delivered_to_nobody_else", holds),
    Promise::new("a_message_is_redelivered_when_its_lease_ends", expires),
    Promise::new("a_lease_can_be_extended", extends),
    Promise::new("an_expired_message_can_still_be_acknowledged", late),
    Promise::new("a_stale_tag_does_not_return_what_was_delivered_again", stale),
];

fn holds(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_messages(&["1"]).await?;
        let other = queue.consumer().await?;
        within_a_lease(queue, async |_| {
            pull(&*consumer, 1).await?;
            expect_nothing(&*other, queue.lease / 4).await
        })
        .await
    })
}

fn expires(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_messages(&["1", "2"]).await?;
        let began = Instant::now();
        pull(&*consumer, 2).await?;
        // Nobody hears of this consumer again.
        drop(consumer);
        let other = queue.consumer().await?;
        let mut come = pull(&*other, 2).await?;
        come.sort_by(|one, other| one.envelope.id.cmp(&other.envelope.id));
        expect("ids", &ids(&come), &vec!["1".to_owned(), "2".to_owned()])?;
        for delivery in &come {
            let counts = (delivery.failures, delivery.deliveries);
            expect("failures and deliveries", &counts, &(0, 2))?;
        }
        expect("within five leases", &(began.elapsed() < queue.lease * 5), &true)
    })
}

fn extends(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_messages(&["1"]).await?;
        let other = queue.consumer().await?;
        within_a_lease(queue, async |since| {
            let come = pull(&*consumer, 1).await?;
            for _ in 0..6 {
                expect_nothing(&*other, queue.lease / 4).await?;
                consumer.keep_alive(&tags(&come)).await?;
                *since = Instant::now();
            }
            consumer.acknowledge(&tags(&come)).await?;
            // It must not bring a message back.
            consumer.keep_alive(&tags(&come)).await?;
            expect_nothing(&*other, queue.lease / 4).await
        })
        .await
    })
}

fn late(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_messages(&["1"]).await?;
        let first = pull(&*consumer, 1).await?;
        let second = pull(&*consumer, 1).await?;
        consumer.acknowledge(&tags(&first)).await?;
        consumer.acknowledge(&tags(&second)).await?;
        expect_nothing(&*consumer, queue.lease * 3 / 2).await
    })
}

fn stale(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_messages(&["1"]).await?;
        let lost = pull(&*consumer, 1).await?;
        within_a_lease(queue, async |_| {
            let held = pull(&*consumer, 1).await?;
            consumer.nack(&[Nack { failures: 7, ..Nack::new(&lost[0]) }]).await?;
            expect_nothing(&*consumer, queue.lease / 4).await?;
            consumer.nack(&[Nack::new(&held[0])]).await?;
            let again = pull(&*consumer, 1).await?;
            let failures = &held[0].failures;
            expect("the failures, which a stale tag does not count", &again[0].failures, failures)
        })
        .await
    })
}

//! Acknowledgements, nacks and dead letters.

use std::time::Instant;

use super::queue::{
    Promise, TestQueue, expect, expect_nothing, ids, message, outcome, pull, tags, within_a_lease,
};
use crate::address::ConsumerOptions;
use crate::broker::{DeadLetter, Nack};
use crate::open;
use athena_core::error::Result;

pub(super) const PROMISES: &[Promise] = &[
    Promise::new("an_acknowledged_message_is_gone", acknowledges),
    Promise::new("a_nacked_message_comes_back_after_its_delay", delays),
    Promise::new("the_failures_of_a_nack_come_back", failures),
    Promise::new("a_nack_without_delay_comes_back_at_once", at_once),
    Promise::new("a_dead_letter_is_whole_and_its_message_gone", dies),
    Promise::new("an_outcome_is_stored_in_the_step_that_acknowledges", completes),
    Promise::new("a_dead_letter_can_be_returned_or_removed", returns),
    Promise::new("the_status_counts_messages_and_dead_letters", status),
];

fn acknowledges(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_messages(&["1", "2"]).await?;
        let come = pull(&*consumer, 2).await?;
        consumer.acknowledge(&tags(&come)).await?;
        consumer.acknowledge(&tags(&come)).await?;
        // It is done: nothing brings it back.
        consumer.nack(&come.iter().map(Nack::new).collect::<Vec<_>>()).await?;
        expect_nothing(&*consumer, queue.lease * 2).await?;
        expect("what is left", &queue.browse(&queue.address()?).await?, &vec![])
    })
}

fn delays(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_held_messages(&["1"]).await?;
        let come = pull(&*consumer, 1).await?;
        let delay = queue.lease * 6 / 10;
        let began = Instant::now();
        consumer.nack(&[Nack { delay, ..Nack::new(&come[0]) }]).await?;
        let again = pull(&*consumer, 1).await?;
        expect("the delay was kept", &(began.elapsed() >= delay), &true)?;
        expect("deliveries", &again[0].deliveries, &2)
    })
}

fn failures(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_messages(&["1"]).await?;
        for failures in 1..4 {
            within_a_lease(queue, async |_| {
                let come = pull(&*consumer, 1).await?;
                consumer.nack(&[Nack { failures, ..Nack::new(&come[0]) }]).await?;
                let come = pull(&*consumer, 1).await?;
                expect("failures", &come[0].failures, &failures)?;
                // Without a failure: the worker was stopped.
                consumer.nack(&[Nack::new(&come[0])]).await?;
                Ok(())
            })
            .await?;
        }
        let come = pull(&*consumer, 1).await?;
        expect("failures", &come[0].failures, &3)
    })
}

fn at_once(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        // After its lease it would come back too late.
        let consumer = queue.with_held_messages(&["1"]).await?;
        let come = pull(&*consumer, 1).await?;
        consumer.nack(&[Nack::new(&come[0])]).await?;
        expect("ids", &ids(&pull(&*consumer, 1).await?), &vec!["1".to_owned()])
    })
}

fn dies(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_messages(&["1", "2"]).await?;
        let come = pull(&*consumer, 2).await?;
        let dead: Vec<_> = come
            .iter()
            .map(|delivery| DeadLetter::new(delivery, "it \"panicked\" in 5 µs", 3))
            .collect();
        consumer.dead_letter(&dead).await?;
        // Asked again, after an answer was lost.
        consumer.dead_letter(&dead).await?;
        let mut found = queue.browse(&queue.address()?.dead_letters()).await?;
        found.sort_by(|one, other| one.id.cmp(&other.id));
        let mut sent: Vec<_> = dead.into_iter().map(|dead_letter| dead_letter.envelope).collect();
        sent.sort_by(|one, other| one.id.cmp(&other.id));
        expect("the dead letters", &found, &sent)?;
        expect_nothing(&*consumer, queue.lease * 3 / 2).await
    })
}

fn completes(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let to = queue.outcomes()?;
        let options = ConsumerOptions::new(queue.lease).with_outcomes_to(Some(to.clone()));
        let consumer = open::consumer(&queue.address()?, options).await?;
        if !consumer.capabilities().atomic {
            return two_steps(queue).await;
        }
        queue.producer().await?.store(&[message("1")]).await?;
        let one = pull(&*consumer, 1).await?;
        // Its lease ends, and another consumer has it as well.
        let other = pull(&*consumer, 1).await?;
        for (held, id) in [(&other, "1"), (&other, "1"), (&one, "1")] {
            consumer.complete(&[(held[0].tag.clone(), outcome(id))]).await?;
        }
        expect("the outcomes", &queue.browse(&to).await?, &vec![outcome("1")])?;
        expect_nothing(&*consumer, queue.lease * 3 / 2).await
    })
}

/// The same as two requests: the outcome first.
async fn two_steps(queue: &TestQueue) -> Result<()> {
    let to = queue.outcomes()?;
    let consumer = queue.with_messages(&["1"]).await?;
    let producer = open::producer(&to).await?;
    let one = pull(&*consumer, 1).await?;
    producer.store(&[outcome("1")]).await?;
    // The worker dies here, and another one has the message.
    let other = pull(&*consumer, 1).await?;
    producer.store(&[outcome("1")]).await?;
    consumer.acknowledge(&tags(&other)).await?;
    consumer.acknowledge(&tags(&one)).await?;
    expect("the outcomes", &queue.browse(&to).await?, &vec![outcome("1")])?;
    expect_nothing(&*consumer, queue.lease * 3 / 2).await
}

fn returns(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let address = queue.address()?;
        // A broker need not support it.
        if let Err(error) = open::dead_letters(&address).await {
            eprintln!("note: dead letters are not returned or removed here: {error}");
            return Ok(());
        }
        let consumer = queue.with_held_messages(&["1", "2"]).await?;
        let come = pull(&*consumer, 2).await?;
        let dead: Vec<_> = come.iter().map(|delivery| DeadLetter::new(delivery, "no", 3)).collect();
        consumer.dead_letter(&dead).await?;
        let mut letters = open::dead_letters(&address).await?;
        let found = letters.next(10).await?;
        let (one, other): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|letter| letter.envelope.id == "1");
        for _ in 0..2 {
            letters.requeue(&one).await?;
            letters.remove(&other).await?;
        }
        expect("dead letters", &queue.browse(&address.dead_letters()).await?, &vec![])?;
        let again = pull(&*consumer, 1).await?;
        expect("the message", &again[0].envelope, &message("1"))?;
        expect("failures", &again[0].failures, &0)?;
        expect_nothing(&*consumer, queue.lease / 4).await
    })
}

fn status(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let address = queue.address()?;
        let Ok(empty) = open::status(&address).await else { return Ok(()) };
        let counts =
            |status: crate::broker::QueueStatus| (status.waiting, status.in_flight, status.dead);
        expect("waiting, in flight, dead", &counts(empty), &(0, 0, 0))?;
        let consumer = queue.with_messages(&["1", "2", "3"]).await?;
        let come = pull(&*consumer, 1).await?;
        consumer.dead_letter(&[DeadLetter::new(&come[0], "no", 1)]).await?;
        // A broker that does not know what consumers hold knows it when they are gone.
        drop(consumer);
        let mut found = open::status(&address).await?;
        let end = Instant::now() + queue.lease * 3;
        while found.waiting + found.in_flight < 2 && Instant::now() < end {
            tokio::time::sleep(queue.lease / 10).await;
            found = open::status(&address).await?;
        }
        expect("messages, dead", &(found.waiting + found.in_flight, found.dead), &(2, 1))
    })
}

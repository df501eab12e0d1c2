//! Envelopes come back whole and once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::queue::{
    ENDLESS_LEASE, Promise, TestQueue, expect, expect_nothing, ids, message, pull, tags,
};
use crate::broker::{Consumer, Lookup};
use crate::envelope::{Envelope, PayloadKind};
use crate::open;
use athena_core::error::{Error, Result};
use athena_protocol::{Exit, Format};

pub(super) const PROMISES: &[Promise] = &[
    Promise::new("an_envelope_comes_back_whole", whole),
    Promise::new("an_empty_and_a_large_message_come_back_whole", sizes),
    Promise::new("an_id_is_stored_once", once),
    Promise::new("an_id_is_stored_once_after_its_message_is_done", once_when_done),
    Promise::new("many_messages_are_shared_by_two_consumers", many),
    Promise::new("a_browser_takes_nothing", browses),
    Promise::new("a_queue_exists_when_it_was_opened_to_work_and_not_when_it_was_read", exists),
    Promise::new("the_backlog_counts_what_waits_and_what_is_held", backlog),
];

fn whole(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let sent = Envelope {
            model: "crate::módel".to_owned(),
            kind: PayloadKind::Outputs,
            format: Format::Protobuf,
            trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
            trace_state: "vendor=1,other=a/b".to_owned(),
            ..Envelope::new("7-1:crate::model", (0..=255).collect::<Vec<u8>>())
        };
        let consumer = queue.consumer().await?;
        let producer = queue.producer().await?;
        expect("the rejection of a sound envelope", &producer.rejection(&sent), &None)?;
        producer.store(std::slice::from_ref(&sent)).await?;
        let come = pull(&*consumer, 1).await?;
        expect("the envelope", &come[0].envelope, &sent)?;
        expect("failures of the first delivery", &come[0].failures, &0)?;
        expect("deliveries of the first delivery", &come[0].deliveries, &1)
    })
}

fn sizes(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let sent = [Envelope::new("empty", ""), Envelope::new("large", vec![b'x'; 500_000])];
        let consumer = queue.consumer_with(ENDLESS_LEASE).await?;
        queue.producer().await?.store(&sent).await?;
        let mut come: Vec<_> =
            pull(&*consumer, 2).await?.into_iter().map(|delivery| delivery.envelope).collect();
        come.sort_by(|one, other| one.id.cmp(&other.id));
        let sizes: Vec<_> =
            come.iter().map(|envelope| (envelope.id.clone(), envelope.bytes.len())).collect();
        expect("sizes", &sizes, &vec![("empty".to_owned(), 0), ("large".to_owned(), 500_000)])
    })
}

fn once(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.consumer_with(ENDLESS_LEASE).await?;
        let producer = queue.producer().await?;
        let other = Envelope { bytes: b"other".to_vec(), ..message("1") };
        producer.store(&[message("1"), other]).await?;
        producer.store(&[message("1"), message("2")]).await?;
        if !consumer.capabilities().knows_ids {
            return once_to_browsers(queue).await;
        }
        let come = pull(&*consumer, 2).await?;
        let seen: BTreeSet<_> = ids(&come).into_iter().collect();
        expect("ids", &seen, &["1".to_owned(), "2".to_owned()].into())?;
        expect_nothing(&*consumer, queue.lease / 4).await
    })
}

/// A broker that knows no ids shows one envelope of each.
async fn once_to_browsers(queue: &TestQueue) -> Result<()> {
    let found = queue.browse(&queue.address()?).await?;
    let ids: Vec<_> = found.into_iter().map(|envelope| envelope.id).collect();
    expect("ids", &ids, &vec!["1".to_owned(), "2".to_owned()])
}

fn once_when_done(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_held_messages(&["1"]).await?;
        let come = pull(&*consumer, 1).await?;
        consumer.acknowledge(&tags(&come)).await?;
        if !consumer.capabilities().knows_ids {
            return Ok(());
        }
        queue.producer().await?.store(&[message("1"), message("2")]).await?;
        expect("ids", &ids(&pull(&*consumer, 1).await?), &vec!["2".to_owned()])?;
        expect_nothing(&*consumer, queue.lease / 4).await
    })
}

fn many(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let names: Vec<String> = (0..500).map(|id| format!("{id:03}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let one = queue.with_held_messages(&names).await?;
        let other = queue.consumer_with(ENDLESS_LEASE).await?;
        let mut seen = Vec::new();
        let work = async |consumer: Arc<dyn Consumer>| {
            let come = consumer.pull(50, Duration::from_secs(2)).await?;
            consumer.acknowledge(&tags(&come)).await?;
            Ok::<_, Error>(ids(&come))
        };
        while seen.len() < names.len() {
            let (here, there) = tokio::join!(work(Arc::clone(&one)), work(Arc::clone(&other)));
            let (here, there) = (here?, there?);
            if here.is_empty() && there.is_empty() {
                break;
            }
            seen.extend(here.into_iter().chain(there));
        }
        seen.sort();
        expect("the messages of both consumers", &seen.len(), &names.len())?;
        seen.dedup();
        expect("distinct messages of both consumers", &seen.len(), &names.len())
    })
}

fn browses(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let address = queue.address()?;
        expect(
            "envelopes of a queue that does not exist",
            &queue.browse(&address).await?,
            &vec![],
        )?;
        let consumer = queue.with_messages(&["1", "2"]).await?;
        for _ in 0..2 {
            let found = queue.browse(&address).await?;
            expect("envelopes", &found, &vec![message("1"), message("2")])?;
        }
        let first = open::browser(&address).await?.next(1).await?;
        expect("envelopes, of which one was wanted", &first, &vec![message("1")])?;
        pull(&*consumer, 2).await.map(|_| ())
    })
}

fn backlog(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let consumer = queue.with_held_messages(&["1", "2", "3"]).await?;
        let counts = |backlog: crate::broker::Backlog| (backlog.waiting, backlog.in_flight);
        expect("waiting, in flight", &counts(consumer.backlog().await?), &(3, 0))?;
        let come = pull(&*consumer, 2).await?;
        // A broker may have sent more messages ahead, which is not known to it as waiting.
        let (waiting, in_flight) = counts(consumer.backlog().await?);
        expect("messages that are not done", &(waiting + in_flight), &3)?;
        expect("two are held", &(in_flight >= 2), &true)?;
        consumer.acknowledge(&tags(&come)).await?;
        let come = pull(&*consumer, 1).await?;
        consumer.acknowledge(&tags(&come)).await?;
        expect("waiting, in flight", &counts(consumer.backlog().await?), &(0, 0))
    })
}

fn exists(queue: &TestQueue) -> Result<()> {
    queue.block_on(async {
        let address = queue.address()?;
        // Also what has the queues may not exist yet, such as a file.
        let exists = async || match open::lookup(&address).await {
            Err(error) if error.exit() == Exit::Usage => Ok(false),
            answer => answer.map(|found| found == Lookup::Exists),
        };
        if exists().await? {
            // This broker can't tell.
            return Ok(());
        }
        queue.browse(&address).await?;
        queue.browse(&address.dead_letters()).await?;
        // A broker may have neither.
        let _ = open::status(&address).await;
        if let Ok(mut letters) = open::dead_letters(&address).await {
            letters.next(1).await?;
        }
        expect("that the queue exists once it was read", &exists().await?, &false)?;
        queue.producer().await?;
        expect("that the queue exists once a producer has opened it", &exists().await?, &true)
    })
}

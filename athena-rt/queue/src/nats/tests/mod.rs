//! Tests with a real server.

mod failures;
mod interop;
mod messages;

use std::sync::Arc;
use std::time::Duration;

use super::NatsBrowser;
use crate::address::{Address, ConsumerOptions};
use crate::broker::{Consumer, Delivery, DeliveryTag};
use crate::envelope::Envelope;

const LEASE: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(300);

async fn open(address: &Address, lease: Duration) -> Arc<dyn Consumer> {
    let options = ConsumerOptions { group: "athena".to_owned(), lease, to: None };
    crate::open::consumer(address, options).await.unwrap()
}

fn envelopes(numbers: std::ops::Range<usize>) -> Vec<Envelope> {
    let envelope = |number: usize| Envelope {
        id: number.to_string(),
        bytes: format!("{{\"number\":{number}}}").into_bytes(),
        ..Envelope::default()
    };
    numbers.map(envelope).collect()
}

fn tags(come: &[Delivery]) -> Vec<DeliveryTag> {
    come.iter().map(|delivery| delivery.tag.clone()).collect()
}

fn ids(come: &[Delivery]) -> Vec<String> {
    come.iter().map(|delivery| delivery.envelope.id.clone()).collect()
}

/// The ids of what a queue holds.
async fn held(address: &Address) -> Vec<String> {
    let mut peek = NatsBrowser::open(address).await.unwrap();
    let mut held = Vec::new();
    while let Some(envelope) = peek.next().await.unwrap() {
        held.push(envelope.id);
    }
    held
}

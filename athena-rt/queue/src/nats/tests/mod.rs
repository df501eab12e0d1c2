//! Against a real server.

mod failures;
mod messages;
mod others;

use std::sync::Arc;
use std::time::Duration;

use super::{Peek, source};
use crate::address::{Address, Reader};
use crate::letter::Letter;
use crate::transport::{Delivery, Source, Ticket};

const LEASE: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(300);

async fn open(address: &Address, lease: Duration) -> Arc<dyn Source> {
    let reader = Reader { group: "athena".to_owned(), lease, to: None };
    source(address, reader).await.unwrap()
}

fn letters(numbers: std::ops::Range<usize>) -> Vec<Letter> {
    let letter = |number: usize| Letter {
        id: number.to_string(),
        bytes: format!("{{\"number\":{number}}}").into_bytes(),
        ..Letter::default()
    };
    numbers.map(letter).collect()
}

fn tickets(come: &[Delivery]) -> Vec<Ticket> {
    come.iter().map(|delivery| delivery.ticket.clone()).collect()
}

fn ids(come: &[Delivery]) -> Vec<String> {
    come.iter().map(|delivery| delivery.letter.id.clone()).collect()
}

/// The ids of what a queue holds.
async fn held(address: &Address) -> Vec<String> {
    let mut peek = Peek::open(address).await.unwrap();
    let mut held = Vec::new();
    while let Some(letter) = peek.next().await.unwrap() {
        held.push(letter.id);
    }
    held
}

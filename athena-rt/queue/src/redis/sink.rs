//! A stream that is written to.

use std::sync::LazyLock;
use std::time::Duration;

use super::entry;
use super::fault::Fault;
use super::link::{Link, Script};
use crate::address::Address;
use crate::letter::Letter;
use crate::transport::{Asked, Sink};

static STORE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/store.lua")));

/// For how long a letter's id is remembered at least; twice that at most.
const REMEMBERED: Duration = Duration::from_hours(24);

/// A stream that is written to. It keeps one letter of an id, by what it notes of ids beside it.
pub(super) struct Stream {
    link: Link,
    key: String,
    ids: [String; 2],
}

impl Stream {
    pub(super) fn new(address: &Address, link: Link) -> Self {
        Self { link, key: address.name.clone(), ids: ids(address) }
    }

    /// Finds out whether anything stands in the way.
    pub(super) async fn open(&self) -> Result<(), Fault> {
        self.put(&[]).await
    }

    async fn put(&self, letters: &[Letter]) -> Result<(), Fault> {
        let [ids, old] = &self.ids;
        let bytes = letters.iter().map(entry::size).sum();
        let mut request =
            STORE.request(&[self.key.as_str(), ids, old], 1 + letters.len() * 16, bytes);
        request.arg(REMEMBERED.as_secs());
        for letter in letters {
            request.arg(&letter.id);
            entry::write(&mut request, letter);
        }
        self.link.run(&STORE, &request).await?;
        Ok(())
    }
}

impl Sink for Stream {
    fn store<'a>(&'a self, letters: &'a [Letter]) -> Asked<'a, ()> {
        Box::pin(async {
            for letters in entry::pieces(letters, entry::size) {
                self.put(letters).await.map_err(Fault::told)?;
            }
            Ok(())
        })
    }
}

/// Where the ids are noted of what a stream got.
pub(super) fn ids(address: &Address) -> [String; 2] {
    ["ids", "ids:old"].map(|suffix| address.beside(suffix).name)
}

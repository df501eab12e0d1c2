//! A stream that is looked at.

use super::entry;
use super::fault::Fault;
use super::link::{Link, PATIENCE};
use crate::address::Address;
use crate::letter::Letter;
use crate::transport::{Asked, Shelf};

/// A stream that is looked at, from its oldest entry on. Nobody is told, and nothing is created.
pub(super) struct Stream {
    link: Link,
    shown: String,
    key: String,
    /// The last entry that was seen.
    last: String,
}

impl Stream {
    pub(super) fn new(address: &Address, link: Link) -> Self {
        let (shown, key) = (address.shown.clone(), address.name.clone());
        Self { link, shown, key, last: "0-0".to_owned() }
    }

    async fn look(&mut self, most: usize) -> Result<Vec<Letter>, Fault> {
        let mut request = ::redis::cmd("XRANGE");
        request.arg(&self.key).arg(format!("({}", self.last)).arg("+").arg("COUNT").arg(most);
        let answer = self.link.ask(&request, PATIENCE).await?;
        let seen = entry::seen(answer).ok_or_else(|| Fault::odd(&self.shown))?;
        if let Some(last) = seen.last() {
            entry::parts(&last.ticket).0.clone_into(&mut self.last);
        }
        Ok(seen.into_iter().map(|delivery| delivery.letter).collect())
    }
}

impl Shelf for Stream {
    fn next(&mut self, most: usize) -> Asked<'_, Vec<Letter>> {
        Box::pin(async move { self.look(most).await.map_err(Fault::told) })
    }
}

//! Redis Streams.

use std::sync::Arc;

use super::address::{Address, Reader};
use crate::engine::transport::{Sink, Source};
use crate::error::{Error, Result};

/// Opens a queue to read from.
pub(super) async fn source(_: &Address, _: Reader) -> Result<Arc<dyn Source>> {
    Err(Error::usage("not yet"))
}

/// Opens a queue to write to.
pub(super) async fn sink(_: &Address) -> Result<Arc<dyn Sink>> {
    Err(Error::usage("not yet"))
}

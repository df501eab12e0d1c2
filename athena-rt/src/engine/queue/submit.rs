//! Puts messages into a queue.

use std::path::Path;

use athena_protocol::{Exit, Submit};

use crate::error::{Error, Result};
use crate::registry::Registry;

/// Puts messages into a queue.
pub(crate) fn submit(_: &Registry, _: &Path, _: &Submit) -> Result<Exit> {
    Err(Error::usage("not yet"))
}

//! Takes outcomes out of a queue.

use athena_protocol::{Collect, Exit};

use crate::error::{Error, Result};
use crate::registry::Registry;

/// Prints outcomes until none is left.
pub(crate) fn collect(_: &Registry, _: &Collect) -> Result<Exit> {
    Err(Error::usage("not yet"))
}

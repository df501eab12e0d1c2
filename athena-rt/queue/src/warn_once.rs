//! Warnings about brokers, each logged once: a broker is often opened several times.

use std::sync::Mutex;

static WARNED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Logs a warning, unless it was logged before.
pub(crate) fn warn_once(warning: String) {
    if let Ok(mut warned) = WARNED.lock()
        && !warned.contains(&warning)
    {
        tracing::warn!("{warning}");
        warned.push(warning);
    }
}

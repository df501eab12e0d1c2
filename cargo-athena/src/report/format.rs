//! The layout of `report.json`: everything but the failures, then one failure per line.

/// The line before the failures.
pub(super) const FAILURES: &str = "\"failures\":[";

/// The line after the failures.
pub(super) const END: &str = "]}";

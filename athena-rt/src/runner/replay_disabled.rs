//! The verbs that record and replay cases, in a program built without the feature `replay`.

use std::path::Path;

use athena_core::context::{Context, Folders};
use athena_core::error::{Error, Result, missing_feature};
use athena_core::registry::Registry;
use athena_protocol::{Compare, Doctor, Record, Reply, Rerecord, Test, TestSummary};

pub(super) fn record(_: &Context<'_>, _: &Record) -> Result<Reply> {
    Err(missing_feature("replay"))
}

pub(super) fn rerecord(_: &Context<'_>, _: &Rerecord) -> Result<Reply> {
    Err(missing_feature("replay"))
}

pub(super) fn test(_: &Context<'_>, _: &Folders, _: &Test) -> Result<Reply> {
    Err(missing_feature("replay"))
}

pub(super) fn observe(_: &Context<'_>, _: &Folders, _: &Test) -> Result<Reply> {
    Err(missing_feature("replay"))
}

pub(super) fn compare(_: &Context<'_>, _: &Compare) -> Result<Reply> {
    Err(missing_feature("replay"))
}

pub(super) fn doctor(_: &Context<'_>, _: &Doctor) -> Result<Reply> {
    Err(missing_feature("replay"))
}

pub(super) fn nothing(_: &Registry, _: &Path, _: &Test, _: &TestSummary) -> Error {
    missing_feature("replay")
}

pub(super) fn note_unlinked(_: &Registry, _: &Path, _: &str, _: &TestSummary) {}

/// The test programs of a package.
pub(super) mod libtest {
    use std::process::ExitCode;

    use athena_core::error::missing_feature;

    use super::super::{Start, print_error};

    pub(in super::super) fn main(_: &Start) -> ExitCode {
        print_error(&missing_feature("replay"));
        ExitCode::from(101)
    }

    /// Fails: a test that replays nothing must not be green.
    #[allow(clippy::panic, reason = "how a test fails")]
    pub(in super::super) fn inside_libtest(_: &Start, _: &str) {
        panic!("{}", missing_feature("replay"));
    }
}

//! Updates the schema lock along with cases. A breaking change is refused unless it is accepted.

use std::collections::BTreeSet;

use athena_protocol::Schemas;
use athena_protocol::files::Transaction;

use athena_cases::schema_lock::Lock;
use athena_cases::store::Written;
use athena_core::context::Context;
use athena_core::display;
use athena_core::error::{Error, Result};
use athena_core::stdio::print_stderr;

/// Opens the locks of packages, before anything is recorded.
///
/// # Errors
///
/// A breaking change that is not accepted; a lock that can't be read.
pub(super) fn open<'a>(
    context: &Context<'_>,
    packages: impl IntoIterator<Item = &'a str>,
    schemas: &Schemas,
    accept_breaking: bool,
) -> Result<Vec<Lock>> {
    let packages: BTreeSet<&str> = packages.into_iter().collect();
    let mut locks = Vec::new();
    for package in packages {
        let lock = Lock::open(context.registry, context.fixtures, package, schemas)?;
        if let Some(text) = lock.breaking().filter(|_| !accept_breaking) {
            return Err(Error::failure(format!("nothing is recorded: {}", text.trim_end()))
                .help("use --accept-breaking to accept the change"));
        }
        locks.push(lock);
    }
    Ok(locks)
}

/// Adds the locks that are out of date to what is written.
pub(super) fn write<'a>(
    transaction: &mut Transaction,
    locks: &'a [Lock],
) -> Vec<(Written, &'a Lock)> {
    locks.iter().map(|lock| (lock.write(transaction), lock)).collect()
}

/// Reports the locks that were written.
pub(super) fn report_written(context: &Context<'_>, locks: &[(Written, &Lock)]) {
    for (written, lock) in locks {
        let word = match written {
            Written::Unchanged => continue,
            Written::Created => "recorded",
            Written::Updated => "changed",
        };
        if !context.quiet {
            print_stderr(&format!("{word} the schema ({})", display::display_path(lock.path())));
        }
    }
}

//! A message as a folder named after its id: the file `message`, and an empty file named after the state,
//! `DELIVERIES.FAILURES.DUE`. Without a state, the message is done; its folder keeps the id.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use athena_rt::queue::Envelope;
use athena_rt::{Error, Result};

pub(crate) struct Message {
    pub(crate) folder: PathBuf,
    pub(crate) deliveries: u32,
    pub(crate) failures: u32,
    /// When it may be delivered, in milliseconds since 1970. 0 if it never was.
    pub(crate) due: u128,
}

impl Message {
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.join(format!("{}.{}.{}", self.deliveries, self.failures, self.due))
    }

    pub(crate) fn envelope(&self) -> Result<Envelope> {
        Envelope::from_bytes(&fs::read(self.folder.join("message")).map_err(failed)?)
    }

    /// `None` if it is done.
    pub(crate) fn read(folder: PathBuf) -> Option<Self> {
        let files: Vec<_> = fs::read_dir(&folder).ok()?.flatten().collect();
        let (deliveries, failures, due) = files.iter().find_map(|file| {
            let name = file.file_name().into_string().ok()?;
            let mut parts = name.split('.');
            Some((
                parts.next()?.parse().ok()?,
                parts.next()?.parse().ok()?,
                parts.next()?.parse().ok()?,
            ))
        })?;
        Some(Self { folder, deliveries, failures, due })
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u128 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis()
}

/// The hexadecimal form of an id: any id names a folder.
pub(crate) fn key(id: &str) -> String {
    let digits = id.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(crate) fn failed(error: std::io::Error) -> Error {
    Error::failure(format!("the folder of the queue: {error}"))
}

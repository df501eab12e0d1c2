//! The variable that makes a program a model process.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use athena_core::error::{Error, Result};

/// Set for a model process: a [`ProcessConfig`] in JSON.
pub const PROCESS_VARIABLE: &str = "ATHENA_MODEL_PROCESS";

/// The settings that a model process has before it reads its first frame.
///
/// What its role needs beside that, such as models and their variables, is its first frame: variables
/// may be secret, and longer than a variable of the system may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessConfig {
    /// Stands in front of every frame, so that what a program prints is never taken for one. It is
    /// new for each process.
    pub nonce: String,
    /// The part of this program that runs: `replay`, for one.
    pub role: String,
    /// The number of threads that run models.
    pub threads: usize,
    /// How long a message may take.
    pub timeout_ms: Option<u64>,
    /// How many bytes of memory the process may take.
    pub memory_limit: Option<u64>,
    /// Whether the memory of the machine is the limit where none is set. The process finds it out itself when it looks at
    /// its memory: what ends sooner need not know.
    #[serde(default)]
    pub is_limited_by_machine: bool,
}

impl ProcessConfig {
    /// A configuration without limits.
    pub fn new(role: &str, threads: usize) -> Self {
        Self { role: role.to_owned(), threads: threads.max(1), ..Self::default() }
    }

    /// The configuration of this process; `None` if it is not a model process.
    pub fn from_environment() -> Result<Option<Self>> {
        let Some(value) = std::env::var_os(PROCESS_VARIABLE) else { return Ok(None) };
        serde_json::from_str(&value.to_string_lossy()).map(Some).map_err(|error| {
            Error::usage(format!("{PROCESS_VARIABLE} is invalid: {error}"))
                .help("only this program sets it, for processes that it starts itself")
        })
    }

    /// Its text in the variable.
    pub(super) fn to_text(&self) -> String {
        // Texts and numbers: nothing in them can't be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Whether this program runs models if it is started as a model process.
static HAS_ENTRY: AtomicBool = AtomicBool::new(false);

/// Records that this program looks for [`PROCESS_VARIABLE`] when it starts.
pub fn announce_entry() {
    HAS_ENTRY.store(true, Ordering::Relaxed);
}

/// Checks that this program can be started as a model process: one that can't would start itself again
/// and again.
///
/// # Errors
///
/// The program has a `main` of its own that does not call `athena_rt::init`.
pub fn check_entry() -> Result<()> {
    if HAS_ENTRY.load(Ordering::Relaxed) {
        return Ok(());
    }
    Err(Error::usage("this program can't start model processes: it has a `main` of its own")
        .help("call athena_rt::init() at the start of main"))
}

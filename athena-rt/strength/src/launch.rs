//! How processes that run models under mutants are started.

use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_process::{ProcessConfig, SpawnOptions, Stderr, memory};
use athena_replay::hidden::hidden_variables;
use tempfile::TempDir;

/// The default memory limit of a process, in bytes.
const MEMORY: u64 = 2 << 30;

/// How processes are started.
pub struct Launch {
    pub config: ProcessConfig,
    pub options: SpawnOptions,
    /// The working directory and the folder for temporary files: what a mutant writes goes there.
    _folder: TempDir,
}

impl Launch {
    /// Processes of a role, in a temporary folder, with a time limit in milliseconds and the default memory limit.
    ///
    /// # Errors
    ///
    /// The folder can't be created.
    pub fn new(registry: &Registry, role: &'static str, timeout_ms: u64) -> Result<Self> {
        let folder =
            tempfile::Builder::new().prefix(&format!("athena-{role}-")).tempdir().map_err(
                |error| Error::failure(format!("a temporary folder can't be created: {error}")),
            )?;
        let path = folder.path().to_string_lossy().into_owned();
        let variables = ["TMPDIR", "TMP", "TEMP"].map(|name| (name.to_owned(), path.clone()));
        let limit = memory::default_limit().map_or(MEMORY, |limit| limit.min(MEMORY));
        Ok(Self {
            config: ProcessConfig {
                timeout_ms: Some(timeout_ms),
                memory_limit: Some(limit),
                ..ProcessConfig::new(role, 1)
            },
            options: SpawnOptions {
                hidden: hidden_variables(registry),
                variables: variables.to_vec(),
                stderr: Stderr::Discard,
                directory: Some(folder.path().to_path_buf()),
                ..SpawnOptions::default()
            },
            _folder: folder,
        })
    }
}

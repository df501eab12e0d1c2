//! Where the temporary folders of this program are.

use std::path::Path;

/// Makes the temporary files and folders of this runtime in a folder from now on, instead of the system's. Who owns
/// that folder removes them, even if a signal ends this program. Variables are as they were.
pub fn keep_temporary_files_in(folder: &Path) {
    // It fails if a folder is chosen already: that one stays.
    let _ = tempfile::env::override_temp_dir(folder);
}

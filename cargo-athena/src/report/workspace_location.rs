//! Where the files of a workspace are, for readers that look from the repository's root.

use std::path::Path;

use athena_protocol::Failure;

use super::case_line::line_of;

/// The workspace's folder, and that in the repository: empty or with a `/` at its end.
#[derive(Clone, Copy)]
pub(super) struct WorkspaceLocation<'a> {
    pub(super) root: &'a Path,
    pub(super) folder: &'a str,
}

impl WorkspaceLocation<'_> {
    /// A file of the workspace, from the repository's root.
    pub(super) fn path_of(self, file: &str) -> String {
        if Path::new(file).is_absolute() {
            file.to_owned()
        } else {
            format!("{}{file}", self.folder)
        }
    }

    /// The file of a failed case from the repository's root, and the line of the value that differs.
    pub(super) fn place_of(self, failure: &Failure) -> (String, String) {
        (self.path_of(&failure.file), line_of(failure, self.root).to_string())
    }
}

/// The workspace's folder in the repository, with a `/` at its end.
pub(super) fn folder_in(repository: Option<&Path>, root: &Path) -> String {
    let inside = repository.and_then(|repository| {
        let (root, repository) = (root.canonicalize().ok()?, repository.canonicalize().ok()?);
        let inside = root.strip_prefix(repository).ok()?.to_string_lossy().replace('\\', "/");
        (!inside.is_empty()).then(|| format!("{inside}/"))
    });
    inside.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_from_the_repository_s_root() {
        let place = tempfile::tempdir().unwrap();
        let inner = place.path().join("sub/project");
        std::fs::create_dir_all(&inner).unwrap();
        assert_eq!(folder_in(Some(place.path()), &inner), "sub/project/");
        assert_eq!(folder_in(Some(place.path()), place.path()), "");
        assert_eq!(folder_in(None, &inner), "");
        let location = WorkspaceLocation { root: &inner, folder: "sub/project/" };
        assert_eq!(location.path_of("fixtures/a.json"), "sub/project/fixtures/a.json");
        let elsewhere = place.path().join("a.json");
        let elsewhere = elsewhere.to_str().unwrap();
        assert_eq!(location.path_of(elsewhere), elsewhere);
    }
}

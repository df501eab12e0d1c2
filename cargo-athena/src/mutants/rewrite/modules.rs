//! Finds the files of `mod name;`.

use std::path::{Path, PathBuf};

use super::found::ModuleReference;

/// The file of a module, if it is there.
pub(crate) fn module_file(
    parent: &Path,
    is_root: bool,
    reference: &ModuleReference,
) -> Option<PathBuf> {
    let ((name, path), outer) = reference.parts.split_last()?;
    let folder = parent.parent()?;
    let owns_folder = is_root || parent.file_name().is_some_and(|name| name == "mod.rs");
    // `#[path]` at the top of a file is relative to the file's folder.
    let mut folder = if owns_folder || (path.is_some() && outer.is_empty()) {
        folder.to_owned()
    } else {
        parent.with_extension("")
    };
    for (name, path) in outer {
        folder.push(path.as_ref().unwrap_or(name));
    }
    let candidates = match path {
        Some(path) => vec![folder.join(path)],
        None => vec![folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")],
    };
    candidates.into_iter().find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_found_beside_its_parent_or_below_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            path
        };
        let (root, a, b) = (file("src/lib.rs"), file("src/a.rs"), file("src/a/b/mod.rs"));
        let (other, inner) = (file("src/other/x.rs"), file("src/in/c.rs"));
        let part = |name: &str, path: Option<&str>| (name.to_owned(), path.map(str::to_owned));
        let find = |parent: &Path, is_root, parts: &[(String, Option<String>)]| {
            module_file(parent, is_root, &ModuleReference { parts: parts.to_vec() })
        };
        assert_eq!(find(&root, true, &[part("a", None)]), Some(a.clone()));
        assert_eq!(find(&a, false, &[part("b", None)]), Some(b));
        assert_eq!(find(&a, false, &[part("x", Some("other/x.rs"))]), Some(other));
        assert_eq!(find(&root, true, &[part("in", None), part("c", None)]), Some(inner));
        assert_eq!(find(&root, true, &[part("none", None)]), None);
    }
}

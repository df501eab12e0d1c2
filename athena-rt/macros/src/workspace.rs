//! The root of the workspace that is compiled, as cargo itself finds it.

use std::path::{Component, Path, PathBuf};
use std::process::Command;

use proc_macro2::TokenStream;
use quote::quote;

/// An expression: the path from the folder of the package to the root of its workspace, `../..`.
///
/// It is relative, so that it stays right in another checkout. The root's manifest becomes an input
/// of the compilation, so that a change of it builds the program again. Without cargo there is no
/// workspace: the path is empty.
pub(crate) fn path_to_root() -> TokenStream {
    let (Some(cargo), Some(package)) =
        (std::env::var_os("CARGO"), std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from))
    else {
        return quote!("");
    };
    let found = Command::new(cargo)
        .args(["locate-project", "--workspace", "--message-format", "plain", "--manifest-path"])
        .arg(package.join("Cargo.toml"))
        .current_dir(&package)
        .output();
    let manifest = match found {
        Ok(found) if found.status.success() => {
            PathBuf::from(String::from_utf8_lossy(&found.stdout).trim())
        }
        Ok(found) => return failure(&package, String::from_utf8_lossy(&found.stderr).trim()),
        Err(error) => return failure(&package, &error.to_string()),
    };
    let root = manifest.parent().unwrap_or(&package);
    let path = relative(&package, root).to_string_lossy().into_owned();
    let manifest = manifest.to_string_lossy();
    quote!({
        const _: &[u8] = ::core::include_bytes!(#manifest);
        #path
    })
}

fn failure(package: &Path, reason: &str) -> TokenStream {
    let message = format!(
        "cargo can't tell the root of the workspace of {}, where recorded cases are: {reason}",
        package.display()
    );
    quote!(::core::compile_error!(#message))
}

/// The path that leads from one absolute folder to another.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let (mut from, mut to) = (from.components().peekable(), to.components().peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    from.map(|_| Component::ParentDir).chain(to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_above_or_beside_the_package() {
        let path = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(path("/a/b", "/a/b"), Path::new(""));
        assert_eq!(path("/a/b/c", "/a"), Path::new("../.."));
        assert_eq!(path("/a/b", "/a/c/d"), Path::new("../c/d"));
    }
}

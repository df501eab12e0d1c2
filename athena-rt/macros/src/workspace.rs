//! The root of the workspace that is compiled, as cargo itself finds it.

use std::ffi::OsStr;
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
    // It runs in every build of the program, and starting cargo takes 20 ms.
    let found =
        if is_alone(&package) { Ok(package.join("Cargo.toml")) } else { locate(&cargo, &package) };
    let manifest = match found {
        Ok(manifest) => manifest,
        Err(reason) => return failure(&package, &reason),
    };
    let root = manifest.parent().unwrap_or(&package);
    let path = relative(&package, root).to_string_lossy().into_owned();
    let manifest = manifest.to_string_lossy();
    quote!({
        const _: &[u8] = ::core::include_bytes!(#manifest);
        #path
    })
}

/// The manifest of the workspace, from cargo.
fn locate(cargo: &OsStr, package: &Path) -> Result<PathBuf, String> {
    let found = Command::new(cargo)
        .args(["locate-project", "--workspace", "--message-format", "plain", "--manifest-path"])
        .arg(package.join("Cargo.toml"))
        .current_dir(package)
        .output()
        .map_err(|error| error.to_string())?;
    if !found.status.success() {
        return Err(String::from_utf8_lossy(&found.stderr).trim().to_owned());
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&found.stdout).trim()))
}

/// Whether the package can only be its own workspace: no folder above it has a manifest, and its own names no
/// workspace.
fn is_alone(package: &Path) -> bool {
    let is_first = package.ancestors().skip(1).all(|above| !above.join("Cargo.toml").exists());
    is_first
        && std::fs::read_to_string(package.join("Cargo.toml"))
            .is_ok_and(|manifest| !may_name_workspace(&manifest))
}

/// Whether a manifest has the key `workspace`, in whatever table.
fn may_name_workspace(manifest: &str) -> bool {
    let is_key = |rest: &str| rest.trim_start_matches(['"', '\'']).trim_start().starts_with('=');
    manifest.split("workspace").skip(1).any(is_key)
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
    fn a_manifest_may_name_the_workspace_in_a_key_only() {
        for text in [
            "[package]\nworkspace = \"..\"",
            "package.\"workspace\"=\"..\"",
            "{ workspace  = 'a' }",
        ] {
            assert!(may_name_workspace(text), "{text}");
        }
        for text in ["", "[workspace]\n", "[workspace.dependencies]\n", "# a workspace of its own"]
        {
            assert!(!may_name_workspace(text), "{text}");
        }
    }

    #[test]
    fn the_root_is_above_or_beside_the_package() {
        let path = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(path("/a/b", "/a/b"), Path::new(""));
        assert_eq!(path("/a/b/c", "/a"), Path::new("../.."));
        assert_eq!(path("/a/b", "/a/c/d"), Path::new("../c/d"));
    }
}

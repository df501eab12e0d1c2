//! Decides where a package that is set up takes `athena-rt` from.

use std::env;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, InlineTable};

use crate::cargo_toml::inline;
use crate::error::{Error, Result};
use crate::options::DependencySource;
use crate::target::RUNTIME;
use crate::workspace::absolute;

/// The dependency to write for the package at `package` in the workspace at `workspace`: from the
/// flags, otherwise from where this program was built or installed from.
pub(crate) fn resolve(
    asked: &DependencySource,
    package: &Path,
    workspace: &Path,
) -> Result<InlineTable> {
    if let Some(path) = &asked.path {
        let folder = absolute(path)?;
        if !folder.join("Cargo.toml").is_file() {
            return Err(Error::usage(format!("no package at {}", folder.display()))
                .help(format!("--path needs the folder of {RUNTIME}")));
        }
        return Ok(local(&folder, package, path.is_relative() || folder.starts_with(workspace)));
    }
    if let Some(url) = &asked.git {
        return Ok(inline(
            [
                ("git", Some(url)),
                ("rev", asked.rev.as_ref()),
                ("branch", asked.branch.as_ref()),
                ("tag", asked.tag.as_ref()),
            ]
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?.into()))),
        ));
    }
    let cargo_home = cargo_home();
    let checkouts = cargo_home.as_ref().map(|home| home.join("git").join("checkouts"));
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(|root| root.join(RUNTIME));
    if let Some(beside) = beside
        && beside.join("Cargo.toml").is_file()
        && !checkouts.is_some_and(|checkouts| beside.starts_with(checkouts))
    {
        return Ok(local(&beside, package, beside.starts_with(workspace)));
    }
    cargo_home
        .and_then(|home| std::fs::read_to_string(home.join(".crates.toml")).ok())
        .and_then(|text| installed_from(&text))
        .ok_or_else(|| {
            Error::usage(format!("the source of {RUNTIME} is unknown"))
                .help("name it with --path DIR or --git URL")
        })
}

fn local(folder: &Path, package: &Path, relative: bool) -> InlineTable {
    let relative = relative.then(|| pathdiff::diff_paths(folder, package)).flatten();
    let path = relative.unwrap_or_else(|| folder.to_owned());
    // Cargo reads `/` on every platform; a `\` would need escaping.
    inline([("path", path.to_string_lossy().replace('\\', "/").into())])
}

fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// The repository that cargo's list of installed programs names for this program.
fn installed_from(list: &str) -> Option<InlineTable> {
    let list: DocumentMut = list.parse().ok()?;
    let (package, _) = list
        .get("v1")?
        .as_table_like()?
        .iter()
        .find(|(package, _)| package.split(' ').next() == Some(env!("CARGO_PKG_NAME")))?;
    let source = package.split_once("(git+")?.1.trim_end_matches(')');
    let source = source.split_once('#').map_or(source, |(source, _)| source);
    let (url, query) = source.split_once('?').unwrap_or((source, ""));
    let at = query.split('&').find_map(|pair| pair.split_once('='));
    let at = at.filter(|(key, _)| ["branch", "tag", "rev"].contains(key));
    Some(inline([("git", url)].into_iter().chain(at).map(|(key, value)| (key, value.into()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_installed_from_git_is_taken_from_there() {
        let list = |source: &str| {
            installed_from(&format!("[v1]\n\"other 1.0.0 (git+https://h/o#1)\" = []\n\"cargo-athena 0.1.0 ({source})\" = [\"cargo-athena\"]\n"))
                .map(|table| table.to_string())
        };
        assert_eq!(list("git+https://h/a.git#abc").unwrap(), "{ git = \"https://h/a.git\" }");
        assert_eq!(
            list("git+https://h/a.git?branch=next#abc").unwrap(),
            "{ git = \"https://h/a.git\", branch = \"next\" }"
        );
        assert_eq!(list("path+file:///a/b"), None);
    }

    #[test]
    fn a_folder_named_relatively_stays_relative_to_the_package() {
        let at = |relative| local(Path::new("/w/athena-rt"), Path::new("/w/app"), relative);
        assert_eq!(at(true).to_string(), "{ path = \"../athena-rt\" }");
        assert_eq!(at(false).to_string(), "{ path = \"/w/athena-rt\" }");
    }
}

//! The command line of rustc, as cargo writes it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The arguments of one call of rustc.
#[derive(Clone, Debug)]
pub(super) struct RustcArguments {
    words: Vec<OsString>,
    /// The index of the root file.
    root: usize,
    pub(super) crate_name: String,
}

impl RustcArguments {
    /// `None` if this call does not compile a crate from a file.
    pub(super) fn parse(words: Vec<OsString>) -> Option<Self> {
        let name = |word: &OsString| word.to_str().map(str::to_owned);
        let at = words.iter().position(|word| word == "--crate-name")?;
        let crate_name = words.get(at + 1).and_then(name)?;
        let root = words.iter().position(|word| {
            let path = Path::new(word);
            path.extension().is_some_and(|it| it == "rs") && !path.starts_with("-")
        })?;
        (crate_name != "___").then_some(Self { words, root, crate_name })
    }

    pub(super) fn as_slice(&self) -> &[OsString] {
        &self.words
    }

    pub(super) fn root(&self) -> &Path {
        Path::new(&self.words[self.root])
    }

    /// The value of an option: `--out-dir PATH`, `--target=TRIPLE`.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        let mut words = self.words.iter().filter_map(|word| word.to_str());
        while let Some(word) = words.next() {
            if word == name {
                return words.next();
            }
            if let Some(value) = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
                return Some(value);
            }
        }
        None
    }

    /// Every value of an option.
    pub(super) fn options<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let words = self.words.iter().map(|word| word.to_str().unwrap_or_default());
        words
            .clone()
            .zip(words.skip(1))
            .filter_map(move |(word, next)| (word == name).then_some(next))
    }

    /// The value of `-C NAME=VALUE`.
    pub(super) fn codegen(&self, name: &str) -> Option<&str> {
        self.options("-C").find_map(|option| option.strip_prefix(name)?.strip_prefix('='))
    }

    /// Whether the crate is a part of the compiler or of cargo: a macro, or a build script.
    pub(super) fn is_tool(&self) -> bool {
        self.options("--crate-type").any(|kind| kind == "proc-macro")
            || self.crate_name == "build_script_build"
            || self.crate_name.starts_with("build_script_")
    }

    /// Whether a program is compiled. A test target without a harness has no crate type.
    pub(super) fn is_program(&self) -> bool {
        self.options("--crate-type").all(|kind| kind == "bin")
    }

    /// The program that is compiled.
    pub(super) fn program(&self) -> Option<PathBuf> {
        let name = format!("{}{}", self.unit(), std::env::consts::EXE_SUFFIX);
        let folder = self.option("--out-dir").filter(|_| self.is_program())?;
        Some(Path::new(folder).join(name))
    }

    /// The crate's name with the hash that cargo adds to its files.
    pub(super) fn unit(&self) -> String {
        format!("{}{}", self.crate_name, self.codegen("extra-filename").unwrap_or_default())
    }

    /// The same call for another root file, that only checks and reports errors as JSON.
    pub(super) fn check(&self, root: &Path, out_dir: &Path) -> Vec<OsString> {
        let mut words: Vec<OsString> = Vec::with_capacity(self.words.len() + 4);
        let mut all = self.words.iter().enumerate();
        while let Some((at, word)) = all.next() {
            let text = word.to_str().unwrap_or_default();
            if at == self.root {
                words.push(root.into());
            } else if text == "--out-dir" {
                all.next();
                words.extend(["--out-dir".into(), out_dir.into()]);
            } else if text == "-C"
                && all.clone().next().is_some_and(|(_, next)| {
                    next.to_str().is_some_and(|next| next.starts_with("incremental="))
                })
            {
                all.next();
            } else if text.starts_with("--emit") {
                words.push("--emit=metadata".into());
            } else if !text.starts_with("--error-format") && !text.starts_with("--json") {
                words.push(word.clone());
            }
        }
        words.push("--error-format=json".into());
        words
    }

    /// The same call for another root file.
    pub(super) fn with_root(&self, root: &Path) -> Vec<OsString> {
        let mut words = self.words.clone();
        words[self.root] = root.into();
        words
    }

    /// The name by which the crate has `athena-rt`, from `--extern NAME=..libathena_rt-HASH..`.
    pub(super) fn runtime_name(&self) -> Option<String> {
        self.options("--extern").find_map(|value| {
            let (name, path) = value.split_once('=')?;
            let file = Path::new(path).file_stem()?.to_str()?;
            let is_runtime = file.starts_with("libathena_rt-") || file == "libathena_rt";
            // `priv:name`, `noprelude:name`
            is_runtime.then(|| name.rsplit(':').next().unwrap_or(name).to_owned())
        })
    }

    /// The list of files that the compiler writes for cargo.
    pub(super) fn dependency_list(&self) -> Option<PathBuf> {
        Some(Path::new(self.option("--out-dir")?).join(format!("{}.d", self.unit())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Option<RustcArguments> {
        RustcArguments::parse(line.split(' ').map(OsString::from).collect())
    }

    const LINE: &str = "--crate-name app --edition=2024 src/lib.rs --error-format=json --json=artifacts \
        --crate-type lib --emit=dep-info,metadata,link -C embed-bitcode=no -C metadata=1f -C extra-filename=-1f \
        --out-dir /t/deps -C incremental=/t/inc -L dependency=/t/deps --extern rt=/t/deps/libathena_rt-22.rlib";

    #[test]
    fn a_call_of_cargo_is_understood() {
        let parsed = arguments(LINE).unwrap();
        assert_eq!(parsed.root(), Path::new("src/lib.rs"));
        assert_eq!(parsed.unit(), "app-1f");
        assert_eq!(parsed.option("--edition"), Some("2024"));
        assert_eq!(parsed.runtime_name().as_deref(), Some("rt"));
        assert_eq!(parsed.dependency_list(), Some("/t/deps/app-1f.d".into()));
        assert!(!parsed.is_tool());
        let check = parsed.check(Path::new("/x/lib.rs"), Path::new("/x/out"));
        let check: Vec<_> = check.iter().map(|word| word.to_str().unwrap()).collect();
        let check = check.join(" ");
        assert!(
            check.contains("--edition=2024 /x/lib.rs --crate-type lib --emit=metadata"),
            "{check}"
        );
        assert!(check.contains("--out-dir /x/out -L") && check.ends_with("--error-format=json"));
        assert!(!check.contains("incremental") && !check.contains("--json"), "{check}");
    }

    #[test]
    fn a_call_that_asks_for_something_else_is_left_alone() {
        assert!(arguments("-vV").is_none());
        assert!(arguments("- --crate-name ___ --print=file-names").is_none());
        assert!(arguments("--crate-name build_script_build build.rs").unwrap().is_tool());
    }
}

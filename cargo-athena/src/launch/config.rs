//! The part of cargo's configuration that decides how a program is started.
//!
//! `cargo config get` is unstable, so the files are read here, by cargo's rules: those given with
//! `--config`, then `.cargo/config.toml` in each folder from the working directory upwards, then the
//! one of cargo's home.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use cargo_metadata::cargo_platform::{Cfg, CfgExpr};
use toml_edit::{DocumentMut, Item, Value};

use crate::error::{Error, Result};

/// The configuration of one directory.
#[derive(Clone, Debug, Default)]
pub(super) struct CargoConfig {
    /// The highest precedence comes first.
    layers: Vec<ConfigLayer>,
    /// The directory that relative paths in variables refer to.
    directory: PathBuf,
}

/// What one file, or one `--config KEY=VALUE`, says.
#[derive(Clone, Debug)]
struct ConfigLayer {
    values: DocumentMut,
    /// The folder that relative paths refer to.
    root: PathBuf,
    /// Whether it was given with `--config`, which takes precedence over variables.
    is_given: bool,
}

/// A variable of the table `[env]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConfigVariable {
    pub(super) name: String,
    pub(super) value: OsString,
    /// Whether it replaces a variable of the environment.
    pub(super) force: bool,
}

impl CargoConfig {
    /// Reads the configuration that cargo has in this directory, with what `--config` gives.
    ///
    /// # Errors
    ///
    /// A file can't be read. Cargo refuses it, too.
    pub(super) fn load(directory: &Path, given: &[String]) -> Result<Self> {
        let mut config = Self { layers: Vec::new(), directory: directory.to_owned() };
        // The last one that is given wins.
        for text in given.iter().rev() {
            let path = directory.join(text);
            if path.exists() {
                config.add_file(&path, true, 0)?;
            } else {
                let values = parse(text)
                    .map_err(|error| Error::usage(format!("--config {text}: {error}")))?;
                config.add(values, directory.to_owned(), true);
            }
        }
        for path in config_files(directory) {
            if path.is_file() {
                config.add_file(&path, false, 0)?;
            }
        }
        Ok(config)
    }

    /// The variables of `[env]`.
    pub(super) fn variables(&self) -> Vec<ConfigVariable> {
        let mut variables = BTreeMap::new();
        for layer in self.layers.iter().rev() {
            let Some(table) = layer.values.get("env").and_then(Item::as_table_like) else {
                continue;
            };
            for (name, item) in table.iter() {
                let field = |name| item.as_table_like().and_then(|table| table.get(name));
                let is_set = |name| field(name).and_then(Item::as_bool).unwrap_or(false);
                let value = item.as_str().or_else(|| field("value").and_then(Item::as_str));
                let Some(value) = value else { continue };
                let value = if is_set("relative") {
                    layer.root.join(value).into_os_string()
                } else {
                    value.into()
                };
                let force = is_set("force");
                let variable = ConfigVariable { name: name.to_owned(), value, force };
                variables.insert(name.to_owned(), variable);
            }
        }
        variables.into_values().collect()
    }

    /// The target that is built for, if it is not the host.
    pub(super) fn target(&self) -> Option<String> {
        let first = |item: &Item| match item.as_array() {
            Some(targets) => targets.iter().next()?.as_str().map(str::to_owned),
            None => item.as_str().map(str::to_owned),
        };
        self.find(
            "CARGO_BUILD_TARGET",
            &["build", "target"],
            |item, _| first(item),
            |text, _| Some(text.to_string_lossy().into_owned()),
        )
    }

    /// The user's wrapper of the compiler: `name` is `rustc-wrapper` or `rustc-workspace-wrapper`.
    /// `set` is the variable of that name, which can also say that there is none.
    pub(super) fn wrapper(
        &self,
        name: &str,
        set: Option<&OsStr>,
        directory: &Path,
    ) -> Option<PathBuf> {
        if let Some(set) = set {
            let named = program(&set.to_string_lossy(), directory);
            return Some(named.into()).filter(|_| !set.is_empty());
        }
        self.find(
            &format!("CARGO_BUILD_{}", name.to_uppercase().replace('-', "_")),
            &["build", name],
            |item, root| Some(program(item.as_str()?, root).into()),
            |text, directory| Some(program(&text.to_string_lossy(), directory).into()),
        )
        .filter(|path: &PathBuf| !path.as_os_str().is_empty())
    }

    /// The compiler.
    pub(super) fn rustc(&self) -> Option<PathBuf> {
        self.find(
            "CARGO_BUILD_RUSTC",
            &["build", "rustc"],
            |item, root| item.as_str().map(|text| program(text, root).into()),
            |text, root| Some(program(&text.to_string_lossy(), root).into()),
        )
    }

    /// The program that starts programs of this target, with its arguments: `target.*.runner`.
    ///
    /// # Errors
    ///
    /// Several `cfg(..)` match. Cargo refuses to start a program then, too.
    pub(super) fn runner(&self, target: &str, cfg: &[Cfg]) -> Result<Option<Vec<OsString>>> {
        let variable = format!("CARGO_TARGET_{}_RUNNER", target.to_uppercase().replace('-', "_"));
        let named =
            self.find(&variable, &["target", target, "runner"], command_line, |text, root| {
                Some(split(&text.to_string_lossy(), root))
            });
        if named.is_some() {
            return Ok(named.filter(|words| !words.is_empty()));
        }
        let mut matching: BTreeMap<&str, Vec<OsString>> = BTreeMap::new();
        for layer in &self.layers {
            let Some(table) = layer.values.get("target").and_then(Item::as_table_like) else {
                continue;
            };
            for (key, item) in table.iter() {
                let runner = item.as_table_like().and_then(|table| table.get("runner"));
                let runner = runner.and_then(|runner| command_line(runner, &layer.root));
                if let Some(runner) = runner
                    && key.starts_with("cfg(")
                    && CfgExpr::matches_key(key, cfg)
                {
                    matching.entry(key).or_insert(runner);
                }
            }
        }
        if matching.len() > 1 {
            let keys: Vec<_> = matching.keys().map(|key| format!("target.'{key}'")).collect();
            return Err(Error::usage(format!(
                "cargo's configuration has several runners for {target}: {}",
                keys.join(", ")
            ))
            .help(format!("name the target instead: target.{target}.runner")));
        }
        Ok(matching.into_values().next().filter(|words| !words.is_empty()))
    }

    /// Finds a value: in `--config`, in a variable, in the files.
    fn find<T>(
        &self,
        variable: &str,
        keys: &[&str],
        read: impl Fn(&Item, &Path) -> Option<T>,
        read_variable: impl Fn(OsString, &Path) -> Option<T>,
    ) -> Option<T> {
        let of = |layer: &ConfigLayer| {
            let mut item = layer.values.as_item();
            for key in keys {
                item = item.as_table_like()?.get(key)?;
            }
            read(item, &layer.root)
        };
        let (given, files): (Vec<_>, Vec<_>) = self.layers.iter().partition(|it| it.is_given);
        given
            .into_iter()
            .find_map(of)
            .or_else(|| env::var_os(variable).and_then(|text| read_variable(text, &self.directory)))
            .or_else(|| files.into_iter().find_map(of))
    }

    /// Adds a file, and then the files that it includes: those have a lower precedence.
    fn add_file(&mut self, path: &Path, is_given: bool, depth: usize) -> Result<()> {
        /// Files that include each other are cargo's to refuse.
        const MOST: usize = 16;
        let text = std::fs::read_to_string(path).map_err(|error| Error::unreadable(path, error))?;
        let values =
            parse(&text).map_err(|error| Error::usage(format!("{}: {error}", path.display())))?;
        let folder = path.parent().unwrap_or(path).to_owned();
        let included = included(&values);
        // Paths in `.cargo/config.toml` are relative to the folder of `.cargo`.
        self.add(values, folder.parent().unwrap_or(&folder).to_owned(), is_given);
        for file in included.iter().rev().filter(|_| depth < MOST) {
            let file = folder.join(file);
            if file.is_file() {
                self.add_file(&file, is_given, depth + 1)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, values: DocumentMut, root: PathBuf, is_given: bool) {
        self.layers.push(ConfigLayer { values, root, is_given });
    }
}

/// Every file that cargo reads its configuration from in this directory, whether or not it exists;
/// the highest precedence comes first.
pub(crate) fn config_files(directory: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        directory.ancestors().map(|folder| folder.join(".cargo")).collect();
    let home = env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    folders.extend(home.map(|home| directory.join(home)));
    let mut seen = BTreeSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
    // Of both names cargo takes the old one.
    folders
        .into_iter()
        .map(|folder| {
            let old = folder.join("config");
            if old.is_file() { old } else { folder.join("config.toml") }
        })
        .collect()
}

fn parse(text: &str) -> std::result::Result<DocumentMut, toml_edit::TomlError> {
    text.parse()
}

/// The files that `include` names.
fn included(values: &DocumentMut) -> Vec<String> {
    let one = |value: &Value| {
        let path = value.as_inline_table().and_then(|table| table.get("path"));
        path.unwrap_or(value).as_str().map(str::to_owned)
    };
    match values.get("include") {
        Some(Item::Value(Value::Array(many))) => many.iter().filter_map(one).collect(),
        Some(Item::Value(value)) => one(value).into_iter().collect(),
        Some(Item::ArrayOfTables(tables)) => {
            let paths = tables.iter().filter_map(|table| table.get("path"));
            paths.filter_map(Item::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// A program and its arguments, from a text or a list.
fn command_line(item: &Item, root: &Path) -> Option<Vec<OsString>> {
    if let Some(text) = item.as_str() {
        return Some(split(text, root));
    }
    let words = item.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    Some(resolve(words.into_iter(), root))
}

fn split(text: &str, root: &Path) -> Vec<OsString> {
    resolve(text.split_whitespace(), root)
}

fn resolve<'a>(mut words: impl Iterator<Item = &'a str>, root: &Path) -> Vec<OsString> {
    let first = words.next().map(|name| program(name, root));
    first.into_iter().chain(words.map(OsString::from)).collect()
}

/// A program: a bare name is looked up on the path, a relative path in a folder.
fn program(name: &str, root: &Path) -> OsString {
    if name.contains(['/', '\\']) { root.join(name).into_os_string() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::str::FromStr as _;

    use super::*;

    fn config(
        files: &[(&str, &str)],
        directory: &str,
        given: &[&str],
    ) -> (tempfile::TempDir, CargoConfig) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(directory)).unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
        let config = CargoConfig::load(&folder.path().join(directory), &given).unwrap();
        (folder, config)
    }

    fn value(config: &CargoConfig, name: &str) -> ConfigVariable {
        config.variables().into_iter().find(|variable| variable.name == name).unwrap()
    }

    #[test]
    fn the_nearest_file_wins_and_a_given_value_wins_over_files() {
        let (folder, config) = config(
            &[
                (
                    ".cargo/config.toml",
                    "[env]\nA = 'far'\nB = 'far'\nC = 'far'\nD.value = 'src'\nD.relative = true",
                ),
                ("p/.cargo/config.toml", "[env]\nB = { value = 'near', force = true }\nC = 'near'"),
            ],
            "p",
            &["env.C='given'", "env.E='first'", "env.E='last'"],
        );
        let texts = ["A", "B", "C", "E"].map(|name| value(&config, name).value);
        assert_eq!(texts, ["far", "near", "given", "last"]);
        assert!(value(&config, "B").force && !value(&config, "C").force);
        assert_eq!(value(&config, "D").value, folder.path().join("src").as_os_str());
    }

    #[test]
    fn included_files_come_after_the_file_that_includes_them() {
        let (_folder, config) = config(
            &[
                (
                    ".cargo/config.toml",
                    "include = ['one.toml', { path = 'two.toml', optional = true }, 'none.toml']\n[env]\nA = 'own'",
                ),
                (".cargo/one.toml", "[env]\nA = 'one'\nB = 'one'\nC = 'one'"),
                (".cargo/two.toml", "[env]\nC = 'two'"),
            ],
            "",
            &[],
        );
        assert_eq!(["A", "B", "C"].map(|name| value(&config, name).value), ["own", "one", "two"]);
    }

    #[test]
    fn a_runner_is_found_by_target_and_by_cfg() {
        let (folder, config) = config(
            &[(
                ".cargo/config.toml",
                "[target.t-one]\nrunner = 'tools/wrap -a b'\n[target.'cfg(unix)']\nrunner = ['qemu', 'a b']\n\
                 [target.'cfg(windows)']\nrunner = 'wine'\n[build]\ntarget = ['t-two']\n",
            )],
            "",
            &[],
        );
        let unix = [Cfg::from_str("unix").unwrap()];
        let of = |target: &str, cfg: &[Cfg]| config.runner(target, cfg).unwrap();
        let wrap = folder.path().join("tools/wrap").into_os_string();
        assert_eq!(of("t-one", &unix).unwrap(), [wrap, "-a".into(), "b".into()]);
        assert_eq!(of("t-two", &unix).unwrap(), ["qemu", "a b"]);
        assert_eq!(of("t-two", &[]), None);
        assert_eq!(config.target().unwrap(), "t-two");
        let both = [unix[0].clone(), Cfg::from_str("windows").unwrap()];
        assert_eq!(config.runner("t-two", &both).unwrap_err().exit().code(), 2);
    }

    #[test]
    fn a_broken_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".cargo")).unwrap();
        fs::write(folder.path().join(".cargo/config.toml"), "[env\n").unwrap();
        let error = CargoConfig::load(folder.path(), &[]).unwrap_err();
        assert!(error.to_line().contains("config.toml"), "{error}");
    }
}

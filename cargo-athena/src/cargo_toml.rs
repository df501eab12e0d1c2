//! Adds to a Cargo.toml and keeps everything else in it.

use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use crate::error::{Error, Result};
use crate::target::{RUNTIME, TEST_TARGET};

/// The keys that say where a dependency comes from.
const SOURCE_KEYS: [&str; 7] = ["path", "git", "rev", "branch", "tag", "version", "registry"];

/// A parsed Cargo.toml that remembers its line ends.
#[derive(Debug)]
pub(crate) struct CargoToml {
    document: DocumentMut,
    windows: bool,
}

impl CargoToml {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::unreadable(path, error))?;
        Self::parse(&text).map_err(|error| {
            Error::usage(format!("{} is not valid TOML", path.display())).cause(error)
        })
    }

    /// The name under which the workspace offers `athena-rt` to its members.
    pub(crate) fn workspace_alias(&self) -> Option<String> {
        let offers = self.document.get("workspace")?.get("dependencies")?.as_table_like()?;
        let package = |item: &Item| item.get("package").and_then(Item::as_str).map(str::to_owned);
        offers
            .iter()
            .find(|(key, item)| package(item).unwrap_or_else(|| (*key).to_owned()) == RUNTIME)
            .map(|(key, _)| key.to_owned())
    }

    /// Adds a dependency on a line of its own to `dependencies` or `dev-dependencies`.
    pub(crate) fn add_dependency(
        &mut self,
        table: &str,
        name: &str,
        source: InlineTable,
    ) -> Result<()> {
        let item = self.document.entry(table).or_insert_with(|| Item::Table(Table::new()));
        let Some(dependencies) = item.as_table_like_mut() else {
            return Err(Error::usage(format!("`{table}` in Cargo.toml is not a table")));
        };
        dependencies.insert(name, value(source));
        if let Some(table) = item.as_table_mut() {
            table.set_implicit(false);
        }
        Ok(())
    }

    /// Sets where a dependency comes from, and keeps its features and the like. Returns `false` if it comes from
    /// there already.
    ///
    /// # Errors
    ///
    /// The workspace says where it comes from, or the dependency is not in `[table]`.
    pub(crate) fn set_source(
        &mut self,
        table: &str,
        name: &str,
        source: &InlineTable,
    ) -> Result<bool> {
        let dependencies = self.document.get_mut(table).and_then(Item::as_table_like_mut);
        let Some(dependency) = dependencies.and_then(|table| table.get_mut(name)) else {
            return Err(Error::usage(format!("`{name}` is not in [{table}] of Cargo.toml"))
                .help("change its source there where it is"));
        };
        let Some(known) = dependency.as_table_like_mut() else {
            // A version alone.
            *dependency = value(source.clone());
            return Ok(true);
        };
        if known.contains_key("workspace") {
            return Err(Error::usage(format!("`{name}` is inherited from the workspace")).help(
                "change its source in [workspace.dependencies] of the workspace's Cargo.toml",
            ));
        }
        let text = |item: Option<&Item>| item.and_then(Item::as_str).map(str::to_owned);
        let is_same = SOURCE_KEYS
            .iter()
            .all(|key| text(known.get(key)).as_deref() == source.get(key).and_then(Value::as_str));
        if is_same {
            return Ok(false);
        }
        for key in SOURCE_KEYS {
            match source.get(key).and_then(Value::as_str) {
                Some(text) => drop(known.insert(key, value(text))),
                None => drop(known.remove(key)),
            }
        }
        Ok(true)
    }

    /// Declares the test target that runs the models. Returns `false` if it is already declared.
    pub(crate) fn declare_test(&mut self) -> Result<bool> {
        let item = self
            .document
            .entry("test")
            .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let Some(tests) = item.as_array_of_tables_mut() else {
            return Err(Error::usage("`test` in Cargo.toml is not written as [[test]]").help(
                format!("add the target yourself: name = \"{TEST_TARGET}\", harness = false"),
            ));
        };
        let named =
            |table: &&mut Table| table.get("name").and_then(Item::as_str) == Some(TEST_TARGET);
        if let Some(test) = tests.iter_mut().find(named) {
            if test.get("harness").and_then(Item::as_bool) == Some(false) {
                return Ok(false);
            }
            test.insert("harness", value(false));
            return Ok(true);
        }
        let mut test = Table::new();
        test.insert("name", value(TEST_TARGET));
        test.insert("harness", value(false));
        tests.push(test);
        Ok(true)
    }

    /// The text, with the line ends of the file that was read.
    pub(crate) fn text(&self) -> String {
        let text = self.document.to_string();
        if self.windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
    }

    fn parse(text: &str) -> std::result::Result<Self, toml_edit::TomlError> {
        let windows = text.contains("\r\n") && !text.replace("\r\n", "").contains('\n');
        Ok(Self { document: text.parse()?, windows })
    }
}

/// `{ key = "value", .. }`
pub(crate) fn inline<'a>(pairs: impl IntoIterator<Item = (&'a str, Value)>) -> InlineTable {
    let mut table = InlineTable::new();
    for (key, value) in pairs {
        table.insert(key, value);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> InlineTable {
        inline([("path", "../athena-rt".into())])
    }

    fn add(text: &str) -> String {
        let mut manifest = CargoToml::parse(text).unwrap();
        manifest.add_dependency("dependencies", RUNTIME, source()).unwrap();
        manifest.declare_test().unwrap();
        manifest.text()
    }

    #[test]
    fn what_is_added_stands_alone_and_the_rest_stays() {
        let before = "# mine\n[package]\nname  =  'a' # odd\n\n[dependencies]\nserde = \"1\"\n\n[features]\nx = []\n";
        assert_eq!(
            add(before),
            "# mine\n[package]\nname  =  'a' # odd\n\n[dependencies]\nserde = \"1\"\n\
             athena-rt = { path = \"../athena-rt\" }\n\n[features]\nx = []\n\n\
             [[test]]\nname = \"athena\"\nharness = false\n"
        );
    }

    #[test]
    fn the_dependency_is_a_line_of_its_own_whatever_form_the_others_have() {
        for before in [
            "[package]\nname = 'a'\n",
            "[package]\nname = 'a'\n[dependencies.serde]\nversion = '1'\n",
        ] {
            let after = add(before);
            assert!(after.lines().any(|line| line.starts_with("athena-rt =")), "{after}");
            assert!(after.contains("\n[dependencies]\n"), "{after}");
        }
    }

    #[test]
    fn another_source_replaces_the_old_one_and_nothing_else() {
        let git = inline([("git", "https://host/a".into()), ("tag", "v1".into())]);
        for (before, after) in [
            (
                "[dependencies]\nathena-rt = { path = \"../a\", features = [\"otel\"] } # mine\n",
                "[dependencies]\nathena-rt = { features = [\"otel\"] , git = \"https://host/a\", tag = \"v1\" } # mine\n",
            ),
            (
                "[dependencies]\nathena-rt = \"0.1\"\n",
                "[dependencies]\nathena-rt = { git = \"https://host/a\", tag = \"v1\" }\n",
            ),
            (
                "[dependencies.athena-rt]\nversion = \"0.1\"\noptional = true\n",
                "[dependencies.athena-rt]\noptional = true\ngit = \"https://host/a\"\ntag = \"v1\"\n",
            ),
        ] {
            let mut manifest = CargoToml::parse(before).unwrap();
            assert!(manifest.set_source("dependencies", RUNTIME, &git).unwrap(), "{before}");
            assert_eq!(manifest.text(), after);
            assert!(!manifest.set_source("dependencies", RUNTIME, &git).unwrap(), "{before}");
        }
        let inherited = "[dependencies]\nathena-rt = { workspace = true }\n";
        let mut manifest = CargoToml::parse(inherited).unwrap();
        assert!(manifest.set_source("dependencies", RUNTIME, &git).is_err());
        assert!(manifest.set_source("dev-dependencies", RUNTIME, &git).is_err());
        assert_eq!(manifest.text(), inherited);
    }

    #[test]
    fn declaring_the_test_again_changes_nothing() {
        let once = add("[package]\nname = 'a'\n");
        let mut again = CargoToml::parse(&once).unwrap();
        assert!(!again.declare_test().unwrap());
        assert_eq!(again.text(), once);
    }

    #[test]
    fn a_declared_test_with_a_harness_loses_it() {
        let after = add("[package]\nname = 'a'\n[[test]]\nname = 'athena'\npath = 'x.rs'\n");
        assert!(after.contains("path = 'x.rs'\nharness = false"), "{after}");
        assert_eq!(after.matches("[[test]]").count(), 1, "{after}");
    }

    #[test]
    fn line_ends_stay_as_they_are() {
        let after = add("[package]\r\nname = 'a'\r\n");
        assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
    }

    #[test]
    fn a_workspace_offers_the_runtime_under_any_name() {
        let offer = |text: &str| CargoToml::parse(text).unwrap().workspace_alias();
        assert_eq!(offer("[workspace.dependencies]\nathena-rt.path = 'x'\n").unwrap(), "athena-rt");
        let renamed = "[workspace.dependencies]\nathena = { package = 'athena-rt', path = 'x' }\n";
        assert_eq!(offer(renamed).unwrap(), "athena");
        assert_eq!(offer("[workspace.dependencies]\nserde = '1'\n"), None);
    }
}

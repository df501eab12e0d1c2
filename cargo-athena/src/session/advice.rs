//! Advice if no models are linked, or those of some package are not.

use crate::catalog::Catalog;
use crate::console::print_status;
use crate::error::Error;
use crate::gaps::has_models;
use crate::style::Style;
use crate::target::RUNTIME;
use crate::workspace::Package;

use super::Session;

impl Session {
    pub(super) fn no_models_error(&self, catalog: &Catalog) -> Error {
        let selected: Vec<_> = self.workspace.selected().collect();
        let Some(first) = selected.first() else {
            let error = Error::nothing(format!("no selected package depends on {RUNTIME}"));
            return if self.workspace.packages.is_empty() {
                error.help("add it: cargo athena init")
            } else {
                error.help("select packages with -p, or all with --workspace")
            };
        };
        if catalog.runners.is_empty() {
            let error =
                Error::nothing("no runner: none of the selected targets calls `athena_rt::main!`");
            let left_out: Vec<String> =
                self.gaps(catalog).all().iter().map(crate::gaps::Gap::to_line).collect();
            let error = left_out.into_iter().fold(error, Error::help);
            return if self.workspace.narrowed {
                error.help("remove the flags that select targets")
            } else {
                error.help(format!("add one: cargo athena init -p {}", first.name))
            };
        }
        let runners: Vec<_> =
            catalog.runners.iter().map(|runner| runner.target.describe()).collect();
        Error::nothing(format!("no models are linked into {}", runners.join(", ")))
            .help("mark a function of `State` with #[model]")
            .help(format!(
                "the linker drops a library that is never named; name it: athena_rt::main!({})",
                first.name.replace('-', "_")
            ))
    }

    pub(super) fn warn_of_unlinked(&self, catalog: &Catalog) {
        if self.workspace.narrowed {
            return;
        }
        let style = Style::for_stderr(self.output.color);
        for package in self.workspace.selected() {
            let linked = catalog.models.iter().any(|model| model.info.package == package.name);
            if linked || !has_models(&package.root) {
                continue;
            }
            print_status(&format!(
                "{} package `{}` has models that no runner links",
                style.warning("warning:"),
                package.name
            ));
            print_status(&format!("  {} {}", style.note("help:"), remedy(package, catalog)));
        }
    }
}

fn remedy(package: &Package, catalog: &Catalog) -> String {
    if catalog.runners.iter().any(|runner| runner.target.package == package.name) {
        let library = package.name.replace('-', "_");
        format!("name the library that has the models: athena_rt::main!({library})")
    } else {
        format!("add a runner: cargo athena init -p {}", package.name)
    }
}

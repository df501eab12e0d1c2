//! Chooses the variables of a model: those of the process or of a named environment, overridden by
//! files, overridden by single settings.

use std::path::Path;

use athena_protocol::Environments;

use crate::env_file::{self, EnvFileError};
use crate::{layout, store};
use athena_core::display::display_path;
use athena_core::environment::{Variable, Variables, from_process, set};
use athena_core::error::{Error, Result};
use athena_core::registry::Entry;
use athena_core::secrets;
use athena_protocol::text::{is_typo, suggest};

/// The variables of one run, and the name of their environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedEnvironment {
    pub name: Option<String>,
    pub variables: Variables,
}

/// The declared variables, as each chosen environment sets them.
pub fn resolve(
    entry: &Entry,
    fixtures: &Path,
    choice: &Environments,
) -> Result<Vec<ResolvedEnvironment>> {
    let declared = entry.model.variables();
    let mut bases = Vec::new();
    for name in &choice.named {
        layout::check(name, "environment name")?;
        let path = layout::environment(fixtures, name);
        let variables = read_file(&path, &declared)?.ok_or_else(|| unknown(fixtures, name))?;
        if bases.iter().any(|base: &ResolvedEnvironment| base.name.as_ref() == Some(name)) {
            return Err(Error::usage(format!("the environment {name} is named twice")));
        }
        bases.push(ResolvedEnvironment { name: Some(name.clone()), variables });
    }
    if bases.is_empty() {
        bases.push(ResolvedEnvironment { name: None, variables: from_process(&declared)? });
    }
    for path in &choice.files {
        let over = read_file(path, &declared)?.ok_or_else(|| {
            Error::usage(format!("can't read {}: no such file", display_path(path)))
        })?;
        apply(&mut bases, &over);
    }
    for (name, _) in &choice.set {
        if !declared.iter().any(|variable| variable.name == name) {
            let known: Vec<&str> = declared.iter().map(|variable| variable.name).collect();
            return Err(Error::usage(format!(
                "{} reads no variable {name}{}",
                entry.id,
                suggest(name, &known)
            )));
        }
    }
    apply(&mut bases, &choice.set);
    for base in &bases {
        secrets::learn(&declared, &base.variables);
    }
    Ok(bases)
}

fn apply(bases: &mut [ResolvedEnvironment], over: &[(String, String)]) {
    for base in bases {
        for (name, value) in over {
            set(&mut base.variables, name, value);
        }
    }
}

fn unknown(fixtures: &Path, name: &str) -> Error {
    let folder = fixtures.join(layout::ENVIRONMENTS);
    let mut known: Vec<String> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            Some(entry.ok()?.file_name().to_str()?.strip_suffix(".env")?.to_owned())
        })
        .collect();
    known.sort();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Error::usage(format!("no environment is called `{name}`{}", suggest(name, &known))).help(
        format!("write its variables to {}", display_path(&layout::environment(fixtures, name))),
    )
}

/// The declared variables of an environment file; `None` if the file does not exist.
pub fn read_file(path: &Path, declared: &[Variable]) -> Result<Option<Variables>> {
    let Some(text) = store::read(path)? else { return Ok(None) };
    let mut variables = env_file::parse(&text).map_err(|EnvFileError { line, reason, help }| {
        Error::usage(format!("{}:{line}: {reason}", display_path(path))).help(help)
    })?;
    // One file may serve several models, so only a name close to a declared one is an error.
    for (name, _) in &variables {
        let close = declared.iter().find(|known| known.name != name && is_typo(known.name, name));
        if let Some(close) = close.filter(|_| declared.iter().all(|known| known.name != name)) {
            tracing::warn!(
                "{}: unknown variable {name}; did you mean {}?",
                display_path(path),
                close.name
            );
        }
    }
    variables.retain(|(name, _)| declared.iter().any(|variable| variable.name == name));
    Ok(Some(variables))
}

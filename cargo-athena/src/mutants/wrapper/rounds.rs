//! Rounds of a check: mutants that don't compile are dropped by the positions of the compiler's errors.
//! A crate that does not compile without mutants either has the compiler's first error as its reason.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;

use super::sources::{CrateSources, NO_SWITCH};
use super::tree::write_tree;
use crate::mutants::settings::WrapperSettings;

/// The most rounds.
const ROUNDS: usize = 10;

/// From this round on whole functions are left as they are.
const WHOLE_FUNCTIONS: usize = 5;

/// An error of the compiler.
#[derive(Debug, Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    code: Option<DiagnosticCode>,
    spans: Vec<DiagnosticSpan>,
}

/// `E0308`
#[derive(Debug, Deserialize)]
struct DiagnosticCode {
    code: String,
}

/// A position in a file.
#[derive(Debug, Deserialize)]
struct DiagnosticSpan {
    file_name: String,
    byte_start: usize,
    is_primary: bool,
    expansion: Option<Expansion>,
}

/// The macro call that a position comes from.
#[derive(Debug, Deserialize)]
struct Expansion {
    span: Box<DiagnosticSpan>,
}

/// Drops what does not compile, until the rest does. Returns the reason, with the compiler's first error, if the crate
/// does not compile with the switch alone.
///
/// # Errors
///
/// A file can't be written; the compiler can't be started.
pub(super) fn find_viable(
    sources: &mut CrateSources,
    settings: &WrapperSettings,
    tree: &Path,
    check: impl Fn() -> Command,
) -> std::io::Result<Option<String>> {
    let mut reason = NO_SWITCH.to_owned();
    for round in 0..ROUNDS {
        let files = sources.render();
        write_tree(tree, &settings.base, &settings.hidden, &files)?;
        let output = check().output()?;
        if output.status.success() {
            return Ok(None);
        }
        let errors = errors(&output);
        reason = format!("{NO_SWITCH}: {}", first_error(&errors, &output));
        let positions: Vec<Vec<(usize, usize)>> = errors
            .iter()
            .map(|diagnostic| positions(diagnostic, sources, settings, tree))
            .collect();
        let mut changed = false;
        for places in &positions {
            // The first position that means something: primary ones come first.
            let whole = round >= WHOLE_FUNCTIONS;
            changed |= places.iter().any(|(file, at)| sources.leave_out(*file, *at, whole));
        }
        // No mutant is in what links the crate with the switch.
        if !changed && positions.iter().flatten().any(|(file, at)| sources.is_link(*file, *at)) {
            break;
        }
        if !changed || round + 2 == ROUNDS {
            let files: Vec<usize> = positions.iter().flatten().map(|(file, _)| *file).collect();
            let mut left_out = false;
            for file in files {
                left_out |= sources.leave_out_file(Some(file), &reason);
            }
            if !left_out && !sources.leave_out_file(None, &reason) {
                break;
            }
        }
    }
    Ok(Some(reason))
}

/// The errors among what the compiler prints.
fn errors(output: &Output) -> Vec<Diagnostic> {
    let text = String::from_utf8_lossy(&output.stderr);
    let all = text.lines().filter_map(|line| serde_json::from_str::<Diagnostic>(line).ok());
    all.filter(|diagnostic| diagnostic.level.starts_with("error")).collect()
}

/// `error[E0425]: cannot find value ..`; what else a compiler prints that ends without an error.
fn first_error(errors: &[Diagnostic], output: &Output) -> String {
    match errors.first() {
        Some(Diagnostic { message, code: Some(DiagnosticCode { code }), .. }) => {
            format!("error[{code}]: {message}")
        }
        Some(Diagnostic { message, .. }) => format!("error: {message}"),
        None => {
            let text = String::from_utf8_lossy(&output.stderr);
            let line = text.lines().find(|line| !line.trim().is_empty());
            line.map_or_else(|| format!("the compiler ends with {}", output.status), str::to_owned)
        }
    }
}

/// The positions of an error in the crate's files: the index of the file, and the byte.
fn positions(
    diagnostic: &Diagnostic,
    sources: &CrateSources,
    settings: &WrapperSettings,
    tree: &Path,
) -> Vec<(usize, usize)> {
    let mut spans: Vec<&DiagnosticSpan> = diagnostic.spans.iter().collect();
    spans.sort_by_key(|span| !span.is_primary);
    let mut found = Vec::new();
    for mut span in spans {
        loop {
            let path = original(Path::new(&span.file_name), settings, tree);
            if let Some(file) = sources.files.iter().position(|file| file.path == path) {
                found.push((file, span.byte_start));
                break;
            }
            match &span.expansion {
                Some(expansion) => span = &expansion.span,
                None => break,
            }
        }
    }
    found
}

/// The user's file for a path that the compiler prints.
fn original(path: &Path, settings: &WrapperSettings, tree: &Path) -> PathBuf {
    match path.strip_prefix(tree) {
        Ok(inside) => settings.base.join(inside),
        Err(_) => settings.root.join(path),
    }
}

/// The flags with which a rewritten crate is compiled: a mutant panics where a debug build would.
pub(super) fn mutant_flags() -> Vec<OsString> {
    ["--cap-lints=allow", "-Copt-level=1", "-Cdebug-assertions=on", "-Coverflow-checks=on"]
        .map(OsString::from)
        .to_vec()
}

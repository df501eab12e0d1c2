//! Moves the cases of a renamed model.

use std::path::Path;

use athena_protocol::{ModelId, Move};

use athena_cases::case::conflict;
use athena_cases::index::Index;
use athena_cases::{layout, store};
use athena_core::context::Context;
use athena_core::display::{display_path, plural};
use athena_core::error::{Error, Result};
use athena_core::stdio::print_stderr;
use athena_protocol::text::nearest;

pub(super) fn move_cases(context: &Context<'_>, Move { old, new }: &Move) -> Result<()> {
    let new = &context.registry.find(new)?.id;
    if context.registry.get(old).is_some() {
        return Err(still_there(old));
    }
    let from = layout::folder(context.fixtures, old);
    let to = layout::folder(context.fixtures, new);
    let root = ModelId::new(old).package();
    let mut index = Index::read(context.fixtures, Some(&[root]));
    let Some(folder) = index.folders.remove(old) else {
        let recorded = Index::read(context.fixtures, None).folders.into_keys();
        let gone = recorded.filter(|id| context.registry.get(id).is_none());
        return Err(match context.registry.find(old) {
            Ok(entry) => still_there(&entry.id),
            Err(_) => no_cases(old, &from, &gone.collect::<Vec<_>>()),
        });
    };
    let files: Vec<_> = folder
        .cases
        .iter()
        .map(|stem| (stem.case_file(&from), stem.case_file(&to)))
        .chain(folder.suites.iter().map(|stem| (stem.suite_file(&from), stem.suite_file(&to))))
        .collect();
    if let Some((_, taken)) = files.iter().find(|(_, to)| to.exists()) {
        return Err(Error::usage(format!(
            "{} already exists: nothing was moved",
            display_path(taken)
        )));
    }
    let quoted = |id: &str| serde_json::Value::from(id).to_string();
    let mut transaction = store::begin(context.fixtures)?;
    for (from, to) in &files {
        let text = store::read(from)?.unwrap_or_default();
        if let Some(line) = conflict(&text) {
            return Err(Error::usage(format!(
                "{}:{line}: the file has conflict markers",
                display_path(from)
            ))
            .help("resolve the merge, then run again; nothing was moved"));
        }
        let mut renamed = String::with_capacity(text.len());
        for line in text.split_inclusive('\n') {
            // The first `"model": ".."` of a line is the case's own.
            renamed.push_str(
                &line
                    .replacen(
                        &format!("\"model\": {}", quoted(old)),
                        &format!("\"model\": {}", quoted(new)),
                        1,
                    )
                    .replacen(
                        &format!("\"model\":{}", quoted(old)),
                        &format!("\"model\":{}", quoted(new)),
                        1,
                    ),
            );
        }
        transaction.write_like(to, &renamed, from);
        transaction.remove(from, &text);
    }
    store::commit(transaction)?;
    remove_empty(&from, context.fixtures);
    if !context.quiet {
        print_stderr(&format!(
            "moved {} from {old} to {new}",
            plural(files.len() as u64, "case file")
        ));
    }
    Ok(())
}

fn still_there(model: &str) -> Error {
    Error::usage(format!("the model {model} still exists, so its cases stay with it"))
}

/// The error of an id without cases. `gone` are the ids of cases whose model is not linked.
fn no_cases(old: &str, folder: &Path, gone: &[String]) -> Error {
    let error =
        Error::usage(format!("{old} has no case: there is none in {}", display_path(folder)));
    let by_end = ModelId::select(gone, |id| id, old);
    let meant: Vec<&str> = if by_end.is_empty() {
        nearest(old, gone.iter().map(String::as_str))
    } else {
        by_end.into_iter().map(String::as_str).collect()
    };
    match (&meant[..], gone) {
        ([id], _) => {
            error.help(format!("did you mean `{id}`? The old model is named by its whole id"))
        }
        ([_, ..], _) => error.help(format!("name one of {}", meant.join(", "))),
        ([], []) => error.help("nothing to move: the model of every recorded case exists"),
        ([], _) => {
            error.help(format!("this program has no model for the cases of {}", gone.join(", ")))
        }
    }
}

/// Removes a folder, and those above it that are empty.
fn remove_empty(folder: &Path, until: &Path) {
    for folder in folder.ancestors().take_while(|folder| *folder != until) {
        if std::fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_without_cases_is_answered_with_those_that_may_be_meant() {
        let gone = ["shop::total", "shop::tax::total", "shop::price"].map(str::to_owned);
        let says = |old: &str, gone: &[String]| no_cases(old, Path::new("f"), gone).to_string();
        assert!(says("price", &gone).contains("did you mean `shop::price`?"));
        assert!(says("shop::prise", &gone).contains("`shop::price`"));
        assert!(says("total", &gone).contains("one of shop::total, shop::tax::total"));
        assert!(says("x", &gone[..1]).contains("for the cases of shop::total"));
        assert!(says("x", &[]).contains("the model of every recorded case exists"));
    }
}

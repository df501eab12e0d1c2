//! Filters that select nothing beside others that do. The run of the others would pass, and nobody would see that a
//! part of what was asked for did not run. So no command begins with such a filter.

use std::path::Path;

use athena_protocol::CaseName;

use crate::advice::CASE_NAMES;
use crate::display::escape;
use crate::error::{Error, Result};
use crate::gaps::case_names;
use crate::suggest::similar_names;

/// Refuses filters that select none of the recorded cases and schemas. One filter alone is left to the command, which
/// has nothing to do then.
///
/// # Errors
///
/// There is such a filter.
pub(crate) fn refuse_unmatched(fixtures: &Path, filters: &[String], exact: bool) -> Result<()> {
    if filters.len() < 2 {
        return Ok(());
    }
    let cases = case_names(fixtures);
    let folders = fixtures.read_dir().into_iter().flatten().flatten();
    let packages = folders.filter(|folder| folder.path().join("schema.proto").is_file());
    let schemas = packages.map(|it| format!("schema::{}", it.file_name().to_string_lossy()));
    let names: Vec<String> = cases.values().flatten().cloned().chain(schemas).collect();
    refuse_unmatched_names("case", &names, filters, exact)
}

/// The same of the cases of these models.
///
/// # Errors
///
/// There is such a filter.
pub(crate) fn refuse_unmatched_of(
    fixtures: &Path,
    models: &[String],
    filters: &[String],
) -> Result<()> {
    if filters.len() < 2 {
        return Ok(());
    }
    let mut cases = case_names(fixtures);
    cases.retain(|model, _| models.contains(model));
    let names: Vec<String> = cases.into_values().flatten().collect();
    refuse_unmatched_names("case", &names, filters, false)
}

/// The same, of the names of some cases, such as the rejected ones.
///
/// # Errors
///
/// There is such a filter.
pub(crate) fn refuse_unmatched_names(
    kind: &str,
    names: &[String],
    filters: &[String],
    exact: bool,
) -> Result<()> {
    let unmatched = CaseName::unmatched(filters, exact, names);
    let Some(first) = unmatched.first() else { return Ok(()) };
    let is = if exact { "is" } else { "contains" };
    let shown: Vec<String> = unmatched.iter().map(|it| format!("`{}`", escape(it))).collect();
    let error = Error::nothing(format!("no {kind}'s name {is} {}", shown.join(" or ")));
    let near = similar_names(first, names.iter().map(String::as_str));
    let error = match near.first() {
        Some(near) => error.help(format!("did you mean `{}`?", escape(near))),
        None => error.help(CASE_NAMES),
    };
    Err(error.help(format!("each filter has to select a {kind}; nothing was done")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_several_filters_selects_something() {
        let folder = tempfile::tempdir().unwrap();
        let cases = folder.path().join("shop/price");
        std::fs::create_dir_all(&cases).unwrap();
        std::fs::write(cases.join("low.json"), "{}").unwrap();
        std::fs::write(folder.path().join("shop/schema.proto"), "").unwrap();
        std::fs::write(cases.join("book.jsonl"), "{\"case\":\"one\"}\n").unwrap();
        let refused = |filters: &[&str], exact| {
            let filters: Vec<String> = filters.iter().map(|&it| it.to_owned()).collect();
            let error = refuse_unmatched(folder.path(), &filters, exact).err()?;
            Some((error.exit().code(), format!("{error:?}")))
        };
        for good in [&["low", "book/"][..], &["price", "schema::shop"], &["misspelt"], &[]] {
            assert_eq!(refused(good, false), None, "{good:?}");
        }
        assert_eq!(refused(&["shop::price", "shop::price::low"], true), None);
        let (code, text) = refused(&["low", "bok/one", "zzz"], false).unwrap();
        assert_eq!(code, 4);
        assert!(text.contains("contains `bok/one` or `zzz`"), "{text}");
        assert!(text.contains("did you mean `shop::price::book/one`?"), "{text}");
        let (_, text) = refused(&["shop::price", "low"], true).unwrap();
        assert!(text.contains("no case's name is `low`"), "{text}");
    }
}

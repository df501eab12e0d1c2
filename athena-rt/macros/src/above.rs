//! The derives above `#[structure]`. They are expanded before it, and the compiler removes them from the item
//! that it passes on; what is left to see them by is the source.

use proc_macro2::Span;
use syn::parse::Parser as _;
use syn::{Attribute, Path, Token};

use crate::conditional::{self, ConditionalDerives};

/// The derives above the attribute that is being expanded; none if its source can't be read.
pub(crate) fn derives() -> Vec<Path> {
    attributes().iter().flat_map(derived).collect()
}

/// The derives above it that stand under a condition.
pub(crate) fn conditional_derives() -> Vec<ConditionalDerives> {
    attributes().iter().filter_map(derived_on_condition).collect()
}

fn attributes() -> Vec<Attribute> {
    if !proc_macro::is_available() {
        return Vec::new();
    }
    source_above(Span::call_site().unwrap())
        .map(|text| attributes_at_end(&text))
        .unwrap_or_default()
}

fn derived(attribute: &Attribute) -> Vec<Path> {
    let parse = syn::punctuated::Punctuated::<Path, Token![,]>::parse_terminated;
    let derive = Some(attribute).filter(|attribute| attribute.path().is_ident("derive"));
    let parsed = derive.and_then(|derive| derive.parse_args_with(parse).ok());
    parsed.into_iter().flatten().collect()
}

fn derived_on_condition(attribute: &Attribute) -> Option<ConditionalDerives> {
    let list = attribute.meta.require_list().ok().filter(|list| list.path.is_ident("cfg_attr"))?;
    let (condition, attributes) = conditional::condition(list.tokens.clone());
    let attributes = conditional::attributes(attributes).into_iter();
    let paths = attributes.flat_map(|attribute| derived(&syn::parse_quote!(#[#attribute])));
    let paths: Vec<Path> = paths.collect();
    (!paths.is_empty()).then_some(ConditionalDerives { condition, paths })
}

/// The source up to the attribute.
fn source_above(attribute: proc_macro::Span) -> Option<String> {
    let text = std::fs::read_to_string(attribute.local_file()?).ok()?;
    let line = attribute.line().checked_sub(1)?;
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let here = text.get(before..)?;
    // Columns count characters.
    let column =
        here.chars().take(attribute.column().checked_sub(1)?).map(char::len_utf8).sum::<usize>();
    let text = text.get(..before + column)?;
    // The span is that of the path, or of the whole attribute.
    let above =
        text.trim_end().strip_suffix('[').and_then(|text| text.trim_end().strip_suffix('#'));
    Some(above.unwrap_or(text).to_owned())
}

/// The attempts to extend the attributes upwards: a `#[` may stand in a doc comment or in a string.
const ATTEMPTS: usize = 16;

fn attributes_at_end(text: &str) -> Vec<Attribute> {
    let (mut start, mut end, mut found) = (text.len(), text.len(), Vec::new());
    let mut attempts = 0;
    while let Some(at) = text[..end].rfind("#[").filter(|_| attempts < ATTEMPTS) {
        end = at;
        match Attribute::parse_outer.parse_str(&text[at..start]) {
            Ok(attributes) => {
                attempts = 0;
                start = at;
                found.splice(0..0, attributes);
            }
            Err(_) => attempts += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derives_are_found_above_an_attribute_and_not_above_another_item() {
        for (text, expected) in [
            ("#[derive(Clone, serde::Serialize)]\n", "Clone serde::Serialize"),
            ("#[derive(Clone)] struct A;\n/// Docs #[derive(Eq)].\n", ""),
            (
                "struct A;\n#[derive(Eq)]\n/// Docs [#[x]].\n#[allow(dead_code)]\n// No docs.\n",
                "Eq",
            ),
            ("#[derive(Eq)] #[doc = \"]#[\"]#[derive(Ord)]", "Eq Ord"),
            ("", ""),
        ] {
            let found: Vec<String> = attributes_at_end(text)
                .iter()
                .flat_map(derived)
                .map(|path| crate::text::compact(&path))
                .collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn derives_under_a_condition_are_apart() {
        let text =
            "#[derive(Eq)]\n#[cfg_attr(all(a, b), allow(x), derive(Ord, serde::Serialize))]\n";
        let attributes = attributes_at_end(text);
        let found: Vec<_> = attributes.iter().filter_map(derived_on_condition).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(crate::text::compact(&found[0].condition), "all(a, b)");
        assert_eq!(found[0].paths.len(), 2);
    }
}

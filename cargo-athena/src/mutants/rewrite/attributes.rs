//! What attributes say about code: whether it is a test, is to be skipped, or is built at all.

use cargo_metadata::cargo_platform::{Cfg, CfgExpr};
use syn::{Attribute, Expr, Lit, Meta};

/// Whether code is a test, or is marked with `mutants::skip`: it has no mutants.
pub(super) fn is_skipped(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        path.segments.last().is_some_and(|last| last.ident == "test")
            || has_segments(path, &["mutants", "skip"])
            || (path.is_ident("cfg") && lists(attribute, &["test"]))
            || (path.is_ident("cfg_attr") && lists(attribute, &["mutants", "skip"]))
    })
}

/// The first `cfg` that is false for this build, as text.
pub(super) fn false_cfg(attributes: &[Attribute], known: &[Cfg]) -> Option<String> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).find_map(|attribute| {
        let Meta::List(list) = &attribute.meta else { return None };
        let text = list.tokens.to_string();
        let expression: CfgExpr = text.parse().ok()?;
        (!expression.matches(known)).then(|| format!("cfg({text})"))
    })
}

/// The value of `#[path = ".."]`.
pub(super) fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let Meta::NameValue(meta) = &attribute.meta else { return None };
        let Expr::Lit(literal) = &meta.value else { return None };
        let Lit::Str(text) = &literal.lit else { return None };
        meta.path.is_ident("path").then(|| text.value())
    })
}

/// Whether the list of an attribute has an item of this path.
fn lists(attribute: &Attribute, wanted: &[&str]) -> bool {
    let mut found = false;
    let parsed = attribute.parse_nested_meta(|meta| {
        found |= has_segments(&meta.path, wanted);
        Ok(())
    });
    parsed.is_ok() && found
}

fn has_segments(path: &syn::Path, wanted: &[&str]) -> bool {
    path.segments.iter().map(|segment| segment.ident.to_string()).eq(wanted.iter().copied())
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use syn::parse_quote;

    use super::*;

    #[test]
    fn tests_and_marked_code_are_skipped() {
        let skipped: [Attribute; 5] = [
            parse_quote!(#[test]),
            parse_quote!(#[tokio::test]),
            parse_quote!(#[cfg(test)]),
            parse_quote!(#[mutants::skip]),
            parse_quote!(#[cfg_attr(test, mutants::skip)]),
        ];
        for attribute in skipped {
            assert!(is_skipped(&[attribute]));
        }
        let kept: [Attribute; 3] = [
            parse_quote!(#[inline]),
            parse_quote!(#[cfg(not(test))]),
            parse_quote!(#[cfg_attr(test, inline)]),
        ];
        assert!(!is_skipped(&kept));
    }

    #[test]
    fn a_cfg_is_judged_by_what_is_set() {
        let known = [Cfg::from_str("unix").unwrap(), Cfg::from_str("feature=\"std\"").unwrap()];
        let of = |attribute: Attribute| false_cfg(&[attribute], &known);
        assert_eq!(of(parse_quote!(#[cfg(unix)])), None);
        assert_eq!(of(parse_quote!(#[cfg(all(unix, feature = "std"))])), None);
        assert_eq!(of(parse_quote!(#[cfg(windows)])).unwrap(), "cfg(windows)");
        assert!(of(parse_quote!(#[cfg(feature = "serde")])).is_some());
    }
}

//! Text from tokens: doc comments, names, and types as they were written.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Meta};

/// Returns the text of the doc comments without their margin.
///
/// `#[doc = include_str!(..)]` is omitted: it isn't expanded yet when the macro runs.
pub(crate) fn docs(attrs: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attr in attrs {
        if let Meta::NameValue(meta) = &attr.meta
            && meta.path.is_ident("doc")
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = peel_expr(&meta.value)
        {
            for line in text.value().split('\n') {
                lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned());
            }
        }
    }
    lines.join("\n").trim().to_owned()
}

/// Returns an identifier's name without `r#`: `type` for `r#type`.
pub(crate) fn name(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Formats tokens in one line, spaced as rustfmt spaces a type: `BTreeMap<String, Vec<u8>>`.
pub(crate) fn compact(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    write_tokens(tokens.to_token_stream(), &mut text);
    text
}

/// Removes the invisible group that a `macro_rules!` fragment has around an expression.
pub(crate) fn peel_expr(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => peel_expr(&group.expr),
        other => other,
    }
}

fn write_tokens(tokens: TokenStream, text: &mut String) {
    let mut after_arrow = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                if after_arrow && !open.is_empty() {
                    text.push(' ');
                }
                text.push_str(open);
                write_tokens(group.stream(), text);
                text.push_str(close);
                after_arrow = false;
            }
            TokenTree::Punct(punct) => {
                let sign = punct.as_char();
                match sign {
                    '+' => text.push_str(" + "),
                    '=' => text.push_str(" = "),
                    ',' | ';' => {
                        text.push(sign);
                        text.push(' ');
                    }
                    '-' if punct.spacing() == Spacing::Joint => text.push_str(" -"),
                    '>' if text.ends_with(" -") => {
                        text.push('>');
                        after_arrow = true;
                        continue;
                    }
                    _ => text.push(sign),
                }
                after_arrow = false;
            }
            word @ (TokenTree::Ident(_) | TokenTree::Literal(_)) => {
                let ends_in_word = text
                    .chars()
                    .next_back()
                    .is_some_and(|last| last.is_alphanumeric() || matches!(last, '_' | '"'));
                if ends_in_word || after_arrow {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
                after_arrow = false;
            }
        }
    }
    if text.ends_with(", ") || text.ends_with("; ") {
        text.truncate(text.len() - 2);
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn a_type_is_spaced_as_rustfmt_would() {
        let cases = [
            (quote!(Vec<Item>), "Vec<Item>"),
            (quote!(BTreeMap<String, Vec<u8>>), "BTreeMap<String, Vec<u8>>"),
            (quote!(::std::option::Option<[f64; 3]>), "::std::option::Option<[f64; 3]>"),
            (quote!((u8, i64)), "(u8, i64)"),
            (quote!(Box<dyn Error + Send>), "Box<dyn Error + Send>"),
            (quote!(fn(u8) -> u16), "fn(u8) -> u16"),
            (quote!(&'static str), "&'static str"),
            (quote!(r#type::Kind), "r#type::Kind"),
        ];
        for (tokens, expected) in cases {
            assert_eq!(compact(&tokens), expected);
        }
    }

    #[test]
    fn doc_comments_lose_their_margin_and_keep_their_indentation() {
        let attrs: Vec<Attribute> = vec![
            syn::parse_quote!(#[doc = " First line."]),
            syn::parse_quote!(#[doc = ""]),
            syn::parse_quote!(#[doc = "     indented"]),
            syn::parse_quote!(#[doc(hidden)]),
        ];
        assert_eq!(docs(&attrs), "First line.\n\n    indented");
    }
}

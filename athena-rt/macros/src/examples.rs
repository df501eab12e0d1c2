//! `#[example(3)]`: values of a field, as JSON.

use std::fmt::Write as _;

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprLit, ExprUnary, Lit, Meta, Token, UnOp};

use crate::errors::Errors;

const LEGAL: &str = "`#[example]` takes values as the message has them: texts, numbers, booleans and lists of them, as in \
                     `#[example(3)]` or `#[example(\"a\", \"b\")]`";

/// The examples of a field, as JSON texts.
pub(crate) struct Examples {
    texts: Vec<String>,
    pub(crate) span: Span,
}

impl Examples {
    /// The texts. Reports those of a secret.
    pub(crate) fn texts(&self, is_secret: bool, errors: &mut Errors) -> Vec<String> {
        if is_secret {
            errors.at_span(
                self.span,
                "an example of a secret would be shown: remove `#[example]` or `#[secret]`",
            );
        }
        self.texts.clone()
    }
}

pub(crate) fn parse_examples(attr: &Attribute) -> syn::Result<Examples> {
    let list = match &attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => list,
        other => return Err(syn::Error::new_spanned(other, LEGAL)),
    };
    let values = list
        .parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        .map_err(|error| syn::Error::new(error.span(), LEGAL))?;
    let texts = values.iter().map(json).collect::<syn::Result<_>>()?;
    Ok(Examples { texts, span: attr.path().span() })
}

/// The JSON of a literal.
fn json(value: &Expr) -> syn::Result<String> {
    let illegal = || syn::Error::new_spanned(value, LEGAL);
    match value {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(text) => Ok(quoted(&text.value())),
            Lit::Bool(is) => Ok(is.value.to_string()),
            Lit::Int(number) => Ok(number.base10_digits().to_owned()),
            Lit::Float(number) => {
                let float: f64 = number.base10_parse()?;
                Ok(format!("{float:?}"))
            }
            _ => Err(illegal()),
        },
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match &**expr {
            Expr::Lit(ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }) => {
                Ok(format!("-{}", json(expr)?))
            }
            _ => Err(illegal()),
        },
        Expr::Array(array) => {
            let items = array.elems.iter().map(json).collect::<syn::Result<Vec<_>>>()?;
            Ok(format!("[{}]", items.join(",")))
        }
        _ => Err(illegal()),
    }
}

fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            // Writing to a string can't fail.
            c if c < ' ' => drop(write!(json, "\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn literals_are_written_as_json() {
        let texts = |attr: Attribute| parse_examples(&attr).map(|examples| examples.texts).ok();
        let some = |texts: &[&str]| Some(texts.iter().map(|&text| text.to_owned()).collect());
        assert_eq!(
            texts(parse_quote!(#[example("a\"\n", -3, 1_000_u64, 1.0, true, [1, 2])])),
            some(&["\"a\\\"\\u000a\"", "-3", "1000", "1.0", "true", "[1,2]"])
        );
        assert_eq!(texts(parse_quote!(#[example])), None);
        assert_eq!(texts(parse_quote!(#[example(Kind::A)])), None);
    }
}

//! Our attributes on a field: `#[default(2)]`, `#[field(3)]`, `#[tolerance(abs = 1e-9)]`,
//! `#[volatile]`, `#[unordered]`, `#[secret]`, `#[unknown]` and `#[oneof]`.

use proc_macro2::{Span, TokenStream};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprLit, Lit, LitInt, Meta, MetaNameValue, Token};

use crate::errors::{Errors, did_you_mean, listed};
use crate::field::Encoding;
use crate::text::{compact, peel_expr};

/// Every attribute of ours that can stand on a field, with its form.
pub(crate) const FIELD_ATTRIBUTES: [(&str, &str); 8] = [
    ("default", "#[default(2)]"),
    ("field", "#[field(3)]"),
    ("tolerance", "#[tolerance(abs = 1e-9)]"),
    ("volatile", "#[volatile]"),
    ("unordered", "#[unordered]"),
    ("secret", "#[secret]"),
    ("unknown", "#[unknown]"),
    ("oneof", "#[oneof]"),
];

/// What our attributes on one field say.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) default: Option<Expr>,
    pub(crate) number: Option<LitInt>,
    pub(crate) tolerance: Option<Tolerance>,
    pub(crate) volatile: Option<Span>,
    pub(crate) unordered: Option<Span>,
    pub(crate) secret: Option<Span>,
    pub(crate) unknown: Option<Span>,
    pub(crate) oneof: Option<Span>,
    /// And where it is said.
    pub(crate) encoding: Option<(Encoding, Span)>,
}

/// How far a float may be from the recorded one.
pub(crate) struct Tolerance {
    pub(crate) abs: Option<f64>,
    pub(crate) rel: Option<f64>,
    pub(crate) ulps: Option<u64>,
    pub(crate) span: Span,
}

impl FieldAttrs {
    /// Takes our attributes out of `attrs`; what is left belongs to others and is emitted again.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut found = Self::default();
        for attr in take_ours(attrs, errors) {
            if attr.path().is_ident("default") {
                found.default = errors.note(default(&attr));
            } else if attr.path().is_ident("field") {
                (found.number, found.encoding) = errors.note(number(&attr)).unwrap_or_default();
            } else if attr.path().is_ident("tolerance") {
                found.tolerance = tolerance(&attr, errors);
            } else if let Some(span) = bare(&attr, errors) {
                match attr.path() {
                    path if path.is_ident("volatile") => found.volatile = Some(span),
                    path if path.is_ident("unordered") => found.unordered = Some(span),
                    path if path.is_ident("unknown") => found.unknown = Some(span),
                    path if path.is_ident("oneof") => found.oneof = Some(span),
                    _ => found.secret = Some(span),
                }
            }
        }
        found
    }
}

/// Takes our attributes out of `attrs`, refusing each after the first of a name,
/// and those that cannot stand on a field at all.
pub(crate) fn take_ours(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Vec<Attribute> {
    let mut ours: Vec<Attribute> = Vec::new();
    attrs.retain(|attr| {
        let path = attr.path();
        if path.is_ident("serde") {
            errors.at(
                path,
                "`#[structure]` and `#[environment]` read no serde attributes: a field goes by its own name; \
                 for a value when it is absent write `#[default(..)]`",
            );
            return false;
        }
        if path.is_ident("cfg") || path.is_ident("cfg_attr") {
            errors.at(
                path,
                "part of a message cannot be conditional: builds would disagree about it; \
                 put `#[cfg]` above the whole item",
            );
            return false;
        }
        let Some((name, _)) = FIELD_ATTRIBUTES.iter().find(|(name, _)| path.is_ident(name)) else {
            return true;
        };
        if ours.iter().any(|earlier| earlier.path().is_ident(name)) {
            errors.at(path, format!("`#[{name}]` is given twice; keep one"));
        } else {
            ours.push(attr.clone());
        }
        false
    });
    ours
}

fn form(name: &str) -> &'static str {
    FIELD_ATTRIBUTES.iter().find(|(known, _)| *known == name).map_or("", |(_, form)| form)
}

fn default(attr: &Attribute) -> syn::Result<Expr> {
    match &attr.meta {
        Meta::Path(path) => Err(syn::Error::new_spanned(
            path,
            "`#[default]` wants the value that stands in for an absent field: `#[default(2)]`",
        )),
        Meta::NameValue(MetaNameValue { eq_token, value, .. }) => Err(syn::Error::new(
            eq_token.span(),
            format!("the value stands in parentheses: `#[default({})]`", compact(value)),
        )),
        Meta::List(list) if list.tokens.is_empty() => Err(syn::Error::new(
            list.delimiter.span().join(),
            "`#[default]` wants the value that stands in for an absent field: `#[default(2)]`",
        )),
        Meta::List(list) => {
            let values = list.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated)?;
            let mut values = values.into_iter();
            match (values.next(), values.next()) {
                (Some(value), None) => Ok(value),
                (_, second) => Err(syn::Error::new(
                    second.map_or_else(|| list.span(), |second| second.span()),
                    "`#[default]` takes one value; a tuple has its own parentheses: `#[default((1, 2))]`",
                )),
            }
        }
    }
}

/// A field's number, and how its integers are written with where it is said.
type Numbering = (Option<LitInt>, Option<(Encoding, Span)>);

fn number(attr: &Attribute) -> syn::Result<Numbering> {
    let legal = "`#[field]` takes the field's number, how its integers are written, or both: \
                 `#[field(3)]`, `#[field(sint)]`, `#[field(3, fixed)]`";
    let list = match &attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => list,
        Meta::List(list) => return Err(syn::Error::new(list.delimiter.span().join(), legal)),
        other => return Err(syn::Error::new_spanned(other, legal)),
    };
    let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
    let arguments =
        parse.parse2(list.tokens.clone()).map_err(|error| syn::Error::new(error.span(), legal))?;
    let (mut number, mut encoding) = (None, None);
    for argument in &arguments {
        match peel_expr(argument) {
            Expr::Lit(ExprLit { lit: Lit::Int(literal), .. })
                if literal.suffix().is_empty() && number.is_none() && encoding.is_none() =>
            {
                number = Some(literal.clone());
            }
            Expr::Path(path) if path.path.is_ident("sint") && encoding.is_none() => {
                encoding = Some((Encoding::Sint, path.span()));
            }
            Expr::Path(path) if path.path.is_ident("fixed") && encoding.is_none() => {
                encoding = Some((Encoding::Fixed, path.span()));
            }
            other => return Err(syn::Error::new_spanned(other, legal)),
        }
    }
    Ok((number, encoding))
}

/// The span of an attribute that takes no arguments.
fn bare(attr: &Attribute, errors: &mut Errors) -> Option<Span> {
    let name = compact(attr.path());
    match &attr.meta {
        Meta::Path(path) => Some(path.span()),
        Meta::List(list) => {
            errors.at(&list.tokens, format!("`#[{name}]` takes no arguments: `{}`", form(&name)));
            None
        }
        Meta::NameValue(meta) => {
            errors.at(&meta.value, format!("`#[{name}]` takes no value: `{}`", form(&name)));
            None
        }
    }
}

fn tolerance(attr: &Attribute, errors: &mut Errors) -> Option<Tolerance> {
    let legal = "`#[tolerance]` wants at least one of `abs`, `rel` and `ulps`: \
                 `#[tolerance(abs = 1e-9, rel = 1e-6, ulps = 4)]`";
    let tokens: TokenStream = match &attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => list.tokens.clone(),
        other => {
            errors.at(other, legal);
            return None;
        }
    };
    let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
    let arguments = match parse.parse2(tokens) {
        Ok(arguments) => arguments,
        Err(error) => {
            errors.at_span(error.span(), legal);
            return None;
        }
    };
    let mut found = Tolerance { abs: None, rel: None, ulps: None, span: attr.path().span() };
    for argument in arguments {
        let Meta::NameValue(MetaNameValue { path, value, .. }) = &argument else {
            errors.at(&argument, legal);
            continue;
        };
        let name = compact(path);
        let set = match name.as_str() {
            "abs" => found.abs.is_some(),
            "rel" => found.rel.is_some(),
            "ulps" => found.ulps.is_some(),
            _ => {
                let known = ["abs", "rel", "ulps"];
                let near = did_you_mean(&name, &known);
                errors.at(
                    path,
                    format!("`#[tolerance]` takes {}, not `{name}`{near}", listed(&known)),
                );
                continue;
            }
        };
        if set {
            errors.at(path, format!("`{name}` is given twice; keep one"));
        } else if name == "ulps" {
            found.ulps = errors.note(whole(value));
        } else if let Some(value) = errors.note(distance(value)) {
            *(if name == "abs" { &mut found.abs } else { &mut found.rel }) = Some(value);
        }
    }
    Some(found)
}

/// A literal of at least 0.
fn distance(value: &Expr) -> syn::Result<f64> {
    let legal = "a tolerance is a literal, finite and at least 0: `abs = 1e-9`";
    let number = match peel_expr(value) {
        Expr::Lit(ExprLit { lit: Lit::Float(float), .. }) => float.base10_parse::<f64>()?,
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse::<f64>()?,
        other => return Err(syn::Error::new_spanned(other, legal)),
    };
    if (0.0..=f64::MAX).contains(&number) {
        Ok(number)
    } else {
        Err(syn::Error::new_spanned(value, legal))
    }
}

/// A whole number of units in the last place.
fn whole(value: &Expr) -> syn::Result<u64> {
    match peel_expr(value) {
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse(),
        other => {
            Err(syn::Error::new_spanned(other, "`ulps` counts steps between floats: `ulps = 4`"))
        }
    }
}

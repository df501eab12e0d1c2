//! Athena's attributes on a field: `#[default(2)]`, `#[field(3)]`, `#[tolerance(abs = 1e-9)]`,
//! `#[volatile]`, `#[unordered]`, `#[secret]`, `#[unknown]`, `#[oneof]` and `#[example(3)]`.

use proc_macro2::{Span, TokenStream};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitInt, Meta, MetaNameValue, Path, Token};

use crate::errors::{Errors, did_you_mean, listed};
use crate::examples::{Examples, parse_examples};
use crate::text::{compact, peel_expr};

/// The attributes of a field, each with an example.
pub(crate) const FIELD_ATTRIBUTES: [(&str, &str); 9] = [
    ("default", "#[default(2)]"),
    ("field", "#[field(3)]"),
    ("tolerance", "#[tolerance(abs = 1e-9)]"),
    ("volatile", "#[volatile]"),
    ("unordered", "#[unordered]"),
    ("secret", "#[secret]"),
    ("unknown", "#[unknown]"),
    ("oneof", "#[oneof]"),
    ("example", "#[example(3)]"),
];

/// The attributes of one field.
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
    pub(crate) examples: Option<Examples>,
    /// With the span of `sint` or `fixed`.
    pub(crate) encoding: Option<(Encodings, Span)>,
    /// With the span of `text` or `json`.
    pub(crate) carrier: Option<(Carrier, Span)>,
    /// Whether the zero is left out in Protocol Buffers.
    pub(crate) implicit: Option<Span>,
}

/// What carries a type of another crate in messages.
#[derive(Clone)]
pub(crate) enum Carrier {
    /// Text, by `Display` and `FromStr`.
    Text,
    /// Any JSON, by serde's traits.
    Json,
    /// Any JSON, by functions; the hidden type that has them.
    With(Functions),
    /// A JSON number with the digits of its `Display`.
    Number,
}

/// The functions that write and read a field, of serde's `with` and the like; serde's traits where there is none.
#[derive(Clone)]
pub(crate) struct Functions {
    /// The hidden type that has them.
    pub(crate) holder: Ident,
    pub(crate) write: Option<Path>,
    pub(crate) read: Option<Path>,
}

/// How numbers are written in Protocol Buffers.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// `int64`, `uint64`.
    #[default]
    Plain,
    /// `sint64`.
    Sint,
    /// `fixed64`, `sfixed64`.
    Fixed,
}

/// The encoding of a field's numbers; of a map's keys and of its values.
#[derive(Clone, Copy, Default)]
pub(crate) struct Encodings {
    pub(crate) key: Encoding,
    pub(crate) value: Encoding,
}

/// The greatest difference between a float and the recorded one that counts as equal.
pub(crate) struct Tolerance {
    pub(crate) abs: Option<f64>,
    pub(crate) rel: Option<f64>,
    pub(crate) ulps: Option<u64>,
    pub(crate) span: Span,
}

impl FieldAttrs {
    /// Removes Athena's attributes from `attrs` and parses them. The rest belongs to other macros
    /// and is emitted again.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut found = Self::default();
        for attr in take_ours(attrs, errors) {
            if attr.path().is_ident("default") {
                found.default = errors.note(parse_default(&attr));
            } else if attr.path().is_ident("field") {
                (found.number, found.encoding, found.carrier, found.implicit) =
                    errors.note(parse_number(&attr)).unwrap_or_default();
            } else if attr.path().is_ident("tolerance") {
                found.tolerance = parse_tolerance(&attr, errors);
            } else if attr.path().is_ident("example") {
                found.examples = errors.note(parse_examples(&attr));
            } else if let Some(span) = flag_span(&attr, errors) {
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

    /// The examples, as JSON texts. Reports those of a secret.
    pub(crate) fn example_texts(&self, errors: &mut Errors) -> Vec<String> {
        let texts = |found: &Examples| found.texts(self.secret.is_some(), errors);
        self.examples.as_ref().map(texts).unwrap_or_default()
    }
}

/// Removes Athena's attributes from `attrs`. Reports duplicates, and `serde` and `cfg` attributes,
/// which are not allowed on a field.
pub(crate) fn take_ours(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Vec<Attribute> {
    let mut ours: Vec<Attribute> = Vec::new();
    attrs.retain(|attr| {
        let path = attr.path();
        if path.is_ident("serde") {
            errors.at(
                path,
                "serde attributes are not supported here: they belong to the named fields and the variants of a \
                 `#[structure]`",
            );
            return false;
        }
        if path.is_ident("cfg") || path.is_ident("cfg_attr") {
            errors.at(
                path,
                "a field or variant can't be conditional, because builds would disagree about the message; \
                 put `#[cfg]` on the whole item",
            );
            return false;
        }
        let Some((name, _)) = FIELD_ATTRIBUTES.iter().find(|(name, _)| path.is_ident(name)) else {
            return true;
        };
        if ours.iter().any(|earlier| earlier.path().is_ident(name)) {
            errors.at(path, format!("`#[{name}]` is given twice; remove one"));
        } else {
            ours.push(attr.clone());
        }
        false
    });
    ours
}

fn usage(name: &str) -> &'static str {
    FIELD_ATTRIBUTES.iter().find(|(known, _)| *known == name).map_or("", |(_, form)| form)
}

fn parse_default(attr: &Attribute) -> syn::Result<Expr> {
    match &attr.meta {
        Meta::Path(path) => Err(syn::Error::new_spanned(
            path,
            "`#[default]` needs a value for when the field is absent: `#[default(2)]`",
        )),
        Meta::NameValue(MetaNameValue { eq_token, value, .. }) => Err(syn::Error::new(
            eq_token.span(),
            format!("put the value in parentheses: `#[default({})]`", compact(value)),
        )),
        Meta::List(list) if list.tokens.is_empty() => Err(syn::Error::new(
            list.delimiter.span().join(),
            "`#[default]` needs a value for when the field is absent: `#[default(2)]`",
        )),
        Meta::List(list) => {
            let values = list.parse_args_with(Punctuated::<Expr, Token![,]>::parse_terminated)?;
            let mut values = values.into_iter();
            match (values.next(), values.next()) {
                (Some(value), None) => Ok(value),
                (_, second) => Err(syn::Error::new(
                    second.map_or_else(|| list.span(), |second| second.span()),
                    "`#[default]` takes one value; a tuple needs its own parentheses: `#[default((1, 2))]`",
                )),
            }
        }
    }
}

/// A field's number, the encoding of its integers or what carries it, and whether its zero is left out.
type Numbering = (Option<LitInt>, Option<(Encodings, Span)>, Option<(Carrier, Span)>, Option<Span>);

fn parse_number(attr: &Attribute) -> syn::Result<Numbering> {
    let legal = "`#[field]` takes the field's number, and `sint` or `fixed` for integers, or `text`, `json` or `number` \
                 for a type of another crate: `#[field(3)]`, `#[field(sint)]`, `#[field(3, value = sint)]` for a map, \
                 `#[field(3, text)]`, `#[field(3, implicit)]` for a zero that is left out";
    let list = match &attr.meta {
        Meta::List(list) if !list.tokens.is_empty() => list,
        Meta::List(list) => return Err(syn::Error::new(list.delimiter.span().join(), legal)),
        other => return Err(syn::Error::new_spanned(other, legal)),
    };
    let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
    let arguments =
        parse.parse2(list.tokens.clone()).map_err(|error| syn::Error::new(error.span(), legal))?;
    let (mut number, mut carrier, mut implicit) = (None, None, None);
    let mut encoding: Option<(Encodings, Span)> = None;
    // Whether a map's key, and whether its value, has an encoding of its own.
    let (mut of_key, mut of_value) = (false, false);
    for argument in &arguments {
        match peel_expr(argument) {
            Expr::Lit(ExprLit { lit: Lit::Int(literal), .. })
                if literal.suffix().is_empty()
                    && number.is_none()
                    && encoding.is_none()
                    && carrier.is_none() =>
            {
                number = Some(literal.clone());
            }
            Expr::Assign(assign)
                if carrier.is_none() && encoding.is_some() == (of_key || of_value) =>
            {
                let part = compact(&assign.left);
                let of = encoding_named(&assign.right)
                    .ok_or_else(|| syn::Error::new_spanned(&assign.right, legal))?;
                let (encodings, _) =
                    encoding.get_or_insert((Encodings::default(), assign.left.span()));
                match part.as_str() {
                    "key" if !of_key => (encodings.key, of_key) = (of, true),
                    "value" if !of_value => (encodings.value, of_value) = (of, true),
                    _ => return Err(syn::Error::new_spanned(&assign.left, legal)),
                }
            }
            Expr::Path(path) if path.path.is_ident("implicit") && implicit.is_none() => {
                implicit = Some(path.span());
            }
            Expr::Path(path) if encoding.is_some() || carrier.is_some() => {
                return Err(syn::Error::new_spanned(path, legal));
            }
            Expr::Path(path) if path.path.is_ident("text") => {
                carrier = Some((Carrier::Text, path.span()));
            }
            Expr::Path(path) if path.path.is_ident("json") => {
                carrier = Some((Carrier::Json, path.span()));
            }
            Expr::Path(path) if path.path.is_ident("number") => {
                carrier = Some((Carrier::Number, path.span()));
            }
            other => match encoding_named(other) {
                Some(of) => encoding = Some((Encodings { key: of, value: of }, other.span())),
                None => return Err(syn::Error::new_spanned(other, legal)),
            },
        }
    }
    Ok((number, encoding, carrier, implicit))
}

/// `sint` or `fixed`.
fn encoding_named(name: &Expr) -> Option<Encoding> {
    match compact(name).as_str() {
        "sint" => Some(Encoding::Sint),
        "fixed" => Some(Encoding::Fixed),
        _ => None,
    }
}

/// Returns the span of an attribute that takes no arguments.
fn flag_span(attr: &Attribute, errors: &mut Errors) -> Option<Span> {
    let name = compact(attr.path());
    match &attr.meta {
        Meta::Path(path) => Some(path.span()),
        Meta::List(list) => {
            errors.at(&list.tokens, format!("`#[{name}]` takes no arguments: `{}`", usage(&name)));
            None
        }
        Meta::NameValue(meta) => {
            errors.at(&meta.value, format!("`#[{name}]` takes no value: `{}`", usage(&name)));
            None
        }
    }
}

fn parse_tolerance(attr: &Attribute, errors: &mut Errors) -> Option<Tolerance> {
    let legal = "`#[tolerance]` needs at least one of `abs`, `rel` and `ulps`: \
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
            errors.at(path, format!("`{name}` is given twice; remove one"));
        } else if name == "ulps" {
            found.ulps = errors.note(parse_ulps(value));
        } else if let Some(value) = errors.note(parse_distance(value)) {
            *(if name == "abs" { &mut found.abs } else { &mut found.rel }) = Some(value);
        }
    }
    Some(found)
}

/// Parses a finite literal of at least 0.
fn parse_distance(value: &Expr) -> syn::Result<f64> {
    let legal = "a tolerance is a finite literal of at least 0: `abs = 1e-9`";
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

/// Parses a number of units in the last place.
fn parse_ulps(value: &Expr) -> syn::Result<u64> {
    match peel_expr(value) {
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse(),
        other => Err(syn::Error::new_spanned(
            other,
            "`ulps` is a whole number of steps between floats: `ulps = 4`",
        )),
    }
}

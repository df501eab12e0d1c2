//! The arguments of the attribute macros:
//! `#[structure(open)]`, `#[environment(prefix = "APP_")]`, `#[model(name = "pricing::total")]`.

use proc_macro2::{Span, TokenStream};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit, LitInt, LitStr, Meta, MetaList, MetaNameValue, Path, Token};

use crate::errors::{Errors, did_you_mean};
use crate::text::{compact, peel_expr};

/// Arguments of `#[structure]`.
#[derive(Default)]
pub(crate) struct StructureArgs {
    pub(crate) krate: Option<Path>,
    pub(crate) open: Option<Span>,
    /// The name of the field that tells cases apart.
    pub(crate) label: Option<LitStr>,
    pub(crate) reserved: Vec<LitInt>,
    pub(crate) reserved_names: Vec<LitStr>,
    /// The derives above the macro, which are expanded already.
    pub(crate) above: Vec<Path>,
}

/// Arguments of `#[environment]`.
#[derive(Default)]
pub(crate) struct EnvironmentArgs {
    pub(crate) krate: Option<Path>,
    pub(crate) prefix: String,
}

/// Arguments of `#[model]`.
#[derive(Default)]
pub(crate) struct ModelArgs {
    pub(crate) krate: Option<Path>,
    pub(crate) name: Option<String>,
}

impl StructureArgs {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let known = [
            ("open", "open"),
            ("reserved", "reserved(4, \"old\")"),
            ("label", "label = \"id\""),
            CRATE,
        ];
        let mut args = Self::default();
        for meta in parse_arguments("structure", tokens, &known, errors) {
            match (compact(meta.path()).as_str(), &meta) {
                ("open", Meta::Path(path)) => args.open = Some(path.span()),
                ("open", other) => errors.at(other, "`open` takes no value: `#[structure(open)]`"),
                ("label", meta) => {
                    args.label = parse_string(meta, "`#[structure(label = \"id\")]`", errors);
                }
                ("reserved", Meta::List(list)) => args.reserve(list, errors),
                ("reserved", other) => errors.at(
                    other,
                    "`reserved` needs at least one number or name: `#[structure(reserved(4, 5, \"old\"))]`",
                ),
                _ => args.krate = parse_crate("structure", &meta, errors),
            }
        }
        args
    }

    fn reserve(&mut self, list: &MetaList, errors: &mut Errors) {
        let legal =
            "`reserved` takes field numbers and names: `#[structure(reserved(4, 5, \"old\"))]`";
        if list.tokens.is_empty() {
            errors.at(list, legal);
            return;
        }
        let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
        let Some(items) = errors.note(list.parse_args_with(parse)) else { return };
        for item in &items {
            match peel_expr(item) {
                Expr::Lit(ExprLit { lit: Lit::Int(number), .. })
                    if number.suffix().is_empty() && number.base10_parse::<u32>().is_ok() =>
                {
                    self.reserved.push(number.clone());
                }
                Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) => {
                    self.reserved_names.push(name.clone());
                }
                other => errors.at(other, legal),
            }
        }
    }
}

impl EnvironmentArgs {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let known = [("prefix", "prefix = \"APP_\""), CRATE];
        for meta in parse_arguments("environment", tokens, &known, errors) {
            if !meta.path().is_ident("prefix") {
                args.krate = parse_crate("environment", &meta, errors);
            } else if let Some(prefix) =
                parse_string(&meta, "`#[environment(prefix = \"APP_\")]`", errors)
            {
                let text = prefix.value();
                let mut letters = text.chars();
                let legal = letters
                    .next()
                    .is_none_or(|first| first.is_ascii_uppercase() || first == '_')
                    && letters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
                if !legal {
                    errors.at(
                        &prefix,
                        "a prefix consists of upper-case letters, digits and underscores, like a variable: \
                         `prefix = \"APP_\"`",
                    );
                }
                args.prefix = text;
            }
        }
        args
    }
}

impl ModelArgs {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let known = [("name", "name = \"pricing::total\""), CRATE];
        for meta in parse_arguments("model", tokens, &known, errors) {
            if !meta.path().is_ident("name") {
                args.krate = parse_crate("model", &meta, errors);
            } else if let Some(name) =
                parse_string(&meta, "`#[model(name = \"pricing::total\")]`", errors)
            {
                if is_model_id(&name.value()) {
                    args.name = Some(name.value());
                } else {
                    errors.at(
                        &name,
                        "a model's id is two or more parts joined by `::`; each part consists of a-z, 0-9, `_` \
                         and `-`, and doesn't start with a digit or `-`: `name = \"pricing::total\"`",
                    );
                }
            }
        }
        args
    }
}

/// The argument that all three macros accept.
const CRATE: (&str, &str) = ("crate", "crate = renamed");

fn is_model_id(id: &str) -> bool {
    let is_part = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(|first| first.is_ascii_lowercase() || first == '_')
            && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
    };
    id.contains("::") && id.split("::").all(is_part)
}

/// Returns the known arguments, each at most once, and reports the others.
fn parse_arguments(
    macro_name: &str,
    tokens: TokenStream,
    known: &[(&str, &str)],
    errors: &mut Errors,
) -> Vec<Meta> {
    let forms: Vec<String> = known.iter().map(|(_, form)| format!("`{form}`")).collect();
    let forms = forms.join(", ");
    let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
    let all = match parse.parse2(tokens) {
        Ok(all) => all,
        Err(error) => {
            errors.at_span(error.span(), format!("{error}: `#[{macro_name}]` accepts {forms}"));
            return Vec::new();
        }
    };
    let mut found: Vec<Meta> = Vec::new();
    for meta in all {
        let name = compact(meta.path());
        if !known.iter().any(|(known, _)| *known == name) {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            errors.at(
                meta.path(),
                format!(
                    "unknown argument `{name}`{}\n`#[{macro_name}]` accepts {forms}",
                    did_you_mean(&name, &names),
                ),
            );
        } else if found.iter().any(|earlier| compact(earlier.path()) == name) {
            errors.at(meta.path(), format!("`{name}` is given twice; remove one"));
        } else {
            found.push(meta);
        }
    }
    found
}

fn parse_crate(macro_name: &str, meta: &Meta, errors: &mut Errors) -> Option<Path> {
    if let Meta::NameValue(MetaNameValue { value, .. }) = meta
        && let Expr::Path(path) = peel_expr(value)
        && path.qself.is_none()
    {
        return Some(path.path.clone());
    }
    errors.at(
        meta,
        format!(
            "`crate` takes the path of athena-rt in this crate: `#[{macro_name}(crate = renamed)]`"
        ),
    );
    None
}

fn parse_string(meta: &Meta, legal: &str, errors: &mut Errors) -> Option<LitStr> {
    if let Meta::NameValue(MetaNameValue { value, .. }) = meta
        && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = peel_expr(value)
    {
        return Some(text.clone());
    }
    errors.at(meta, format!("`{}` takes a string: {legal}", compact(meta.path())));
    None
}

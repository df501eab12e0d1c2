//! `#[environment]`: parsing.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Fields, Ident, Item, ItemStruct, Path};

use crate::args::EnvironmentArgs;
use crate::derives::Derives;
use crate::errors::Errors;
use crate::field::{self, Field};
use crate::item::{cfgs, check_generics, keyword};
use crate::recover::take_field_values;

/// A parsed `#[environment]`.
pub(crate) struct Environment {
    pub(crate) krate: Option<Path>,
    /// The user's item without Athena's attributes.
    pub(crate) item: TokenStream,
    pub(crate) derives: Derives,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) prefix: String,
    pub(crate) fields: Vec<Field>,
    /// Whether stubs can be generated for it if there are errors: it has named fields and no generics.
    pub(crate) can_stub: bool,
}

/// The result of parsing the item below `#[environment]`.
pub(crate) enum ParsedEnvironment {
    Environment(Box<Environment>),
    /// Not a struct; emitted unchanged.
    Unsupported(TokenStream),
}

const LEGAL: &str = "`struct Settings { seed: i64 }`";

impl Environment {
    /// Returns the name of the variable that a field is read from.
    pub(crate) fn variable(&self, field: &Field) -> String {
        format!("{}{}", self.prefix, field.name.to_uppercase())
    }
}

impl ParsedEnvironment {
    pub(crate) fn parse(args: TokenStream, item: TokenStream, errors: &mut Errors) -> Self {
        let args = EnvironmentArgs::parse(args, errors);
        let item = take_field_values(item, errors);
        match syn::parse2::<Item>(item.clone()) {
            Ok(Item::Struct(item)) => Self::Environment(Box::new(parse_struct(item, args, errors))),
            Ok(other) => {
                errors.at_span(
                    keyword(&other),
                    format!(
                        "`#[environment]` is only allowed on a struct with named fields: {LEGAL}"
                    ),
                );
                Self::Unsupported(item)
            }
            Err(error) => {
                errors.push(error);
                Self::Unsupported(item)
            }
        }
    }
}

fn parse_struct(mut item: ItemStruct, args: EnvironmentArgs, errors: &mut Errors) -> Environment {
    let mut can_stub = check_generics(&item.generics, "environment", errors);
    let fields = if let Fields::Named(fields) = &mut item.fields {
        let found = field::take_fields(&mut fields.named, None, errors);
        found.into_iter().map(|(field, attrs)| check(field, &attrs, errors)).collect()
    } else {
        can_stub = false;
        errors.at(
            &item.ident,
            format!(
                "an environment needs named fields, one per variable, or an empty `{{}}`: {LEGAL}"
            ),
        );
        Vec::new()
    };
    for (index, field) in fields.iter().enumerate() {
        let upper = field.name.to_uppercase();
        if let Some(earlier) =
            fields.iter().take(index).find(|other| other.name.to_uppercase() == upper)
        {
            errors.at(
                &field.ident,
                format!(
                    "`{}` and `{}` are both read from `{}{upper}`; rename one",
                    field.name, earlier.name, args.prefix
                ),
            );
        }
    }
    let derives =
        Derives::take(&mut item.attrs, "environment", true, &crate::above::derives(), errors);
    Environment {
        krate: args.krate,
        derives,
        cfgs: cfgs(&item.attrs),
        ident: item.ident.clone(),
        item: item.into_token_stream(),
        prefix: args.prefix,
        fields,
        can_stub,
    }
}

/// Reports the attributes that belong to messages.
fn check(field: Field, attrs: &crate::attr::FieldAttrs, errors: &mut Errors) -> Field {
    let legal = "a variable accepts `#[default(..)]` and `#[secret]` only; this attribute is for fields of a `#[structure]`";
    if let Some(number) = &attrs.number {
        errors.at(number, legal);
    }
    let spans = [
        attrs.encoding.map(|(_, span)| span),
        attrs.carrier.as_ref().map(|(_, span)| *span),
        attrs.implicit,
        attrs.tolerance.as_ref().map(|found| found.span),
        attrs.examples.as_ref().map(|found| found.span),
        attrs.volatile,
        attrs.unordered,
        attrs.unknown,
    ];
    for span in spans.into_iter().flatten() {
        errors.at_span(span, legal);
    }
    field
}

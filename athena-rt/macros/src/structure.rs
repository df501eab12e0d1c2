//! `#[structure]`: parsing.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Fields, FieldsUnnamed, Generics, Ident, Item, ItemEnum, ItemStruct, Path, Type,
};

use crate::args::StructureArgs;
use crate::attr::take_ours;
use crate::derives::Derives;
use crate::enumeration::{self, Variant};
use crate::errors::Errors;
use crate::field::{self, Field};
use crate::numbers::{FIELDS, Reserved};
use crate::recover::take_field_values;
use crate::text::docs;

/// A parsed `#[structure]`.
pub(crate) struct Structure {
    pub(crate) krate: Option<Path>,
    /// The user's item without our attributes, and the derives that stand above it.
    pub(crate) item: TokenStream,
    pub(crate) derives: Derives,
    /// `#[cfg(..)]` of the item, which goes for what is generated too.
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) docs: String,
    pub(crate) open: bool,
    pub(crate) reserved: Reserved,
    pub(crate) body: Body,
    /// The field that keeps unknown fields.
    pub(crate) unknown: Option<Ident>,
}

/// The forms a structure has.
pub(crate) enum Body {
    /// `struct Sample { test: i64 }`: a message.
    Named(Vec<Field>),
    /// `struct Id(u64)`: what is inside it; two or more: a tuple.
    Tuple(Vec<Type>),
    /// `enum Kind { Retail, Trade }`: a name.
    Units(Vec<Variant>),
    /// `enum Payment { Cash, Card(String) }`: one of several.
    Data(Vec<Variant>),
    /// Something is wrong with it; the errors say what.
    Broken,
}

/// What could be made of an item that `#[structure]` stands on.
pub(crate) enum Parsed {
    Structure(Box<Structure>),
    /// Not a struct or enum: emitted as it was given.
    Foreign(TokenStream),
}

impl Parsed {
    pub(crate) fn parse(args: TokenStream, item: TokenStream, errors: &mut Errors) -> Self {
        let args = StructureArgs::parse(args, errors);
        let item = take_field_values(item, errors);
        let structure = match syn::parse2::<Item>(item.clone()) {
            Ok(Item::Struct(item)) => parse_struct(item, args, errors),
            Ok(Item::Enum(item)) => parse_enum(item, args, errors),
            Ok(other) => {
                errors.at_span(
                    keyword(&other),
                    format!("`#[structure]` stands on a struct or an enum: {LEGAL}"),
                );
                return Self::Foreign(item);
            }
            Err(error) => {
                errors.push(error);
                return Self::Foreign(item);
            }
        };
        Self::Structure(Box::new(structure))
    }
}

const LEGAL: &str = "`struct Sample { test: i64 }`";

/// The word that says what an item is.
pub(crate) fn keyword(item: &Item) -> proc_macro2::Span {
    match item {
        Item::Fn(item) => item.sig.fn_token.span(),
        Item::Struct(item) => item.struct_token.span(),
        Item::Enum(item) => item.enum_token.span(),
        Item::Union(item) => item.union_token.span(),
        Item::Trait(item) => item.trait_token.span(),
        Item::Impl(item) => item.impl_token.span(),
        Item::Mod(item) => item.mod_token.span(),
        Item::Type(item) => item.type_token.span(),
        other => other.span(),
    }
}

/// Notes an error for type parameters, lifetimes and where clauses.
pub(crate) fn refuse_generics(generics: &Generics, macro_name: &str, errors: &mut Errors) -> bool {
    let legal = format!(
        "`#[{macro_name}]` takes no type parameters or lifetimes; write the types out, as in `test: i64`"
    );
    if let Some(clause) = &generics.where_clause {
        errors.at(&clause.where_token, &legal);
    }
    if !generics.params.is_empty() {
        errors.at(&generics.params, &legal);
    }
    generics.params.is_empty() && generics.where_clause.is_none()
}

/// `#[cfg(..)]` among the attributes.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect()
}

fn parse_struct(mut item: ItemStruct, args: StructureArgs, errors: &mut Errors) -> Structure {
    let generic = !refuse_generics(&item.generics, "structure", errors);
    let reserved = Reserved::new(&args, &FIELDS, errors);
    let mut unknown = None;
    let body = match &mut item.fields {
        Fields::Named(fields) => {
            let (fields, keeper) = field::message(&mut fields.named, &args, &reserved, errors);
            unknown = keeper;
            Body::Named(fields)
        }
        Fields::Unnamed(fields) if !fields.unnamed.is_empty() => {
            refuse_message_args(&args, errors);
            Body::Tuple(tuple(fields, errors))
        }
        _ => {
            errors.at(&item.ident, format!("a structure has fields, if only `{{}}`: {LEGAL}"));
            Body::Broken
        }
    };
    let secret = matches!(&body, Body::Named(fields) if fields.iter().any(|field| field.secret));
    let derives = Derives::take(&mut item.attrs, "structure", secret, errors);
    Structure {
        krate: args.krate,
        derives,
        cfgs: cfgs(&item.attrs),
        docs: docs(&item.attrs),
        open: args.open.is_some(),
        reserved,
        body: if generic { Body::Broken } else { body },
        unknown,
        ident: item.ident.clone(),
        item: item.into_token_stream(),
    }
}

fn parse_enum(mut item: ItemEnum, args: StructureArgs, errors: &mut Errors) -> Structure {
    let generic = !refuse_generics(&item.generics, "structure", errors);
    let units = item.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit));
    let (variants, reserved) = enumeration::variants(&mut item.variants, units, &args, errors);
    if item.variants.is_empty() {
        errors.at(&item.ident, "an enum has a variant at least: `enum Kind { Retail }`");
    }
    let secret = variants.iter().any(Variant::is_secret);
    let derives = Derives::take(&mut item.attrs, "structure", secret, errors);
    let body = if generic || item.variants.is_empty() {
        Body::Broken
    } else if units {
        Body::Units(variants)
    } else {
        Body::Data(variants)
    };
    Structure {
        krate: args.krate,
        derives,
        cfgs: cfgs(&item.attrs),
        docs: docs(&item.attrs),
        open: args.open.is_some(),
        reserved,
        body,
        unknown: None,
        ident: item.ident.clone(),
        item: item.into_token_stream(),
    }
}

/// The types of a tuple struct or tuple variant, whose fields take no attributes of ours.
pub(crate) fn tuple(fields: &mut FieldsUnnamed, errors: &mut Errors) -> Vec<Type> {
    for field in &mut fields.unnamed {
        for attr in take_ours(&mut field.attrs, errors) {
            errors.at(
                attr.path(),
                "a field without a name takes no attribute of ours: name the fields, \
                 `struct Sample { #[default(2)] test: i64 }`",
            );
        }
        if let Some(inner) = crate::types::nested_option(&field.ty) {
            errors.at(
                inner,
                "an `Option` directly inside an `Option` cannot be told from an absent one; write one `Option`",
            );
        }
    }
    fields.unnamed.iter().map(|field| field.ty.clone()).collect()
}

fn refuse_message_args(args: &StructureArgs, errors: &mut Errors) {
    let legal =
        "fields without names have no names or numbers to leave open or reserve: name the fields";
    if let Some(span) = args.open {
        errors.at_span(span, legal);
    }
    if let Some(number) = args.reserved.first() {
        errors.at(number, legal);
    } else if let Some(name) = args.reserved_names.first() {
        errors.at(name, legal);
    }
}

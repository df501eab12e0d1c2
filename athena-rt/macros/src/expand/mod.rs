//! Code generation from a checked item. One file per generated implementation: a new one, such as
//! another wire format, is a new file here and a line where the implementations are combined.
//!
//! `structure`, `environment` and `model` combine the implementations; `message` does so for every
//! struct with named fields, including the hidden ones of enum variants. `runtime` has the paths to
//! `athena-rt`, `subject` the type and its parameters, `tokens` small helpers.

mod attribute_checks;
mod carrier;
mod checked;
mod converted;
mod default;
mod derived;
mod enumeration;
mod environment;
mod json;
mod members;
mod message;
mod model;
mod others;
mod runtime;
mod shape;
mod slot;
mod structure;
mod stub;
mod subject;
mod tagged;
mod tokens;
mod tuple;
mod wire;

use proc_macro2::TokenStream;
use quote::quote;

use self::runtime::Runtime;
use crate::above;
use crate::args::StructureArgs;
use crate::conditional::{Decisions, declared_twice};
use crate::environment::ParsedEnvironment;
use crate::errors::Errors;
use crate::structure::ParsedStructure;

/// Expands `#[structure]`.
pub(crate) fn structure(args: TokenStream, item: TokenStream) -> TokenStream {
    let (decisions, item) = Decisions::take(item);
    let conditional = above::conditional_derives();
    let again = || {
        let krate = StructureArgs::parse(args.clone(), &mut Errors::default()).krate;
        let rt = Runtime::new(krate.as_ref());
        quote!(#rt::structure(#args))
    };
    if let Some(twice) = declared_twice(&item, &conditional, &decisions, again) {
        return twice;
    }
    let mut errors = Errors::default();
    let above = above::derives().into_iter().chain(decisions.derives).collect();
    let parsed = ParsedStructure::parse(args, item, above, &mut errors);
    match parsed {
        ParsedStructure::Unsupported(item) => failed(&item, &errors),
        ParsedStructure::Structure(parsed) => structure::expand(*parsed, &errors),
    }
}

/// Expands `#[environment]`.
pub(crate) fn environment(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = ParsedEnvironment::parse(args, item, &mut errors);
    match parsed {
        ParsedEnvironment::Unsupported(item) => failed(&item, &errors),
        ParsedEnvironment::Environment(parsed) => environment::expand(*parsed, &errors),
    }
}

/// Expands `#[model]`.
pub(crate) fn model(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match crate::model::Model::parse(args, item, &mut errors) {
        Some(parsed) if errors.is_empty() => model::expand(&parsed, item),
        _ => failed(item, &errors),
    }
}

/// Emits the item and its errors without generated code.
fn failed(item: &TokenStream, errors: &Errors) -> TokenStream {
    let errors = errors.to_tokens();
    quote!(#item #errors)
}

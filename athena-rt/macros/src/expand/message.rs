//! Messages: the implementations of a struct with named fields, and `Part` of any type.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use super::runtime::Runtime;
use super::{default, json, shape, wire};
use crate::derives::Derives;
use crate::field::Field;
use crate::numbers::Reserved;

/// A struct with named fields: the user's, or the hidden one of a variant.
pub(super) struct Message<'a> {
    pub(super) ident: &'a Ident,
    pub(super) name: &'a str,
    /// The path after the module path, which makes the name unique.
    pub(super) path: &'a str,
    pub(super) docs: &'a str,
    pub(super) open: bool,
    pub(super) reserved: &'a Reserved,
    pub(super) fields: &'a [Field],
    /// The field with `#[unknown]`.
    pub(super) unknown: Option<&'a Ident>,
    pub(super) derives: &'a Derives,
}

/// Generates all implementations of a message.
pub(super) fn message(rt: &Runtime, message: &Message<'_>) -> TokenStream {
    let Message { ident, name, path, docs, open, reserved, fields, unknown, derives } = message;
    let defaults = default::functions(fields);
    let shape = shape::message(rt, name, path, docs, *open, reserved, fields);
    let json = json::message(rt, ident, name, *open, fields, *unknown).expand(rt, ident, derives);
    let part = part(rt, ident, &shape, &json.part);
    let serde = &json.serde;
    let wire = wire::message(rt, ident, name, fields, *unknown);
    quote! {
        #defaults
        #part
        #[automatically_derived]
        impl #rt::Structure for #ident {}
        #serde
        #wire
    }
}

/// Generates `Part` from the type's shape and its JSON functions.
pub(super) fn part(
    rt: &Runtime,
    ident: &Ident,
    shape: &TokenStream,
    json: &TokenStream,
) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #rt::Part for #ident {
            fn shape(__shapes: &mut #rt::Shapes) -> #rt::Shape {
                #shape
            }
            #json
        }
    }
}

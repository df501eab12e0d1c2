//! Messages: the implementations of a struct with named fields, and `Part` of any type.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::others::Others;
use super::runtime::{Runtime, part_constant};
use super::subject::Subject;
use super::{default, json, members, shape, wire};
use crate::derives::Derives;
use crate::field::{Field, UnknownField};
use crate::numbers::Reserved;
use crate::owner::mentions;

/// A struct with named fields: the user's, or the hidden one of a variant.
pub(super) struct Message<'a> {
    pub(super) subject: &'a Subject,
    pub(super) name: &'a str,
    /// The expression of the key that makes it unique.
    pub(super) key: TokenStream,
    pub(super) docs: &'a str,
    pub(super) open: bool,
    pub(super) reserved: &'a Reserved,
    pub(super) fields: &'a [Field],
    /// The field with `#[unknown]`.
    pub(super) unknown: Option<&'a UnknownField>,
    /// The fields that are not part of the message.
    pub(super) skipped: &'a [Field],
    pub(super) derives: &'a Derives,
}

/// Generates all implementations of a message.
pub(super) fn message(rt: &Runtime, message: &Message<'_>) -> TokenStream {
    let Message { subject, name, key, docs, open, reserved, fields, unknown, skipped, derives } =
        message;
    let others = Others { unknown: *unknown, skipped };
    let defaults = default::functions(rt, subject, fields.iter().chain(*skipped));
    let shape = shape::message(rt, name, key, docs, *open, reserved, fields);
    let json = json::message(rt, subject, name, *open, fields, others).expand(rt, subject, derives);
    let members = members::message(rt, subject, fields);
    let json_part = &json.part;
    let part = part(rt, subject, &shape, &quote!(#members #json_part), None);
    let serde = &json.serde;
    let structure = subject.implement(&quote!(#rt::Structure));
    let wire = wire::message(rt, subject, name, fields, others);
    quote! {
        #defaults
        #part
        #[automatically_derived]
        #structure {}
        #serde
        #wire
    }
}

/// Generates `Part` from the type's shape and its JSON functions.
pub(super) fn part(
    rt: &Runtime,
    subject: &Subject,
    shape: &TokenStream,
    json: &TokenStream,
    content: Option<&Type>,
) -> TokenStream {
    // A type that is its content is a list where that is one. One that contains itself is not asked.
    let content = content.filter(|ty| !mentions(ty, &subject.ident)).map(|ty| {
        let (is_list, has_floats) =
            (part_constant(rt, ty, "IS_LIST"), part_constant(rt, ty, "HAS_FLOATS"));
        let members = members::content(rt, ty);
        quote! {
            const IS_LIST: ::core::primitive::bool = #is_list;
            const HAS_FLOATS: ::core::primitive::bool = #has_floats;
            #members
        }
    });
    let part = subject.implement(&quote!(#rt::Part));
    quote! {
        #[automatically_derived]
        #part {
            #content
            fn shape(__shapes: &mut #rt::Shapes) -> #rt::Shape {
                #shape
            }
            #json
        }
    }
}

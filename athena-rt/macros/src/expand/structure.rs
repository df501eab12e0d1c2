//! `#[structure]`: the item, and the implementations put together.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use super::{Runtime, default, enumeration, hidden, json, secret, shape, stub, tuple, wire};
use crate::errors::Errors;
use crate::field::Field;
use crate::numbers::Reserved;
use crate::structure::{Body, Structure};
use crate::text::name;

/// A message: a struct with named fields, the user's or one that carries a variant.
pub(super) struct Message<'a> {
    pub(super) ident: &'a Ident,
    /// The name to show.
    pub(super) name: &'a str,
    /// What tells it from others of the same name, after the module path.
    pub(super) path: &'a str,
    pub(super) docs: &'a str,
    pub(super) open: bool,
    pub(super) reserved: &'a Reserved,
    pub(super) fields: &'a [Field],
    /// The field that keeps unknown fields.
    pub(super) unknown: Option<&'a Ident>,
}

pub(super) fn expand(structure: &Structure, errors: &Errors) -> TokenStream {
    let Structure { item, ident, .. } = structure;
    let derives = structure.derives.missing_for_structure();
    let rt = Runtime::new(structure.krate.as_ref());
    let generated = if errors.is_empty() {
        body(&rt, structure)
    } else if matches!(structure.body, Body::Broken) {
        quote!()
    } else {
        stub::structure(&rt, ident, structure.derives.hides_secrets, &structure.body)
    };
    let generated =
        if generated.is_empty() { generated } else { hidden(&structure.cfgs, &generated) };
    let errors = errors.to_tokens();
    quote! {
        #derives
        #item
        #generated
        #errors
    }
}

/// The implementations of a message.
pub(super) fn message(rt: &Runtime, message: &Message<'_>) -> TokenStream {
    let Message { ident, name, path, docs, open, reserved, fields, unknown } = message;
    let defaults = default::functions(fields);
    let shape = shape::message(rt, name, path, docs, *open, reserved, fields);
    let part = part(rt, ident, &shape, &json::through_serde(rt));
    let json = json::message(rt, ident, name, *open, fields, *unknown);
    let wire = wire::message(rt, ident, name, fields, *unknown);
    quote! {
        #defaults
        #part
        #[automatically_derived]
        impl #rt::Structure for #ident {}
        #json
        #wire
    }
}

/// `Part`, from what describes the type and what reads and writes it.
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

fn body(rt: &Runtime, structure: &Structure) -> TokenStream {
    let Structure { ident, docs, reserved, .. } = structure;
    let hides_secrets = structure.derives.hides_secrets;
    match &structure.body {
        Body::Named(fields) => {
            let name = name(ident);
            let message = message(
                rt,
                &Message {
                    ident,
                    name: &name,
                    path: &name,
                    docs,
                    open: structure.open,
                    reserved,
                    fields,
                    unknown: structure.unknown.as_ref(),
                },
            );
            let debug = hides_secrets.then(|| secret::structure(ident, fields));
            quote!(#message #debug)
        }
        Body::Tuple(types) => tuple::expand(rt, ident, types),
        Body::Units(variants) => enumeration::units(rt, structure, variants),
        Body::Data(variants) => {
            let data = enumeration::data(rt, structure, variants);
            let debug = hides_secrets.then(|| secret::enumeration(ident, variants));
            quote!(#data #debug)
        }
        Body::Broken => quote!(),
    }
}

//! `#[structure]`: emits the item and its implementations.

use proc_macro2::TokenStream;
use quote::quote;

use super::message::{Message, message};
use super::runtime::Runtime;
use super::tokens::hidden;
use super::{enumeration, secret, stub, tuple};
use crate::errors::Errors;
use crate::structure::{Body, Structure};
use crate::text::name;

pub(super) fn expand(structure: &Structure, errors: &Errors) -> TokenStream {
    let Structure { item, ident, .. } = structure;
    let derives = structure.derives.missing_for_structure();
    let rt = Runtime::new(structure.krate.as_ref());
    let generated = if errors.is_empty() {
        body(&rt, structure)
    } else if matches!(structure.body, Body::Broken) {
        quote!()
    } else {
        stub::structure(&rt, ident, &structure.derives, &structure.body)
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
                    derives: &structure.derives,
                },
            );
            let debug = hides_secrets.then(|| secret::structure(ident, fields));
            quote!(#message #debug)
        }
        Body::Tuple(types) => tuple::expand(rt, ident, &structure.derives, types),
        Body::Units(variants) => enumeration::units(rt, structure, variants),
        Body::Data(variants) => {
            let data = enumeration::data(rt, structure, variants);
            let debug = hides_secrets.then(|| secret::enumeration(ident, variants));
            quote!(#data #debug)
        }
        Body::Broken => quote!(),
    }
}

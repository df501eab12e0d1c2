//! `#[structure]`: emits the item and its implementations.

use proc_macro2::TokenStream;
use quote::quote;

use super::message::{Message, message};
use super::runtime::Runtime;
use super::subject::Subject;
use super::tokens::hidden;
use super::{enumeration, secret, stub, tuple};
use crate::errors::Errors;
use crate::structure::{Body, Structure};
use crate::text::name;

pub(super) fn expand(structure: &Structure, errors: &Errors) -> TokenStream {
    let Structure { item, .. } = structure;
    let derives = structure.derives.missing_for_structure();
    let rt = Runtime::new(structure.krate.as_ref());
    let subject = Subject::new(&rt, structure);
    let generated = if errors.is_empty() {
        body(&rt, structure, &subject)
    } else if matches!(structure.body, Body::Broken) {
        quote!()
    } else {
        stub::structure(&rt, &subject, &structure.derives, &structure.body)
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

fn body(rt: &Runtime, structure: &Structure, subject: &Subject) -> TokenStream {
    let Structure { docs, reserved, .. } = structure;
    let hides_secrets = structure.derives.hides_secrets;
    match &structure.body {
        Body::Named(fields) => {
            let name = name(&subject.ident);
            let message = message(
                rt,
                &Message {
                    subject,
                    name: &name,
                    key: subject.key(rt),
                    docs,
                    open: structure.open,
                    reserved,
                    fields,
                    unknown: structure.unknown.as_ref(),
                    derives: &structure.derives,
                },
            );
            let debug = hides_secrets.then(|| secret::structure(subject, fields));
            quote!(#message #debug)
        }
        Body::Tuple(types) => tuple::expand(rt, subject, &structure.derives, types),
        Body::Units(variants) => enumeration::units(rt, structure, subject, variants),
        Body::Data(variants) => {
            let data = enumeration::data(rt, structure, subject, variants);
            let debug = hides_secrets.then(|| secret::enumeration(subject, variants));
            quote!(#data #debug)
        }
        Body::Broken => quote!(),
    }
}

//! `#[structure]`: emits the item and its implementations.

use proc_macro2::TokenStream;
use quote::quote;

use super::message::{Message, message};
use super::runtime::Runtime;
use super::subject::Subject;
use super::tokens::hidden;
use super::{attribute_checks, carrier, checked, converted, derived, enumeration, stub, tuple};
use crate::enumeration::Variant;
use crate::errors::Errors;
use crate::structure::{Body, Structure};
use crate::text::name;

pub(super) fn expand(mut structure: Structure, errors: &Errors) -> TokenStream {
    let rt = Runtime::new(structure.krate.as_ref());
    let subject = Subject::new(&rt, &structure);
    let mut derives = structure.derives.missing_for_structure();
    let checks = if errors.is_empty() { checked::structure(&rt, &mut structure) } else { quote!() };
    structure.checked = !checks.is_empty() && !subject.is_generic();
    if structure.checked {
        derives = quote!();
    }
    let Structure { item, .. } = &structure;
    let generated = if errors.is_empty() {
        let (body, traits) =
            (body(&rt, &structure, &subject), derived::structure(&structure, &subject));
        let attributes = attribute_checks::structure(&rt, &structure);
        quote!(#checks #attributes #body #traits)
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
                    skipped: &structure.skipped,
                    derives: &structure.derives,
                },
            );
            let functions = carrier::functions(rt, subject, fields.iter());
            quote!(#functions #message)
        }
        Body::Transparent(field) => tuple::transparent(rt, subject, &structure.derives, field),
        Body::Converted(conversion) => {
            converted::expand(rt, subject, &structure.derives, conversion)
        }
        Body::Tuple(types) => tuple::expand(rt, subject, &structure.derives, types),
        Body::Units(variants) => enumeration::units(rt, structure, subject, variants),
        Body::Data(variants) => {
            let data = enumeration::data(rt, structure, subject, variants);
            let fields = variants.iter().flat_map(Variant::fields);
            let functions = carrier::functions(rt, subject, fields);
            quote!(#functions #data)
        }
        Body::Broken => quote!(),
    }
}

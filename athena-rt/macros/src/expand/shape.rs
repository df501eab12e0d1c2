//! `Part::shape`: the description of a type, with names, numbers, types, docs and defaults.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::Type;

use super::attribute_checks::attribute_checks;
use super::runtime::{Runtime, as_part, part_constant};
use super::subject::Subject;
use super::tokens::option;
use super::wire::Records;
use crate::attr::{Encoding, Encodings, Tolerance};
use crate::enumeration::{Tagging, Variant, VariantData};
use crate::field::Field;
use crate::numbers::Reserved;
use crate::structure::Structure;
use crate::text::compact;
use crate::types::single_or_tuple;

/// Generates the description of a message; the key makes it unique.
pub(super) fn message(
    rt: &Runtime,
    name: &str,
    key: &TokenStream,
    docs: &str,
    open: bool,
    reserved: &Reserved,
    fields: &[Field],
) -> TokenStream {
    // What depends on parameters is known only where they are.
    let checks = fields.iter().filter(|field| field.is_generic).flat_map(|field| {
        attribute_checks(rt, field).into_iter().map(|check| quote!(const { #check };))
    });
    let checks = quote!(#(#checks)*);
    let fields = fields.iter().map(|field| self::field(rt, field));
    let Reserved { numbers, names } = reserved;
    quote! {
        #checks
        __shapes.structure(
            #key,
            |__shapes| #rt::StructureShape {
                name: #name,
                docs: #docs,
                open: #open,
                reserved: &[#(#numbers),*],
                reserved_names: &[#(#names),*],
                fields: ::std::vec![#(#fields),*],
            },
        )
    }
}

/// Generates the description of an enum.
pub(super) fn enumeration(
    rt: &Runtime,
    structure: &Structure,
    subject: &Subject,
    name: &str,
    variants: &[Variant],
) -> TokenStream {
    let Structure { docs, reserved, tagging, .. } = structure;
    let key = subject.key(rt);
    let tagging = match tagging {
        Tagging::External => quote!(External),
        Tagging::Internal(tag) => quote!(Internal { tag: #tag }),
        Tagging::Adjacent(tag, content) => quote!(Adjacent { tag: #tag, content: #content }),
        Tagging::Untagged => quote!(Untagged),
    };
    let variants = variants.iter().map(|variant| {
        let (name, number) = (&variant.key, variant.number);
        let other = variant.other.then(|| quote!(.other()));
        let named = named(&variant.name, &variant.key, &variant.aliases);
        let named = quote!(#named #other);
        let docs = described(&variant.docs);
        let encoding = (variant.encoding.value != Encoding::Plain).then(|| {
            let encoding = encoding(rt, variant.encoding.value);
            quote!(.encoding(#encoding))
        });
        let data = match &variant.data {
            VariantData::Unit => return quote!(#rt::Variant::unit(#name, #number) #named #docs),
            VariantData::Tuple(types) => tuple(rt, types),
            VariantData::Named(_) => {
                let carrier = variant.carrier(subject).ty();
                quote!(<#carrier as #rt::Part>::shape(__shapes))
            }
        };
        quote!(#rt::Variant::with(#name, #number, #data) #named #docs #encoding)
    });
    let Reserved { numbers, names } = reserved;
    quote! {
        __shapes.enumeration(
            #key,
            |__shapes| #rt::EnumShape {
                name: #name,
                docs: #docs,
                tagging: #rt::Tagging::#tagging,
                reserved: &[#(#numbers),*],
                reserved_names: &[#(#names),*],
                variants: ::std::vec![#(#variants),*],
            },
        )
    }
}

/// Generates the shape of one type, or of a tuple of several.
pub(super) fn tuple(rt: &Runtime, types: &[Type]) -> TokenStream {
    as_part(rt, &single_or_tuple(types), "shape", &quote!(__shapes))
}

fn field(rt: &Runtime, field: &Field) -> TokenStream {
    let (name, number) = (&field.key, field.number);
    let kind = if field.is_generic {
        let ty = &field.ty;
        quote!(#rt::type_label::<#ty>())
    } else {
        compact(&field.ty).to_token_stream()
    };
    let named = named(&field.name, &field.key, &field.aliases);
    let part = field.part(rt);
    let shape = as_part(rt, &part, "shape", &quote!(__shapes));
    let docs = described(&field.docs);
    let fallback = if let Some(fallback) = &field.default {
        let function = fallback.path();
        let value = field.wrap_part(rt, &quote!(&#function()));
        let json = as_part(rt, &part, "json", &value);
        if field.default_by_type {
            let is_option = part_constant(rt, &part, "IS_OPTION");
            quote!(.default_unless_option(#is_option, #json))
        } else {
            quote!(.default(#json))
        }
    } else {
        let absent = as_part(rt, &part, "absent", &quote!());
        quote!(.required(#absent.is_none()))
    };
    let tolerance = field.tolerance.as_ref().map(tolerance);
    let volatile = field.volatile.then(|| quote!(.volatile()));
    let unordered = field.unordered.map(|_| quote!(.unordered()));
    let secret = field.secret.then(|| quote!(.secret()));
    let label = field.label.then(|| quote!(.label()));
    let Encodings { key, value } = field.encoding;
    let encoding = (key != Encoding::Plain || value != Encoding::Plain).then(|| {
        let (key, value) = (encoding(rt, key), encoding(rt, value));
        quote!(.encoding(#key, #value))
    });
    let examples = &field.examples;
    let examples = (!examples.is_empty()).then(|| quote!(.examples(&[#(#examples),*])));
    let oneof = field.oneof.then(|| quote!(.oneof()));
    let flatten = field.flatten.then(|| quote!(.flatten()));
    let one_record = match field.records() {
        Records::Many => None,
        Records::One => Some(quote!(.one_record())),
        Records::ByType => {
            let is_empty = part_constant(rt, &part, "IS_EMPTY_BY_DEFAULT");
            Some(quote!(.one_record_unless(#is_empty)))
        }
    };
    quote! {
        #rt::Field::new(#name, #number, #shape)
            #named #docs .kind(#kind) #flatten #encoding #oneof #one_record #fallback #examples #tolerance #volatile #unordered #secret #label
    }
}

fn encoding(rt: &Runtime, encoding: Encoding) -> TokenStream {
    match encoding {
        Encoding::Plain => quote!(#rt::Encoding::Plain),
        Encoding::Sint => quote!(#rt::Encoding::Sint),
        Encoding::Fixed => quote!(#rt::Encoding::Fixed),
    }
}

/// Generates the name in Rust, if it differs from the key, and the other keys that are read.
fn named(name: &str, key: &str, aliases: &[String]) -> TokenStream {
    let declared = (name != key).then(|| quote!(.declared(#name)));
    let aliases = (!aliases.is_empty()).then(|| quote!(.aliases(&[#(#aliases),*])));
    quote!(#declared #aliases)
}

fn described(docs: &str) -> Option<TokenStream> {
    (!docs.is_empty()).then(|| quote!(.docs(#docs)))
}

fn tolerance(tolerance: &Tolerance) -> TokenStream {
    let Tolerance { abs, rel, ulps, .. } = tolerance;
    let (abs, rel) = (option(abs.as_ref()), option(rel.as_ref()));
    let ulps = option(ulps.as_ref());
    quote!(.tolerance(#abs, #rel, #ulps))
}

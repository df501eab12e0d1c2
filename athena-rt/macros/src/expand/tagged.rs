//! Enums with a tag in their data, with a tag beside it, or without one: how serde's `tag`, `content` and
//! `untagged` lay them out.

use proc_macro2::TokenStream;
use quote::quote;

use super::json::{JsonBodies, write_flat, write_plain};
use super::runtime::{Runtime, as_part};
use super::subject::Subject;
use crate::enumeration::{Tagging, Variant, VariantData};
use crate::structure::Structure;
use crate::text::name;
use crate::types::single_or_tuple;

/// Generates the bodies that write and read the enum, and how its variants are read by their index.
pub(super) fn bodies(
    rt: &Runtime,
    structure: &Structure,
    subject: &Subject,
    variants: &[Variant],
    names: &TokenStream,
) -> (JsonBodies, TokenStream) {
    let (ident, open) = (&subject.ident, structure.open);
    let shown = name(ident);
    let tagging = &structure.tagging;
    let writes = variants.iter().map(|variant| write(rt, subject, tagging, variant));
    let reads = variants.iter().enumerate().map(|(index, variant)| {
        let value = read(rt, subject, variant, open);
        if index + 1 == variants.len() { quote!(_ => #value) } else { quote!(#index => #value) }
    });
    let units = variants.iter().enumerate().filter_map(|(index, variant)| {
        let tag = &variant.ident;
        matches!(variant.data, VariantData::Unit)
            .then(|| quote!(#index => ::core::option::Option::Some(#ident::#tag)))
    });
    let layout = quote!(#rt::layout);
    let read = match tagging {
        Tagging::Internal(tag) => quote!(#layout::read_internal::<Self, __D>(__deserializer, #tag)),
        Tagging::Adjacent(tag, content) => {
            quote!(#layout::read_adjacent::<Self, __D>(__deserializer, #tag, #content, #open))
        }
        Tagging::External | Tagging::Untagged => {
            quote!(#layout::read_untagged::<Self, __D>(__deserializer))
        }
    };
    let implement = subject.implement(&quote!(#layout::TaggedEnum));
    let by_index = quote! {
        #[automatically_derived]
        #implement {
            const NAME: &'static ::core::primitive::str = #shown;
            fn variants() -> #rt::Variants {
                #names
            }
            fn read<'de, __D>(
                __index: ::core::primitive::usize,
                __deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error>
            where
                __D: #rt::serde::Deserializer<'de>,
            {
                match __index { #(#reads,)* }
            }
            fn without_data(__index: ::core::primitive::usize) -> ::core::option::Option<Self> {
                match __index {
                    #(#units,)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    };
    (JsonBodies { write: quote!(match self { #(#writes)* }), read }, by_index)
}

fn read(rt: &Runtime, subject: &Subject, variant: &Variant, open: bool) -> TokenStream {
    let (ident, tag) = (&subject.ident, &variant.ident);
    let (ty, value) = match &variant.data {
        VariantData::Unit => {
            return quote! {
                ::core::result::Result::map(
                    #rt::layout::no_data(__deserializer, #open),
                    |()| #ident::#tag,
                )
            };
        }
        VariantData::Tuple(types) if types.len() == 1 => {
            (single_or_tuple(types), quote!(#ident::#tag(__value)))
        }
        VariantData::Tuple(types) => {
            let places = (0..types.len()).map(syn::Index::from);
            (single_or_tuple(types), quote!(#ident::#tag(#(__value.#places),*)))
        }
        VariantData::Named(fields) => {
            let carrier = variant.carrier(subject).ty();
            let fields = fields.iter().map(|field| &field.ident);
            (syn::parse_quote!(#carrier), quote!(#ident::#tag { #(#fields: __value.#fields),* }))
        }
    };
    let read = as_part(rt, &ty, "from_json", &quote!(__deserializer));
    quote!(::core::result::Result::map(#read, |__value: #ty| #value))
}

fn write(rt: &Runtime, subject: &Subject, tagging: &Tagging, variant: &Variant) -> TokenStream {
    let ident = &subject.ident;
    let (tag, key, owner) = (&variant.ident, &variant.key, name(ident));
    let layout = quote!(#rt::layout);
    let serializer = quote!(#rt::serde::Serializer);
    let (pattern, value) = match &variant.data {
        VariantData::Unit => {
            let written = match tagging {
                Tagging::Internal(name) | Tagging::Adjacent(name, _) => {
                    quote!(#layout::adjacent_unit(__serializer, #owner, #name, #key))
                }
                _ => quote!(#serializer::serialize_unit(__serializer)),
            };
            return quote!(#ident::#tag => #written,);
        }
        VariantData::Named(fields) => {
            let bound: Vec<_> = fields
                .iter()
                .map(|field| {
                    let (ident, slot) = (&field.ident, field.slot());
                    quote!(#ident: #slot)
                })
                .collect();
            if !matches!(tagging, Tagging::Adjacent(..)) {
                let first = match tagging {
                    Tagging::Internal(name) => Some((name.as_str(), key.as_str())),
                    _ => None,
                };
                let value = |field: &crate::field::Field| {
                    let slot = field.slot();
                    quote!(#slot)
                };
                let body = if fields.iter().any(|field| field.flatten) {
                    write_flat(rt, fields, value, first)
                } else {
                    write_plain(rt, &owner, fields, value, first)
                };
                return quote!(#ident::#tag { #(#bound),* } => { #body });
            }
            let carrier = variant.carrier(subject);
            let copies = fields.iter().map(|field| {
                let (ident, slot) = (&field.ident, field.slot());
                quote!(#ident: ::core::clone::Clone::clone(#slot))
            });
            let (name, marker) = (&carrier.ident, carrier.marker());
            let ty = carrier.ty();
            let ty = syn::parse_quote!(#ty);
            let json = as_part(rt, &ty, "json", &quote!(&#name { #(#copies,)* #marker }));
            (quote!({ #(#bound),* }), (json, None))
        }
        VariantData::Tuple(types) if types.len() == 1 => {
            let ty = single_or_tuple(types);
            let json = as_part(rt, &ty, "json", &quote!(__value));
            (quote!((__value)), (json, Some(ty)))
        }
        VariantData::Tuple(types) => {
            let slots: Vec<_> =
                (0..types.len()).map(|index| quote::format_ident!("__{}", index)).collect();
            let ty = single_or_tuple(types);
            let value = quote!(&(#(::core::clone::Clone::clone(#slots)),*));
            (quote!((#(#slots),*)), (as_part(rt, &ty, "json", &value), None))
        }
    };
    let written = match (tagging, value) {
        (Tagging::Internal(name), (_, Some(ty))) => {
            quote!(#layout::internal::<__S, #ty>(__serializer, #name, #key, __value))
        }
        (Tagging::Adjacent(name, content), (json, _)) => {
            quote!(#layout::adjacent(__serializer, #owner, (#name, #content), #key, &#json))
        }
        (_, (json, _)) => quote!(#rt::serde::Serialize::serialize(&#json, __serializer)),
    };
    quote!(#ident::#tag #pattern => #written,)
}

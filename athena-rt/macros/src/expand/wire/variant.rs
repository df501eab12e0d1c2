//! The variants of an enum with data.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Index};

use super::member::{Member, write_backwards};
use crate::enumeration::{Variant, VariantData};
use crate::expand::runtime::Runtime;
use crate::expand::subject::Subject;
use crate::expand::tokens::located_at;
use crate::types::single_or_tuple;

/// Generates the arm that writes a variant.
pub(super) fn write_variant(rt: &Runtime, ident: &Ident, variant: &Variant) -> TokenStream {
    let wire = &quote!(#rt::wire);
    let (tag, number) = (&variant.ident, variant.number);
    let nested = quote!(#wire::message::nested);
    match &variant.data {
        VariantData::Unit => quote!(#ident::#tag => #nested(#number, __writer, |_| {}),),
        VariantData::Tuple(types) if types.len() == 1 => {
            let ty = single_or_tuple(types);
            let form = variant.encoding.form(wire);
            let this = quote_spanned!(ty.span()=> <#ty as #wire::Wire<#form>>);
            let write =
                located_at(quote!(#this::encode_one(__value, #number, __writer)), ty.span());
            quote!(#ident::#tag(__value) => #write,)
        }
        VariantData::Tuple(types) => {
            let members: Vec<_> =
                types.iter().enumerate().map(|(at, ty)| Member::from_position(at, ty)).collect();
            let slots = members.iter().map(|member| &member.slot);
            let writes = write_backwards(wire, &members, |member| member.slot.to_token_stream());
            quote!(#ident::#tag(#(#slots),*) => #nested(#number, __writer, |__writer| { #writes }),)
        }
        VariantData::Named(fields) => {
            let members: Vec<_> =
                fields.iter().map(|field| Member::from_field(rt, field)).collect();
            let bound = members.iter().map(|Member { access, slot, .. }| quote!(#access: #slot));
            let writes = write_backwards(wire, &members, |member| member.slot.to_token_stream());
            quote!(#ident::#tag { #(#bound),* } => #nested(#number, __writer, |__writer| { #writes }),)
        }
    }
}

/// Generates the arm that merges a record of a variant, into the value of an earlier record if any.
pub(super) fn merge_variant(
    wire: &TokenStream,
    subject: &Subject,
    variant: &Variant,
) -> TokenStream {
    let ident = &subject.ident;
    let (tag, number) = (&variant.ident, variant.number);
    let (ty, pattern, held, made) = match &variant.data {
        VariantData::Unit => {
            return quote!(#number => #wire::enumeration::merge_unit(__slots, #ident::#tag, __key, __reader));
        }
        VariantData::Tuple(types) if types.len() == 1 => {
            (single_or_tuple(types), quote!((__value)), quote!(__value), quote!((__value)))
        }
        VariantData::Tuple(types) => {
            let slots: Vec<_> = (0..types.len()).map(|n| format_ident!("__{}", n)).collect();
            let places = (0..types.len()).map(Index::from);
            let bound = quote!((#(#slots),*));
            (single_or_tuple(types), bound.clone(), bound, quote!((#(__value.#places),*)))
        }
        VariantData::Named(fields) => {
            let carrier = variant.carrier(subject);
            let (hidden, ty, marker) = (&carrier.ident, carrier.ty(), carrier.marker());
            let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
            (
                syn::parse_quote!(#ty),
                quote!({ #(#names),* }),
                quote!(#hidden { #(#names,)* #marker }),
                quote!({ #(#names: __value.#names),* }),
            )
        }
    };
    let form = variant.encoding.form(wire);
    let merge = quote!(#wire::enumeration::merge_variant::<Self, #ty, #form>);
    let merge = located_at(merge, ty.span());
    quote! {
        #number => #merge(
            __slots,
            |__variant| match __variant {
                #ident::#tag #pattern => ::core::option::Option::Some(#held),
                #[allow(unreachable_patterns)]
                _ => ::core::option::Option::None,
            },
            |__value| #ident::#tag #made,
            __key,
            __reader,
        )
    }
}

//! The variants of an enum with data, written and read.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Index};

use super::member::{Member, backwards, located_at};
use crate::enumeration::{Data, Variant};
use crate::expand::tuple;

// The arm that writes a variant.
pub(super) fn write_variant(wire: &TokenStream, ident: &Ident, variant: &Variant) -> TokenStream {
    let (tag, number) = (&variant.ident, variant.number);
    let nested = quote!(#wire::message::nested);
    match &variant.data {
        Data::Unit => quote!(#ident::#tag => #nested(#number, __writer, |_| {}),),
        Data::Tuple(types) if types.len() == 1 => {
            let ty = tuple::inner(types);
            let this = quote_spanned!(ty.span()=> <#ty as #wire::Wire>);
            let write =
                located_at(quote!(#this::encode_one(__value, #number, __writer)), ty.span());
            quote!(#ident::#tag(__value) => #write,)
        }
        Data::Tuple(types) => {
            let members: Vec<_> =
                types.iter().enumerate().map(|(at, ty)| Member::at(at, ty)).collect();
            let slots = members.iter().map(|member| &member.slot);
            let writes = backwards(wire, &members, |member| member.slot.to_token_stream());
            quote!(#ident::#tag(#(#slots),*) => #nested(#number, __writer, |__writer| { #writes }),)
        }
        Data::Named(fields) => {
            let members: Vec<_> = fields.iter().map(Member::of).collect();
            let bound = members.iter().map(|Member { access, slot, .. }| quote!(#access: #slot));
            let writes = backwards(wire, &members, |member| member.slot.to_token_stream());
            quote!(#ident::#tag { #(#bound),* } => #nested(#number, __writer, |__writer| { #writes }),)
        }
    }
}

// The arm that takes in a record of a variant: into what an earlier record of it held, if any.
pub(super) fn merge_variant(wire: &TokenStream, ident: &Ident, variant: &Variant) -> TokenStream {
    let (tag, number) = (&variant.ident, variant.number);
    let (ty, pattern, held, made) = match &variant.data {
        Data::Unit => {
            return quote!(#number => #wire::enumeration::merge_unit(__slots, #ident::#tag, __key, __reader));
        }
        Data::Tuple(types) if types.len() == 1 => {
            (tuple::inner(types), quote!((__value)), quote!(__value), quote!((__value)))
        }
        Data::Tuple(types) => {
            let slots: Vec<_> = (0..types.len()).map(|n| format_ident!("__{}", n)).collect();
            let places = (0..types.len()).map(Index::from);
            let bound = quote!((#(#slots),*));
            (tuple::inner(types), bound.clone(), bound, quote!((#(__value.#places),*)))
        }
        Data::Named(fields) => {
            let carrier = variant.carrier(ident);
            let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
            (
                syn::parse_quote!(#carrier),
                quote!({ #(#names),* }),
                quote!(#carrier { #(#names),* }),
                quote!({ #(#names: __value.#names),* }),
            )
        }
    };
    let merge = quote!(#wire::enumeration::merge_variant::<Self, #ty>);
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

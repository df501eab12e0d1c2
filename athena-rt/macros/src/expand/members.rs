//! The members that a type takes from the object around it where it is flattened: a structure those of its names, an enum
//! those of its variants or its tag.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::runtime::{Runtime, part_constant};
use super::subject::Subject;
use crate::enumeration::{Tagging, Variant};
use crate::field::Field;
use crate::owner::mentions;

/// Generates the constant of a struct with named fields: its own names, and what its flattened fields take.
pub(super) fn message(rt: &Runtime, subject: &Subject, fields: &[Field]) -> TokenStream {
    let (flat, own): (Vec<&Field>, Vec<&Field>) = fields.iter().partition(|field| field.flatten);
    let names = own.iter().flat_map(|field| names(&field.key, &field.aliases));
    // One that contains itself takes all that is left, as a map does.
    if flat.iter().any(|field| mentions(&field.ty, &subject.ident)) {
        return quote!();
    }
    let inner: Vec<_> =
        flat.iter().map(|field| part_constant(rt, &field.part(rt), "MEMBERS")).collect();
    let names = quote!(#rt::is_one_of(&[#(#names),*], __key));
    let some = quote! {
        ::core::option::Option::Some(|__key| {
            #names #(|| ::core::option::Option::is_some_and(#inner, |__is_taken| __is_taken(__key)))*
        })
    };
    if inner.is_empty() {
        return constant("MEMBERS", &some);
    }
    let value = quote! {
        if #(::core::option::Option::is_none(&#inner))||* { ::core::option::Option::None } else { #some }
    };
    constant("MEMBERS", &value)
}

/// Generates the constants of an enum with data.
pub(super) fn enumeration(rt: &Runtime, tagging: &Tagging, variants: &[Variant]) -> TokenStream {
    let by = |names: &[&str]| quote!(::core::option::Option::Some(|__key| #rt::is_one_of(&[#(#names),*], __key)));
    match tagging {
        Tagging::External => {
            let names: Vec<&str> =
                variants.iter().flat_map(|variant| names(&variant.key, &variant.aliases)).collect();
            constant("MEMBERS", &by(&names))
        }
        Tagging::Internal(tag) => constant("SIGNS", &by(&[tag])),
        Tagging::Adjacent(tag, content) => constant("MEMBERS", &by(&[tag, content])),
        Tagging::Untagged => quote!(),
    }
}

/// Generates the constants of a type that is its content.
pub(super) fn content(rt: &Runtime, ty: &Type) -> TokenStream {
    let members = constant("MEMBERS", &part_constant(rt, ty, "MEMBERS"));
    let signs = constant("SIGNS", &part_constant(rt, ty, "SIGNS"));
    quote!(#members #signs)
}

fn constant(name: &str, value: &TokenStream) -> TokenStream {
    let name = quote::format_ident!("{}", name);
    quote! {
        const #name: ::core::option::Option<fn(&::core::primitive::str) -> ::core::primitive::bool> = #value;
    }
}

fn names<'a>(key: &'a str, aliases: &'a [String]) -> impl Iterator<Item = &'a str> {
    std::iter::once(key).chain(aliases.iter().map(String::as_str))
}

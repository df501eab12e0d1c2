//! The local variables that hold the fields while an object is read, key by key.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::runtime::Runtime;
use crate::field::Field;

/// Declares the variables, empty.
pub(super) fn declare(rt: &Runtime, fields: &[Field]) -> impl Iterator<Item = TokenStream> {
    fields.iter().map(move |field| {
        let (slot, ty) = (field.slot(), field.part(rt));
        quote!(let mut #slot: ::core::option::Option<#ty> = ::core::option::Option::None;)
    })
}

/// Generates the field of the finished value: the value read, otherwise the default, otherwise what
/// `absent` returns for the type.
pub(super) fn take_or_default(
    rt: &Runtime,
    field: &Field,
    absent: impl FnOnce(&Type) -> TokenStream,
) -> TokenStream {
    let (ident, slot) = (&field.ident, field.slot());
    let missing = if let Some(fallback) = &field.default {
        let function = fallback.path();
        quote!(#function())
    } else {
        field.unwrap_part(rt, &absent(&field.part(rt)))
    };
    let value = field.unwrap_part(rt, &quote!(__value));
    quote! {
        #ident: match #slot {
            ::core::option::Option::Some(__value) => #value,
            ::core::option::Option::None => #missing,
        }
    }
}

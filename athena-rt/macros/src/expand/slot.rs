//! The local variables that hold fields while what they are part of is read, key by key.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use crate::field::Field;

/// Declares them, empty.
pub(super) fn declare(fields: &[Field]) -> impl Iterator<Item = TokenStream> {
    fields.iter().map(|field| {
        let (slot, ty) = (field.slot(), &field.ty);
        quote!(let mut #slot: ::core::option::Option<#ty> = ::core::option::Option::None;)
    })
}

/// The field as part of the whole: what was read, or else its default, or else what `absent` says
/// of its type.
pub(super) fn taken(field: &Field, absent: impl FnOnce(&Type) -> TokenStream) -> TokenStream {
    let (ident, slot) = (&field.ident, field.slot());
    let missing = if let Some(fallback) = &field.default {
        let function = &fallback.function;
        quote!(#function())
    } else {
        absent(&field.ty)
    };
    quote! {
        #ident: match #slot {
            ::core::option::Option::Some(__value) => __value,
            ::core::option::Option::None => #missing,
        }
    }
}

//! The field with the unknown fields of a message: its pieces of the generated code.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::field::UnknownField;

/// The pieces, all empty for a message that skips unknown fields.
pub(super) struct KeptUnknown {
    /// The slot while a message is read, empty.
    pub(super) empty: TokenStream,
    /// Its declaration.
    pub(super) slot: TokenStream,
    /// Writes the fields.
    pub(super) write: TokenStream,
    /// Takes in a record that belongs to no field.
    pub(super) merge: TokenStream,
    /// The field of the finished value.
    pub(super) finish: TokenStream,
    /// The slot of a value.
    pub(super) resume: TokenStream,
}

impl KeptUnknown {
    pub(super) fn new(wire: &TokenStream, unknown: Option<&UnknownField>) -> Self {
        let Some(UnknownField { ident, ty }) = unknown else {
            return Self {
                empty: quote!(),
                slot: quote!(),
                write: quote!(),
                merge: quote!(__reader.skip(__key)),
                finish: quote!(),
                resume: quote!(),
            };
        };
        let keeper = quote_spanned!(ty.span()=> <#ty as #wire::KeepsUnknown>);
        Self {
            empty: quote!(__unknown: ::core::default::Default::default(),),
            slot: quote!(__unknown: #wire::UnknownFields,),
            write: quote!(#keeper::unknown(&self.#ident).encode(__writer);),
            merge: quote!(__reader.keep(__key, &mut __slots.__unknown)),
            finish: quote!(#ident: #keeper::from_unknown(__slots.__unknown),),
            resume: quote!(__unknown: ::core::clone::Clone::clone(#keeper::unknown(&self.#ident)),),
        }
    }
}

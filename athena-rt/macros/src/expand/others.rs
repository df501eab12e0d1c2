//! The fields of a struct that are not those of its message: unknown and skipped ones.

use proc_macro2::TokenStream;
use quote::quote;

use crate::field::{Field, UnknownField};

/// The fields of a struct that are not those of its message.
#[derive(Clone, Copy)]
pub(super) struct Others<'a> {
    pub(super) unknown: Option<&'a UnknownField>,
    pub(super) skipped: &'a [Field],
}

impl Others<'_> {
    /// No such fields.
    pub(super) const NONE: Self = Self { unknown: None, skipped: &[] };

    /// Generates the fields that are not part of the message, with their defaults.
    pub(super) fn defaults(&self) -> TokenStream {
        let fields = self.skipped.iter().filter_map(|field| {
            let (ident, function) = (&field.ident, field.default.as_ref()?.path());
            Some(quote!(#ident: #function(),))
        });
        fields.collect()
    }
}

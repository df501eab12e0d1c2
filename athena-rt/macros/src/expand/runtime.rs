//! The path to `athena-rt` in generated code, and calls of its traits.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Path, Type};

use crate::crate_name::crate_name;

/// The path to the items that generated code uses: `::athena_rt::__private`.
pub(super) struct Runtime(TokenStream);

impl Runtime {
    pub(super) fn new(krate: Option<&Path>) -> Self {
        Self::with_span(krate, Span::call_site())
    }

    /// Uses `span` for errors. A path that the user wrote keeps its own span.
    pub(super) fn with_span(krate: Option<&Path>, span: Span) -> Self {
        let Some(path) = krate else {
            let name = crate_name();
            let mut name = syn::parse_str(name).unwrap_or_else(|_| Ident::new_raw(name, span));
            name.set_span(span);
            return Self(quote_spanned!(span=> ::#name::__private));
        };
        Self(quote!(#path::__private))
    }
}

impl ToTokens for Runtime {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// Generates `<T as Part>::function(args)` with the span of `T`, so that a type that can't be part of
/// a message is one error, at the type.
pub(super) fn as_part(rt: &Runtime, ty: &Type, function: &str, args: &TokenStream) -> TokenStream {
    let function = Ident::new(function, ty.span());
    quote_spanned!(ty.span()=> <#ty as #rt::Part>::#function(#args))
}

/// Generates `<T as Part>::CONSTANT` in the same way.
pub(super) fn part_constant(rt: &Runtime, ty: &Type, constant: &str) -> TokenStream {
    let constant = Ident::new(constant, ty.span());
    quote_spanned!(ty.span()=> <#ty as #rt::Part>::#constant)
}

/// Generates `<T as Setting>::function(args)` in the same way.
pub(super) fn as_setting(
    rt: &Runtime,
    ty: &Type,
    function: &str,
    args: &TokenStream,
) -> TokenStream {
    let function = Ident::new(function, ty.span());
    quote_spanned!(ty.span()=> <#ty as #rt::Setting>::#function(#args))
}

//! From a checked item to what is generated for it. One file an implementation: a new one
//! (another wire format, say) is a file beside these and a line where they are put together.

mod default;
mod enumeration;
mod environment;
mod json;
mod model;
mod secret;
mod shape;
mod slot;
mod structure;
mod stub;
mod tuple;
mod wire;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, Ident, Path, Type};

use crate::errors::Errors;
use crate::field::Field;

/// What `#[structure]` becomes.
pub(crate) fn structure(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = crate::structure::Parsed::parse(args, item, &mut errors);
    match parsed {
        crate::structure::Parsed::Foreign(item) => failed(&item, &errors),
        crate::structure::Parsed::Structure(parsed) => structure::expand(&parsed, &errors),
    }
}

/// What `#[environment]` becomes.
pub(crate) fn environment(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = crate::environment::Parsed::parse(args, item, &mut errors);
    match parsed {
        crate::environment::Parsed::Foreign(item) => failed(&item, &errors),
        crate::environment::Parsed::Environment(parsed) => environment::expand(&parsed, &errors),
    }
}

/// What `#[model]` becomes.
pub(crate) fn model(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match crate::model::Model::parse(args, item, &mut errors) {
        Some(parsed) if errors.is_empty() => model::expand(&parsed, item),
        _ => failed(item, &errors),
    }
}

/// The item with its errors, and nothing generated.
fn failed(item: &TokenStream, errors: &Errors) -> TokenStream {
    let errors = errors.to_tokens();
    quote!(#item #errors)
}

/// The path to what generated code may use: `::athena_rt::__private`.
struct Runtime(TokenStream);

impl Runtime {
    fn new(krate: Option<&Path>) -> Self {
        Self::at(krate, Span::call_site())
    }

    /// The same, standing elsewhere for errors. What the user named stands where they named it.
    fn at(krate: Option<&Path>, span: Span) -> Self {
        Self(krate.map_or_else(
            || quote_spanned!(span=> ::athena_rt::__private),
            |path| quote!(#path::__private),
        ))
    }
}

impl ToTokens for Runtime {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// `<T as Part>::function(args)`, all where the user wrote `T`: that a type is no part of a message
/// is one error, there.
fn as_part(rt: &Runtime, ty: &Type, function: &str, args: &TokenStream) -> TokenStream {
    let function = Ident::new(function, ty.span());
    quote_spanned!(ty.span()=> <#ty as #rt::Part>::#function(#args))
}

/// `<T as Setting>::function(args)`, in the same way.
fn as_setting(rt: &Runtime, ty: &Type, function: &str, args: &TokenStream) -> TokenStream {
    let function = Ident::new(function, ty.span());
    quote_spanned!(ty.span()=> <#ty as #rt::Setting>::#function(#args))
}

/// Generated items, out of sight of the user's names.
fn hidden(cfgs: &[Attribute], items: &TokenStream) -> TokenStream {
    quote! {
        #(#cfgs)*
        const _: () = { #items };
    }
}

/// The keys of an object as a slice of strings.
fn names(fields: &[Field]) -> TokenStream {
    let names = fields.iter().map(|field| &field.name);
    quote!(&[#(#names),*])
}

/// `Some(..)` or `None`, in the generated code.
fn option(value: Option<&impl ToTokens>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}

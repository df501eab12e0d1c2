//! Checks of an item that all three macros share.

use syn::spanned::Spanned as _;
use syn::{Attribute, Generics, Item};

use crate::errors::Errors;

/// Returns the span of an item's keyword, such as `fn`.
pub(crate) fn keyword(item: &Item) -> proc_macro2::Span {
    match item {
        Item::Fn(item) => item.sig.fn_token.span(),
        Item::Struct(item) => item.struct_token.span(),
        Item::Enum(item) => item.enum_token.span(),
        Item::Union(item) => item.union_token.span(),
        Item::Trait(item) => item.trait_token.span(),
        Item::Impl(item) => item.impl_token.span(),
        Item::Mod(item) => item.mod_token.span(),
        Item::Type(item) => item.type_token.span(),
        other => other.span(),
    }
}

/// Reports type parameters, lifetimes and where clauses; returns whether there are none.
pub(crate) fn check_generics(generics: &Generics, macro_name: &str, errors: &mut Errors) -> bool {
    let legal = format!(
        "`#[{macro_name}]` doesn't support type parameters or lifetimes; write the types out, as in `test: i64`"
    );
    if let Some(clause) = &generics.where_clause {
        errors.at(&clause.where_token, &legal);
    }
    if !generics.params.is_empty() {
        errors.at(&generics.params, &legal);
    }
    generics.params.is_empty() && generics.where_clause.is_none()
}

/// Returns the `#[cfg(..)]` attributes.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect()
}

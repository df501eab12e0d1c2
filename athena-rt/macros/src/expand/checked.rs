//! One error for a type that can't be a part of a message.
//!
//! The types that the user wrote are checked in one constant. Generated code names them through an alias that
//! depends on it: if the check fails, the alias stands for a type that is already in error, about which the
//! compiler says nothing more. Otherwise it stands for the type itself.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{PathArguments, Type};

use super::runtime::Runtime;
use crate::attr::Carrier;
use crate::enumeration::VariantData;
use crate::field::Field;
use crate::owner::Owner;
use crate::structure::{Body, Structure};
use crate::text::compact;
use crate::types::{is_named, last_segment, may_be_another};

/// Generates the check of a structure's types, and lets its fields name them through the alias.
pub(super) fn structure(rt: &Runtime, structure: &mut Structure) -> TokenStream {
    let mut found = Vec::new();
    let owner = &structure.owner;
    match &mut structure.body {
        Body::Named(fields) => check_fields(rt, owner, fields, &mut found),
        Body::Tuple(types) => check_types(owner, types, &mut found),
        Body::Data(variants) => {
            for variant in variants {
                match &mut variant.data {
                    VariantData::Named(fields) => check_fields(rt, owner, fields, &mut found),
                    VariantData::Tuple(types) => check_types(owner, types, &mut found),
                    VariantData::Unit => {}
                }
            }
        }
        Body::Units(_) | Body::Transparent(..) | Body::Converted(_) | Body::Broken => {}
    }
    let parts = parts_check(rt, &found, "__CHECKED", "__Checked");
    let unknown =
        structure.unknown.as_mut().filter(|unknown| !is_named(&unknown.ty, "UnknownFields"));
    let unknown = unknown.map(|unknown| {
        let ty = &unknown.ty;
        let check = quote_spanned! {ty.span()=>
            let _: fn(&#ty) -> &#rt::wire::UnknownFields = <#ty as #rt::wire::KeepsUnknown>::unknown;
        };
        let check = alias(rt, std::iter::once(check), "__CHECKED_UNKNOWN", "__Unknown");
        unknown.ty = named(&unknown.ty, "__Unknown");
        check
    });
    quote!(#parts #unknown)
}

/// Does the same for the fields of an environment.
pub(super) fn environment(rt: &Runtime, fields: &mut [Field]) -> TokenStream {
    let mut found = Vec::new();
    for field in fields.iter_mut().filter(|field| may_be_another(&field.ty)) {
        found.push(field.ty.clone());
        field.checked = true;
    }
    let kind =
        quote!(fn(&::core::primitive::str) -> ::core::result::Result<_, ::std::string::String>);
    let checks = found
        .iter()
        .map(|ty| quote_spanned!(ty.span()=> let _: #kind = <#ty as #rt::Setting>::parse;));
    alias(rt, checks, "__CHECKED", "__Checked")
}

// What depends on a parameter is left out: the parameter's bounds say that it is a part.
fn check_fields(rt: &Runtime, owner: &Owner, fields: &mut [Field], found: &mut Vec<Type>) {
    let has_functions = |field: &Field| matches!(field.carrier, Some(Carrier::With(_)));
    let is_checked = |field: &Field| {
        !owner.is_generic(&field.ty) && may_be_another(&field.ty) && !has_functions(field)
    };
    for field in fields.iter_mut().filter(|field| is_checked(field)) {
        found.push(field.part(rt));
        field.checked = true;
    }
}

fn check_types(owner: &Owner, types: &mut [Type], found: &mut Vec<Type>) {
    for ty in types.iter_mut().filter(|ty| !owner.is_generic(ty) && may_be_another(ty)) {
        found.push(ty.clone());
        *ty = through_alias(ty);
    }
}

/// The alias that stands for a type.
pub(super) fn through_alias(ty: &Type) -> Type {
    named(ty, "__Checked")
}

fn named(ty: &Type, alias: &str) -> Type {
    let alias = Ident::new(alias, ty.span());
    syn::parse_quote_spanned!(ty.span()=> #alias<#ty>)
}

/// A model's messages: the check, and the types through the alias.
pub(super) fn messages(rt: &Runtime, input: &Type, output: &Type) -> (TokenStream, Type, Type) {
    let types: Vec<&Type> =
        if compact(input) == compact(output) { vec![input] } else { vec![input, output] };
    // What is in a list or in another container is named first: it has more traits than one.
    let inner: Vec<Type> =
        types.iter().filter(|ty| holds_types(ty)).map(|ty| (*ty).clone()).collect();
    let parts = parts_check(rt, &inner, "__CHECKED_PARTS", "__Part");
    let outer = |ty: &Type| if holds_types(ty) { named(ty, "__Part") } else { ty.clone() };
    let checks = types.iter().map(|ty| {
        let outer = outer(ty);
        quote_spanned!(ty.span()=> let _: fn() = <#outer as #rt::Structure>::declared;)
    });
    let messages = alias(rt, checks, "__CHECKED_MESSAGES", "__Message");
    let through = |ty: &Type| named(&outer(ty), "__Message");
    (quote!(#parts #messages), through(input), through(output))
}

fn holds_types(ty: &Type) -> bool {
    match last_segment(ty) {
        Some(segment) => !matches!(segment.arguments, PathArguments::None),
        None => true,
    }
}

fn parts_check(rt: &Runtime, types: &[Type], constant: &str, alias: &str) -> TokenStream {
    let checks = types.iter().map(|ty| {
        quote_spanned! {ty.span()=>
            let _: fn(&mut #rt::Shapes) -> #rt::Shape = <#ty as #rt::Part>::shape;
        }
    });
    self::alias(rt, checks, constant, alias)
}

/// Generates the constant and the alias. Each check is in a constant of its own: of two in one, the compiler
/// may report only one.
fn alias(
    rt: &Runtime,
    checks: impl Iterator<Item = TokenStream>,
    constant: &str,
    alias: &str,
) -> TokenStream {
    let checks: Vec<_> = checks
        .map(|check| quote!({ const __CHECK: ::core::primitive::usize = { #check 0 }; __CHECK }))
        .collect();
    if checks.is_empty() {
        return TokenStream::new();
    }
    let (constant, alias) = (format_ident!("{constant}"), format_ident!("{alias}"));
    quote! {
        const #constant: ::core::primitive::usize = #(#checks)|*;
        type #alias<__T> = <__T as #rt::CheckedType<{ #constant }>>::Type;
    }
}

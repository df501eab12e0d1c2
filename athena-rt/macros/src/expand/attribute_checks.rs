//! Checks that types fit their attributes: `#[tolerance]` needs floats, `#[unordered]` a list; and an `Option` in an `Option` has one place.
//!
//! The type answers, not its name: an alias, another name in a `use` and a type of the user that is called `Vec` are
//! what they are.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;
use syn::spanned::Spanned as _;

use super::runtime::{Runtime, part_constant};
use super::tokens::located_at;
use crate::attr::Carrier;
use crate::enumeration::VariantData;
use crate::field::Field;
use crate::structure::{Body, Structure};
use crate::types::is_named;

/// Generates the checks of a structure's types that do not depend on its parameters.
pub(super) fn structure(rt: &Runtime, structure: &Structure) -> TokenStream {
    let mut checks = Vec::new();
    let mut types: Vec<&Type> = Vec::new();
    let mut fields: Vec<&Field> = Vec::new();
    match &structure.body {
        Body::Named(named) => fields.extend(named),
        Body::Tuple(of) => types.extend(of),
        Body::Data(variants) => {
            for variant in variants {
                match &variant.data {
                    VariantData::Named(named) => fields.extend(named),
                    VariantData::Tuple(of) => types.extend(of),
                    VariantData::Unit => {}
                }
            }
        }
        Body::Units(_) | Body::Transparent(..) | Body::Converted(_) | Body::Broken => {}
    }
    let known = fields.into_iter().filter(|field| !field.is_generic);
    checks.extend(known.flat_map(|field| attribute_checks(rt, field)));
    let types = types.into_iter().filter(|ty| !structure.owner.is_generic(ty));
    checks.extend(types.filter(|ty| is_named(ty, "__Checked")).map(|ty| {
        let is_nested = part_constant(rt, ty, "HAS_NESTED_OPTION");
        located_at(quote!(#rt::check_options(#is_nested)), ty.span())
    }));
    quote!(#(const _: () = #checks;)*)
}

/// Generates the checks of a field, as constant expressions.
pub(super) fn attribute_checks(rt: &Runtime, field: &Field) -> Vec<TokenStream> {
    let part = field.part(rt);
    let mut checks = Vec::new();
    if let Some(tolerance) = &field.tolerance {
        let has_floats = part_constant(rt, &part, "HAS_FLOATS");
        checks.push(located_at(quote!(#rt::check_tolerance(#has_floats)), tolerance.span));
    }
    if let Some(span) = field.unordered {
        let is_list = part_constant(rt, &part, "IS_LIST");
        checks.push(located_at(quote!(#rt::check_unordered(#is_list)), span));
    }
    if matches!(field.carrier, Some(Carrier::Json | Carrier::Number)) && !field.is_generic {
        // The constant of a list is found before that of the trait.
        checks.extend(super::carrier::carried_types(&field.ty).into_iter().map(|ty| {
            let has = quote!({
                #[allow(unused_imports)]
                use #rt::OtherType as _;
                #rt::ContainerCheck::<#ty>::HAS_ELEMENTS
            });
            located_at(quote!(#rt::check_elements(#has)), ty.span())
        }));
    }
    if field.checked || field.is_generic {
        let has_functions = matches!(field.carrier, Some(Carrier::With(_)));
        let is_nested = part_constant(rt, &part, "HAS_AMBIGUOUS_OPTION");
        let check = located_at(quote!(#rt::check_options(#is_nested)), field.ty.span());
        checks.extend((!has_functions).then_some(check));
    }
    checks
}

//! Fields whose type is that of another crate: `#[field(text)]` and `#[field(json)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{GenericArgument, PathArguments, Type};

use super::checked::through_alias;
use super::runtime::Runtime;
use super::subject::Subject;
use super::tokens::located_at;
use crate::attr::Carrier;
use crate::field::Field;
use crate::types::{is_named, parts, peel};

/// Types that are parts of messages by themselves.
const PARTS: &[&str] = &[
    "bool", "char", "String", "Value", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize",
    "u8", "u16", "u32", "u64", "u128", "usize",
];

impl Field {
    /// Returns the type that is in messages: the field's, or what carries it.
    pub(in crate::expand) fn part(&self, rt: &Runtime) -> Type {
        let part = self.carried(rt);
        if self.checked { through_alias(&part) } else { part }
    }

    /// Returns the alias of the field's own type, if it is checked.
    pub(in crate::expand) fn alias(&self) -> Option<Type> {
        self.checked.then(|| through_alias(&self.ty))
    }

    fn carried(&self, rt: &Runtime) -> Type {
        let Some(carrier) = &self.carrier else { return self.ty.clone() };
        let name = match carrier {
            Carrier::With(functions) => {
                let (ty, holder, arguments) = (&self.ty, &functions.holder, &self.arguments);
                return syn::parse_quote_spanned!(ty.span()=> #rt::WithJson<#holder #arguments>);
            }
            Carrier::Text => quote!(AsText),
            Carrier::Json | Carrier::Number => quote!(AsJson),
        };
        let is_number = matches!(carrier, Carrier::Number);
        // Known types are carried only where there is nothing else to carry.
        let all = !has_other(&self.ty);
        carried(&self.ty, all, &|ty| {
            let carrier = located_at(quote!(#rt::#name), ty.span());
            if is_number {
                let number = located_at(quote!(#rt::NumberText), ty.span());
                return syn::parse_quote_spanned!(ty.span()=> #carrier<#number<#ty>>);
            }
            syn::parse_quote_spanned!(ty.span()=> #carrier<#ty>)
        })
    }

    /// Generates a reference to the value in messages from a reference to the field.
    pub(in crate::expand) fn wrap_part(&self, rt: &Runtime, value: &TokenStream) -> TokenStream {
        if self.carrier.is_none() {
            return value.clone();
        }
        let (ty, part) = (&self.ty, self.part(rt));
        quote_spanned!(ty.span()=> &<#ty as #rt::Carried<#part>>::to_carrier(#value))
    }

    /// Generates the field's value from that in messages.
    pub(in crate::expand) fn unwrap_part(&self, rt: &Runtime, value: &TokenStream) -> TokenStream {
        if self.carrier.is_none() {
            return value.clone();
        }
        let (ty, part) = (&self.ty, self.part(rt));
        quote_spanned!(ty.span()=> <#ty as #rt::Carried<#part>>::from_carrier(#value))
    }
}

/// Generates the hidden types with the functions that write and read fields.
pub(super) fn functions<'a>(
    rt: &Runtime,
    subject: &Subject,
    fields: impl Iterator<Item = &'a Field>,
) -> TokenStream {
    let serde = quote!(#rt::serde);
    let holders = fields.filter_map(|field| {
        let Some(Carrier::With(functions)) = &field.carrier else { return None };
        let ty = &field.ty;
        let holder = subject.hidden(&functions.holder.to_string());
        let (ident, parameters, bounds) = (&holder.ident, holder.parameters(), holder.bounds());
        let marker = holder.marker_type().map(|marker| quote!((#marker)));
        let implement = holder.implement(&quote!(#rt::JsonFunctions));
        let write = match &functions.write {
            Some(path) => located_at(quote!(#path(__value, __serializer)), path.span()),
            None => located_at(
                quote!(<#ty as #serde::Serialize>::serialize(__value, __serializer)),
                ty.span(),
            ),
        };
        let read = match &functions.read {
            Some(path) => located_at(quote!(#path(__deserializer)), path.span()),
            None => located_at(
                quote!(<#ty as #serde::Deserialize>::deserialize(__deserializer)),
                ty.span(),
            ),
        };
        Some(quote! {
            #[allow(non_camel_case_types, dead_code)]
            struct #ident #parameters #marker #bounds;
            #[automatically_derived]
            #implement {
                type Value = #ty;
                fn write<__S>(__value: &#ty, __serializer: __S) -> ::core::result::Result<__S::Ok, __S::Error>
                where
                    __S: #serde::Serializer,
                {
                    #write
                }
                fn read<'de, __D>(__deserializer: __D) -> ::core::result::Result<#ty, __D::Error>
                where
                    __D: #serde::Deserializer<'de>,
                {
                    #read
                }
            }
        })
    });
    holders.collect()
}

const CONTAINERS: &[&str] = &["Option", "Box", "Vec", "BTreeMap", "HashMap"];

fn is_container(ty: &Type) -> bool {
    matches!(ty, Type::Array(_)) || CONTAINERS.iter().any(|name| is_named(ty, name))
}

fn has_other(ty: &Type) -> bool {
    if is_container(ty) {
        return parts(ty).last().is_some_and(|inner| has_other(inner));
    }
    !PARTS.iter().any(|name| is_named(ty, name))
}

/// The type with what carries each type within its containers; keys of maps stay.
fn carried(ty: &Type, all: bool, carry: &dyn Fn(&Type) -> Type) -> Type {
    let mut ty = ty.clone();
    match &mut ty {
        Type::Group(group) => return carried(&group.elem, all, carry),
        Type::Paren(paren) => return carried(&paren.elem, all, carry),
        Type::Array(array) => *array.elem = carried(&array.elem, all, carry),
        Type::Path(path)
            if CONTAINERS.iter().any(|name| is_named(&Type::Path(path.clone()), name)) =>
        {
            let last = path.path.segments.last_mut().map(|last| &mut last.arguments);
            let Some(PathArguments::AngleBracketed(arguments)) = last else { return ty };
            let is_map = arguments.args.len() > 1;
            let value = arguments.args.iter_mut().nth(usize::from(is_map));
            if let Some(GenericArgument::Type(inner)) = value {
                *inner = carried(inner, all, carry);
            }
        }
        other if all || has_other(other) => return carry(other),
        _ => {}
    }
    ty
}

/// The types that something carries, within the containers that are written out.
pub(super) fn carried_types(ty: &Type) -> Vec<&Type> {
    match peel(ty) {
        container if is_container(container) => {
            parts(container).last().map(|inner| carried_types(inner)).unwrap_or_default()
        }
        other => vec![other],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_other_crates_are_carried_within_their_containers() {
        for (ty, expected) in [
            ("Version", "C<Version>"),
            ("Option<Vec<a::Version>>", "Option<Vec<C<a::Version>>>"),
            (
                "std::collections::BTreeMap<String, [Version; 2]>",
                "std::collections::BTreeMap<String, [C<Version>; 2]>",
            ),
            ("Option<u64>", "Option<C<u64>>"),
        ] {
            let ty: Type = syn::parse_str(ty).expect("a type");
            let made = carried(&ty, !has_other(&ty), &|ty| syn::parse_quote!(C<#ty>));
            assert_eq!(crate::text::compact(&made), expected);
        }
    }
}

//! One named field and its attributes.

use quote::format_ident;
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitStr, Path, Token, Type};

use super::keys::key;
use super::model::{Fallback, Field, Inherited};
use crate::attr::{Carrier, FieldAttrs, Functions};
use crate::edition::shown_at;
use crate::errors::Errors;
use crate::owner::Owner;
use crate::serde_attr::{FieldSerde, SerdeDefault};
use crate::text::{docs, name};
use crate::types::{AMBIGUOUS, ambiguous_option};

/// Removes Athena's attributes from the fields and parses them; those of serde too, if the fields are
/// those of a message.
pub(crate) fn take_fields(
    fields: &mut Punctuated<syn::Field, Token![,]>,
    inherited: Option<&Inherited<'_>>,
    errors: &mut Errors,
) -> Vec<(Field, FieldAttrs)> {
    let mut found = Vec::new();
    let owner = inherited.map(|inherited| inherited.owner);
    for (index, field) in fields.iter_mut().enumerate() {
        let serde = match inherited {
            Some(_) => FieldSerde::take(&mut field.attrs, errors),
            None => FieldSerde::default(),
        };
        let mut attrs = FieldAttrs::take(&mut field.attrs, errors);
        let Some(ident) = field.ident.clone() else { continue };
        if let Some(inner) = ambiguous_option(&field.ty) {
            errors.at(inner, AMBIGUOUS);
        }
        if let (Some(value), Some(_)) = (&attrs.default, &serde.default) {
            errors.at(
                value,
                "the default is given twice: `#[default(..)]` and `#[serde(default)]`; remove one",
            );
        }
        let value = attrs.default.take().or_else(|| serde_default(&serde, inherited, &ident));
        let default = value.map(|value| Fallback {
            function: format_ident!(
                "__default_{}{}",
                inherited.map_or("", |inherited| inherited.variant),
                index
            ),
            turbofish: owner.map(Owner::turbofish).unwrap_or_default(),
            value: owner.map_or_else(|| value.clone(), |owner| owner.named_value(&value)),
        });
        let default_of = default_type(&serde, inherited, &field.ty).filter(|_| default.is_some());
        let default_by_type =
            matches!(serde.default, Some(SerdeDefault::Trait(_))) && !serde.has_functions();
        let name = name(&ident);
        let by_functions = functions(&serde, inherited, &name);
        if let (Some(_), Some((_, span))) = (&by_functions, &attrs.carrier) {
            errors
                .at_span(*span, "the functions of `with` write this field; remove one of the two");
        }
        let carrier =
            by_functions.or_else(|| attrs.carrier.as_ref().map(|(carrier, _)| carrier.clone()));
        let field = Field {
            key: key(serde.rename.as_ref(), &name, |name| Some(inherited?.rename_all?.field(name))),
            name,
            aliases: serde.aliases.iter().map(LitStr::value).collect(),
            skip_if: serde.skip_serializing_if,
            ident,
            ty: owner.map_or_else(|| field.ty.clone(), |owner| owner.named_type(&field.ty)),
            arguments: owner.map(Owner::arguments).unwrap_or_default(),
            is_generic: owner.is_some_and(|owner| owner.is_generic(&field.ty)),
            docs: docs(&field.attrs),
            number: 0,
            default,
            default_by_type,
            default_of,
            tolerance: None,
            examples: attrs.example_texts(errors),
            volatile: attrs.volatile.is_some(),
            unordered: attrs.unordered,
            secret: attrs.secret.is_some(),
            label: false,
            encoding: attrs.encoding.map(|(encoding, _)| encoding).unwrap_or_default(),
            flatten: serde.flatten.is_some(),
            carrier,
            skip: serde.skip.is_some(),
            implicit: attrs.implicit.is_some(),
            oneof: attrs.oneof.is_some(),
            checked: false,
        };
        found.push((field, attrs));
    }
    found
}

/// Returns the default that serde's attributes give to a field.
fn serde_default(
    serde: &FieldSerde,
    inherited: Option<&Inherited<'_>>,
    ident: &Ident,
) -> Option<Expr> {
    let from_item =
        inherited.and_then(|inherited| Some((inherited.default?, inherited.owner.ty())));
    match (&serde.default, from_item) {
        (Some(SerdeDefault::Trait(span)), _) => {
            Some(syn::parse_quote_spanned!(shown_at(*span)=> ::core::default::Default::default()))
        }
        (Some(SerdeDefault::Function(path)), _) => Some(syn::parse_quote!(#path())),
        (None, Some((SerdeDefault::Trait(span), owner))) => Some(
            syn::parse_quote_spanned!(shown_at(*span)=> <#owner as ::core::default::Default>::default().#ident),
        ),
        (None, Some((SerdeDefault::Function(path), _))) => Some(syn::parse_quote!(#path().#ident)),
        (None, None) => serde
            .skip
            .map(|span| syn::parse_quote_spanned!(span=> ::core::default::Default::default())),
    }
}

/// Returns the functions that write and read a field.
fn functions(serde: &FieldSerde, inherited: Option<&Inherited<'_>>, name: &str) -> Option<Carrier> {
    if !serde.has_functions() {
        return None;
    }
    let of = |function: &str, own: &Option<Path>| {
        let function = format_ident!("{}", function);
        let both = serde.with.as_ref().map(|module| syn::parse_quote!(#module::#function));
        own.clone().or(both)
    };
    Some(Carrier::With(Functions {
        holder: format_ident!("__With{}_{}", inherited?.variant, name),
        write: of("serialize", &serde.serialize_with),
        read: of("deserialize", &serde.deserialize_with),
    }))
}

/// Returns the type that must have a default for that.
fn default_type(serde: &FieldSerde, inherited: Option<&Inherited<'_>>, ty: &Type) -> Option<Type> {
    let inherited = inherited?;
    match (&serde.default, inherited.default) {
        (Some(SerdeDefault::Trait(_)), _) => Some(inherited.owner.named_type(ty)),
        (None, Some(SerdeDefault::Trait(_))) => syn::parse2(inherited.owner.ty()).ok(),
        (None, None) if serde.skip.is_some() => Some(inherited.owner.named_type(ty)),
        _ => None,
    }
}

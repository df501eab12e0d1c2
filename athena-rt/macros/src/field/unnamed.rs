//! Fields without names, and the one field of a transparent structure.

use syn::punctuated::Punctuated;
use syn::{FieldsUnnamed, Ident, Token, Type};

use crate::attr::take_ours;
use crate::errors::Errors;
use crate::owner::Owner;
use crate::types::{AMBIGUOUS, certainly_nested_option};

/// Returns the one field of a transparent struct, and reports attributes on it.
pub(crate) fn transparent_field(
    fields: &mut Punctuated<syn::Field, Token![,]>,
    owner: &Owner,
    errors: &mut Errors,
) -> Option<(Ident, Type)> {
    let mut found = None;
    for field in fields.iter_mut() {
        for attr in take_ours(&mut field.attrs, errors) {
            errors.at(
                attr.path(),
                "the field of a transparent structure is the message: put the attribute on the fields that hold it",
            );
        }
        found = field.ident.clone().map(|ident| (ident, owner.named_type(&field.ty)));
    }
    found.filter(|_| fields.len() == 1)
}

/// Returns the types of a tuple struct or tuple variant, and reports Athena's attributes on them.
pub(crate) fn unnamed_types(
    fields: &mut FieldsUnnamed,
    owner: &Owner,
    errors: &mut Errors,
) -> Vec<Type> {
    for field in &mut fields.unnamed {
        for attr in take_ours(&mut field.attrs, errors) {
            errors.at(
                attr.path(),
                "a field without a name accepts no attribute of Athena: name the fields, \
                 `struct Sample { #[default(2)] test: i64 }`",
            );
        }
        if let Some(inner) = certainly_nested_option(&field.ty) {
            errors.at(inner, AMBIGUOUS);
        }
    }
    fields.unnamed.iter().map(|field| owner.named_type(&field.ty)).collect()
}

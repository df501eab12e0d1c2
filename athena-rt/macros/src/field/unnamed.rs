//! Fields without names, and the one field of a transparent structure.

use syn::spanned::Spanned as _;
use syn::{Expr, Fields, FieldsUnnamed, Member, Type};

use crate::attr::take_ours;
use crate::errors::Errors;
use crate::owner::Owner;
use crate::serde_attr::{FieldSerde, SerdeDefault};
use crate::types::{AMBIGUOUS, certainly_nested_option, is_named};

/// The one field of a transparent struct that is in messages.
pub(crate) struct TransparentField {
    pub(crate) member: Member,
    pub(crate) ty: Type,
    /// The other fields, with the value that they have when a message is read.
    pub(crate) others: Vec<(Member, Type, Expr)>,
}

/// Returns the one field of a transparent struct that is not skipped, and reports attributes on it.
pub(crate) fn transparent_field(
    fields: &mut Fields,
    owner: &Owner,
    errors: &mut Errors,
) -> Option<TransparentField> {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for (at, field) in fields.iter_mut().enumerate() {
        let member = field.ident.clone().map_or_else(|| Member::from(at), Member::from);
        let serde = FieldSerde::take(&mut field.attrs, errors);
        for attr in take_ours(&mut field.attrs, errors) {
            errors.at(attr.path(), HELD);
        }
        let ty = owner.named_type(&field.ty);
        if serde.skip.is_some() || is_named(&ty, "PhantomData") {
            let value = match &serde.default {
                Some(SerdeDefault::Function(path)) => syn::parse_quote!(#path()),
                _ => syn::parse_quote_spanned!(ty.span()=> ::core::default::Default::default()),
            };
            others.push((member, ty, value));
            continue;
        }
        if serde.has_functions() || serde.flatten.is_some() || serde.skip_serializing_if.is_some() {
            errors.at(&field.ty, HELD);
        }
        found.push((member, ty));
    }
    let one = found.len() == 1;
    let (member, ty) = found.pop().filter(|_| one)?;
    Some(TransparentField { member, ty, others })
}

const HELD: &str = "the field of a transparent structure is the message: put the attribute on the fields that hold it";

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

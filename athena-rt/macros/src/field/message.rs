//! The named fields of one message.

use syn::punctuated::Punctuated;
use syn::{Ident, Token, Type};

use super::attributes::{
    check_attributes, refuse_beside_oneof, refuse_beside_skip, refuse_beside_unknown,
    refuse_flattened_text,
};
use super::keys::{check_keys, proto_key};
use super::model::{Field, Inherited};
use super::parse::take_fields;
use crate::args::StructureArgs;
use crate::errors::Errors;
use crate::numbers::{FIELDS, Reserved, assign};
use crate::types::may_be_another;

/// The fields of one message.
pub(crate) struct MessageFields {
    pub(crate) fields: Vec<Field>,
    /// The field for unknown fields.
    pub(crate) unknown: Option<UnknownField>,
    /// The fields that are not part of the message.
    pub(crate) skipped: Vec<Field>,
}

/// The field with `#[unknown]`.
pub(crate) struct UnknownField {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}

/// Returns the fields of one message, numbered and checked.
pub(crate) fn message_fields(
    fields: &mut Punctuated<syn::Field, Token![,]>,
    args: &StructureArgs,
    reserved: &Reserved,
    inherited: &Inherited<'_>,
    errors: &mut Errors,
) -> MessageFields {
    let (skipped, found): (Vec<_>, Vec<_>) =
        take_fields(fields, Some(inherited), errors).into_iter().partition(|(field, _)| field.skip);
    for (field, attrs) in &skipped {
        refuse_beside_skip(field, attrs, errors);
    }
    let (keepers, found): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, attrs)| attrs.unknown.is_some());
    for (keeper, attrs) in &keepers {
        refuse_beside_unknown(keeper, attrs, errors);
        if !may_be_another(&keeper.ty) {
            errors.at(
                &keeper.ty,
                "`#[unknown]` needs a field of type `UnknownFields`: `#[unknown] rest: UnknownFields`",
            );
        }
    }
    let mut keepers =
        keepers.into_iter().map(|(field, _)| UnknownField { ident: field.ident, ty: field.ty });
    let unknown = keepers.next();
    for second in keepers {
        errors.at(
            &second.ident,
            "`#[unknown]` is allowed on one field only, which keeps all unknown fields",
        );
    }
    for (field, attrs) in found.iter().filter(|(field, _)| field.oneof) {
        refuse_beside_oneof(field, attrs, errors);
    }
    // A oneof has no number: its variants have them.
    let wanted: Vec<_> = found
        .iter()
        .filter(|(field, _)| !field.oneof)
        .map(|(field, attrs)| (&field.ident, attrs.number.as_ref()))
        .collect();
    let mut numbers = assign(&wanted, &FIELDS, reserved, errors).into_iter();
    let mut fields: Vec<Field> = Vec::new();
    for (mut field, attrs) in found {
        let number = if field.oneof { 0 } else { numbers.next().unwrap_or_default() };
        reserved.check_name(&field.ident, &args.reserved_names, errors);
        if let Some(earlier) = fields.iter().find(|earlier| proto_key(earlier) == proto_key(&field))
        {
            errors.at(
                &field.ident,
                format!(
                    "`{}` and `{}` are both `{}` in ProtoJSON; rename one",
                    field.name,
                    earlier.name,
                    proto_key(&field),
                ),
            );
        }
        check_attributes(&field, &attrs, errors);
        refuse_flattened_text(&field, &attrs, errors);
        field.number = number;
        field.tolerance = attrs.tolerance;
        fields.push(field);
    }
    if errors.is_empty() {
        let keys = fields
            .iter()
            .filter(|field| !field.flatten)
            .map(|field| (&field.ident, field.key.as_str(), field.aliases.as_slice()));
        check_keys(keys, errors);
    }
    let skipped = skipped.into_iter().map(|(field, _)| field).collect();
    MessageFields { fields, unknown, skipped }
}

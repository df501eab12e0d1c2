//! The attributes on one field: those that exclude each other, and those that its type certainly can't have.
//!
//! What a type is called is not what it is: only a type that is known by itself is judged here. Of the others,
//! generated code asks the type.

use super::model::Field;
use crate::attr::{Carrier, FieldAttrs};
use crate::errors::Errors;
use crate::types::{
    holds_floats, holds_no_integer, is_list, is_map, is_named, is_scalar, may_be_another,
};

/// Reports attributes that a field's type certainly can't have.
pub(super) fn check_attributes(field: &Field, attrs: &FieldAttrs, errors: &mut Errors) {
    let is_known = !may_be_another(&field.ty);
    if let Some(tolerance) = &attrs.tolerance
        && is_known
        && !holds_floats(&field.ty)
    {
        errors.at_span(
            tolerance.span,
            "`#[tolerance]` needs f32, f64, or a container of them, as in `price: f64` or `prices: Vec<f64>`",
        );
    }
    check_encoding(field, attrs, errors);
    if let Some(span) = attrs.unordered
        && is_known
        && !is_list(&field.ty)
    {
        errors.at_span(span, "`#[unordered]` needs a list, as in `items: Vec<Item>`");
    }
}

/// Reports other attributes on a field with `#[unknown]`: unknown fields are not in JSON, not
/// compared and not numbered.
pub(super) fn refuse_beside_unknown(field: &Field, attrs: &FieldAttrs, errors: &mut Errors) {
    let others = field.default.is_some()
        || attrs.number.is_some()
        || attrs.tolerance.is_some()
        || attrs.examples.is_some()
        || field.oneof
        || field.volatile
        || field.unordered.is_some()
        || field.secret;
    if others {
        errors.at(
            &field.ident,
            "a field with `#[unknown]` accepts no other attribute: `#[unknown] rest: UnknownFields`",
        );
    }
}

/// Reports attributes of messages on a field with `#[serde(skip)]`.
pub(super) fn refuse_beside_skip(field: &Field, attrs: &FieldAttrs, errors: &mut Errors) {
    let has_others = attrs.number.is_some()
        || attrs.encoding.is_some()
        || attrs.implicit.is_some()
        || attrs.carrier.is_some()
        || attrs.tolerance.is_some()
        || attrs.examples.is_some()
        || field.oneof
        || field.volatile
        || field.unordered.is_some();
    if has_others {
        errors.at(
            &field.ident,
            "a field with `#[serde(skip)]` is not in messages and accepts a default only: `#[serde(skip)] #[default(3)]`",
        );
    }
}

/// Reports text, a number or a list where the members of an object are needed.
pub(super) fn refuse_flattened_text(field: &Field, attrs: &FieldAttrs, errors: &mut Errors) {
    let (ty, other) = (&field.ty, field.carrier.is_some());
    if field.flatten && !other && (is_scalar(ty) || is_named(ty, "Vec")) {
        errors.at(
            ty,
            "`flatten` puts the members of a value into the object around it: those of a structure, an enum, a map or any JSON",
        );
    }
    if let (true, Some((Carrier::Text, span))) = (field.flatten, &attrs.carrier) {
        errors.at_span(
            *span,
            "`flatten` puts the members of a value into the object around it, and a text has none; remove one of the two",
        );
    }
}

/// Reports an encoding that the type can't have, and a zero that an absent field does not mean.
fn check_encoding(field: &Field, attrs: &FieldAttrs, errors: &mut Errors) {
    if let Some((encodings, span)) = attrs.encoding
        && encodings.key != encodings.value
        && !may_be_another(&field.ty)
        && !is_map(&field.ty)
    {
        errors.at_span(
            span,
            "`key` and `value` are the encodings of a map, as in `#[field(value = sint)] stock: BTreeMap<String, i32>`",
        );
    }
    if let Some(span) = attrs.implicit
        && field.default.is_none()
    {
        errors.at_span(
            span,
            "`implicit` leaves the zero out, so an absent field must mean it: add `#[default(0)]`, or the type's own zero",
        );
    }
    if let Some((_, span)) = attrs.encoding
        && holds_no_integer(&field.ty)
    {
        errors.at_span(
            span,
            "`sint` and `fixed` are encodings of integers, as in `#[field(sint)] offset: i64`",
        );
    }
}

/// Reports a default, number or encoding on a field with `#[oneof]`: the variants have the numbers, and the field is
/// `None` if no variant is set. That it is an `Option` of an enum with data is a matter of its type.
pub(super) fn refuse_beside_oneof(field: &Field, attrs: &FieldAttrs, errors: &mut Errors) {
    let legal = "`#[oneof]` needs an `Option` of an enum with data, whose variants have the \
                 numbers: `#[oneof] payment: Option<Payment>`";
    if field.default.is_some()
        || attrs.number.is_some()
        || attrs.encoding.is_some()
        || attrs.implicit.is_some()
    {
        errors.at(&field.ident, legal);
    }
}

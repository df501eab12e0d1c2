//! The named fields of a structure, of a variant, or of an environment: parsing.

use proc_macro2::Span;
use quote::format_ident;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Token, Type};

use crate::args::StructureArgs;
use crate::attr::{FieldAttrs, Tolerance};
use crate::errors::Errors;
use crate::numbers::{FIELDS, Reserved, assign};
use crate::text::{docs, name};
use crate::types::{holds_floats, is_list, nested_option};

/// A named field, checked.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// The key in JSON: the identifier, `type` for `r#type`.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) docs: String,
    pub(crate) number: u32,
    pub(crate) default: Option<Fallback>,
    pub(crate) tolerance: Option<Tolerance>,
    pub(crate) volatile: bool,
    pub(crate) unordered: bool,
    pub(crate) secret: bool,
}

/// What stands in for an absent field.
pub(crate) struct Fallback {
    /// The function that makes it.
    pub(crate) function: Ident,
    pub(crate) value: Expr,
}

impl Field {
    /// Where the type was written: what goes wrong with the type is shown there.
    pub(crate) fn span(&self) -> Span {
        self.ty.span()
    }

    /// The local variable that holds the field while a message is read.
    pub(crate) fn slot(&self) -> Ident {
        format_ident!("__field_{}", self.name)
    }
}

/// Takes our attributes off the fields and reads them.
pub(crate) fn take(
    fields: &mut Punctuated<syn::Field, Token![,]>,
    errors: &mut Errors,
) -> Vec<(Field, FieldAttrs)> {
    let mut found = Vec::new();
    for (index, field) in fields.iter_mut().enumerate() {
        let mut attrs = FieldAttrs::take(&mut field.attrs, errors);
        let Some(ident) = field.ident.clone() else { continue };
        if let Some(inner) = nested_option(&field.ty) {
            errors.at(
                inner,
                "an `Option` directly inside an `Option` cannot be told from an absent one; write one `Option`",
            );
        }
        let default = attrs
            .default
            .take()
            .map(|value| Fallback { function: format_ident!("__default_{}", index), value });
        let field = Field {
            name: name(&ident),
            ident,
            ty: field.ty.clone(),
            docs: docs(&field.attrs),
            number: 0,
            default,
            tolerance: None,
            volatile: attrs.volatile.is_some(),
            unordered: attrs.unordered.is_some(),
            secret: attrs.secret.is_some(),
        };
        found.push((field, attrs));
    }
    found
}

/// The fields of one message, numbered and checked.
pub(crate) fn message(
    fields: &mut Punctuated<syn::Field, Token![,]>,
    args: &StructureArgs,
    reserved: &Reserved,
    errors: &mut Errors,
) -> Vec<Field> {
    let found = take(fields, errors);
    let wanted: Vec<_> =
        found.iter().map(|(field, attrs)| (&field.ident, attrs.number.as_ref())).collect();
    let numbers = assign(&wanted, &FIELDS, reserved, errors);
    let mut fields: Vec<Field> = Vec::new();
    for ((mut field, attrs), number) in found.into_iter().zip(numbers) {
        reserved.check_name(&field.ident, &args.reserved_names, errors);
        if let Some(earlier) =
            fields.iter().find(|earlier| camel(&earlier.name) == camel(&field.name))
        {
            errors.at(
                &field.ident,
                format!(
                    "`{}` and `{}` are both `{}` in ProtoJSON; rename one",
                    field.name,
                    earlier.name,
                    camel(&field.name),
                ),
            );
        }
        if let Some(tolerance) = &attrs.tolerance
            && !holds_floats(&field.ty)
        {
            errors.at_span(
                tolerance.span,
                "`#[tolerance]` stands on f32, f64, and containers of them, as in `price: f64` or \
                 `prices: Vec<f64>`; write an alias out",
            );
        }
        if let Some(span) = attrs.unordered
            && !is_list(&field.ty)
        {
            errors.at_span(
                span,
                "`#[unordered]` stands on lists, as in `items: Vec<Item>`; write an alias out",
            );
        }
        field.number = number;
        field.tolerance = attrs.tolerance;
        fields.push(field);
    }
    fields
}

/// The name as `ProtoJSON` has it: `unit_price` is `unitPrice`.
fn camel(name: &str) -> String {
    let mut text = String::new();
    let mut upper = false;
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else if upper {
            text.extend(c.to_uppercase());
            upper = false;
        } else {
            text.push(c);
        }
    }
    text
}

//! The variants of an enum under `#[structure]`: parsing.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Fields, Ident, Lit, LitInt, Meta, Token, Type};

use crate::args::StructureArgs;
use crate::attr::{Encodings, FieldAttrs, take_ours};
use crate::errors::Errors;
use crate::field::{self, Field, Inherited, MessageFields, key};
use crate::numbers::{FIELDS, Reserved, UNITS, assign, in_range};
use crate::owner::Owner;
use crate::rename::RenameRule;
use crate::serde_attr::{ItemSerde, VariantSerde};
use crate::text::{docs, name, peel_expr};
use crate::types::holds_no_integer;

/// How JSON tells the variants apart.
pub(crate) enum Tagging {
    /// `{"Card": {..}}`, or a name.
    External,
    /// A member of the data.
    Internal(String),
    /// A member beside that with the data.
    Adjacent(String, String),
    /// By their data.
    Untagged,
}

/// A variant, checked.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    /// The identifier: the name in Protocol Buffers.
    pub(crate) name: String,
    /// The name in JSON: the identifier, unless serde's attributes change it.
    pub(crate) key: String,
    /// Other names that are read.
    pub(crate) aliases: Vec<String>,
    /// Whether any other name is read as this variant.
    pub(crate) other: bool,
    pub(crate) docs: String,
    pub(crate) number: u32,
    /// How the integers of its data are written.
    pub(crate) encoding: Encodings,
    pub(crate) data: VariantData,
}

/// The data of a variant.
pub(crate) enum VariantData {
    Unit,
    /// One type, or a tuple of two or more.
    Tuple(Vec<Type>),
    Named(Vec<Field>),
}

impl Variant {
    /// Returns the fields, if they have names.
    pub(crate) fn fields(&self) -> &[Field] {
        match &self.data {
            VariantData::Named(fields) => fields,
            _ => &[],
        }
    }

    pub(crate) fn is_secret(&self) -> bool {
        matches!(&self.data, VariantData::Named(fields) if fields.iter().any(|field| field.secret))
    }
}

/// Removes Athena's attributes from the variants, parses and numbers them.
pub(crate) fn variants(
    items: &mut Punctuated<syn::Variant, Token![,]>,
    units: bool,
    args: &StructureArgs,
    serde: &ItemSerde,
    owner: &Owner,
    errors: &mut Errors,
) -> (Vec<Variant>, Reserved) {
    let legal = if units { UNITS } else { FIELDS };
    let reserved = Reserved::new(args, &legal, errors);
    if let Some(span) = args.open
        && units
    {
        errors.at_span(
            span,
            "`open` ignores unknown fields, but the variants of this enum have no fields",
        );
    }
    let mut found: Vec<(Variant, Option<LitInt>)> = Vec::new();
    for item in items.iter_mut() {
        reserved.check_name(&item.ident, &args.reserved_names, errors);
        let own = VariantSerde::take(&mut item.attrs, errors);
        let attrs = variant_attrs(&mut item.attrs, errors);
        let rename_fields = own.rename_all.or(serde.rename_all_fields.map(|(rule, _)| rule));
        let name = name(&item.ident);
        let variant = Variant {
            key: key(own.rename.as_ref(), &name, |name| Some(serde.rename_all?.variant(name))),
            name,
            aliases: own.aliases.iter().map(syn::LitStr::value).collect(),
            other: own.other.is_some(),
            docs: docs(&item.attrs),
            number: 0,
            encoding: attrs.encoding.map(|(encoding, _)| encoding).unwrap_or_default(),
            data: data(&item.ident, &mut item.fields, args, rename_fields, owner, errors),
            ident: item.ident.clone(),
        };
        if let Some(span) = own.other
            && !matches!(variant.data, VariantData::Unit)
        {
            errors.at_span(span, "`#[serde(other)]` is for a variant without data: `Unknown`");
        }
        if let Some((encodings, span)) = attrs.encoding
            && (encodings.key != encodings.value || !is_integer(&variant.data))
        {
            errors.at_span(
                span,
                "`sint` and `fixed` are encodings of a variant that is one integer: `#[field(3, sint)] Offset(i64)`",
            );
        }
        found.push((variant, attrs.number));
    }
    if errors.is_empty() {
        let keys = found
            .iter()
            .map(|(variant, _)| (&variant.ident, variant.key.as_str(), variant.aliases.as_slice()));
        field::check_keys(keys, errors);
    }
    let numbers = if items.iter().any(|item| item.discriminant.is_some()) {
        discriminants(items, &found, &legal, &reserved, errors)
    } else {
        let wanted: Vec<_> =
            found.iter().map(|(variant, number)| (&variant.ident, number.as_ref())).collect();
        assign(&wanted, &legal, &reserved, errors)
    };
    let variants = found
        .into_iter()
        .zip(numbers)
        .map(|((variant, _), number)| Variant { number, ..variant })
        .collect();
    (variants, reserved)
}

/// Whether data is one value that may be an integer.
fn is_integer(data: &VariantData) -> bool {
    matches!(data, VariantData::Tuple(types) if types.len() == 1 && !holds_no_integer(&types[0]))
}

/// Parses `#[field(n)]`, the only one of Athena's attributes that a variant accepts. `#[default]`
/// without a value belongs to `#[derive(Default)]` and stays.
fn variant_attrs(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> FieldAttrs {
    let (theirs, mut rest): (Vec<_>, Vec<_>) = std::mem::take(attrs)
        .into_iter()
        .partition(|attr| attr.path().is_ident("default") && matches!(attr.meta, Meta::Path(_)));
    let ours = take_ours(&mut rest, errors);
    *attrs = rest;
    attrs.extend(theirs);
    let (mut numbers, others): (Vec<_>, Vec<_>) =
        ours.into_iter().partition(|attr| attr.path().is_ident("field"));
    for attr in others {
        errors.at(
            attr.path(),
            "a variant accepts `#[field(3)]` only; put this attribute on a field: `Card { #[default(2)] digits: u8 }`",
        );
    }
    let attrs = FieldAttrs::take(&mut numbers, errors);
    for span in
        [attrs.carrier.as_ref().map(|(_, span)| *span), attrs.implicit].into_iter().flatten()
    {
        errors.at_span(
            span,
            "a variant accepts a number and an encoding only; this is for the fields of a struct",
        );
    }
    attrs
}

fn data(
    ident: &Ident,
    fields: &mut Fields,
    args: &StructureArgs,
    rename_all: Option<RenameRule>,
    owner: &Owner,
    errors: &mut Errors,
) -> VariantData {
    match fields {
        Fields::Unit => VariantData::Unit,
        Fields::Named(fields) => {
            let args = StructureArgs { open: args.open, ..StructureArgs::default() };
            let reserved = Reserved::default();
            let variant = name(ident);
            let inherited = Inherited { rename_all, default: None, owner, variant: &variant };
            let MessageFields { fields, unknown, skipped } =
                field::message_fields(&mut fields.named, &args, &reserved, &inherited, errors);
            if let Some(unknown) = unknown {
                errors.at(&unknown.ident, "`#[unknown]` is allowed on a field of a struct only");
            }
            for field in skipped {
                errors.at(
                    &field.ident,
                    "`skip` is for the fields of a struct: put the fields of the variant into one",
                );
            }
            VariantData::Named(fields)
        }
        Fields::Unnamed(fields) if fields.unnamed.is_empty() => {
            let name = name(ident);
            errors.at(fields, format!("a variant without data has no parentheses: `{name}`"));
            VariantData::Unit
        }
        Fields::Unnamed(fields) => VariantData::Tuple(field::unnamed_types(fields, owner, errors)),
    }
}

/// Returns the numbers of an enum with explicit discriminants: the discriminants themselves.
fn discriminants(
    items: &Punctuated<syn::Variant, Token![,]>,
    found: &[(Variant, Option<LitInt>)],
    legal: &std::ops::RangeInclusive<u32>,
    reserved: &Reserved,
    errors: &mut Errors,
) -> Vec<u32> {
    let mut numbers = Vec::new();
    let mut next = Some(0);
    for (item, (_, number)) in items.iter().zip(found) {
        if let Some(number) = number {
            errors
                .at(number, "the numbers of this enum are its discriminants; write `= 3` instead");
        }
        if let Some((_, value)) = &item.discriminant {
            next = match peel_expr(value) {
                Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => {
                    in_range(literal, legal, errors)
                }
                other => {
                    errors.at(
                        other,
                        format!(
                            "the discriminant must be a literal between {} and {}",
                            legal.start(),
                            legal.end()
                        ),
                    );
                    None
                }
            };
        }
        let number = next.unwrap_or_default();
        if reserved.numbers.contains(&number) && next.is_some() {
            errors.at(item, format!("number {number} is reserved; choose another: `= 3`"));
        }
        numbers.push(number);
        next = next.and_then(|number| number.checked_add(1));
    }
    numbers
}

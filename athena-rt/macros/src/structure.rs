//! `#[structure]`: parsing.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Fields, Ident, Item, ItemEnum, ItemStruct, Path, Type};

use crate::args::StructureArgs;
use crate::attr::take_ours;
use crate::derives::Derives;
use crate::enumeration::{self, Tagging, Variant, VariantData};
use crate::errors::{Errors, did_you_mean};
use crate::field::{self, Field, Inherited, TransparentField, UnknownField};
use crate::item::{cfgs, keyword};
use crate::numbers::{FIELDS, Reserved};
use crate::owner::{Owner, mentions};
use crate::recover::take_field_values;
use crate::serde_attr::ItemSerde;
use crate::text::{compact, docs};

/// A parsed `#[structure]`.
pub(crate) struct Structure {
    pub(crate) krate: Option<Path>,
    /// The user's item without Athena's attributes.
    pub(crate) item: TokenStream,
    pub(crate) derives: Derives,
    /// `#[cfg(..)]` of the item, repeated on the generated code.
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) owner: Owner,
    pub(crate) docs: String,
    pub(crate) open: bool,
    pub(crate) reserved: Reserved,
    pub(crate) body: Body,
    /// The layout of the variants of an enum in JSON.
    pub(crate) tagging: Tagging,
    /// The field with `#[unknown]`.
    pub(crate) unknown: Option<UnknownField>,
    /// Whether there are types that are checked to be parts of messages.
    pub(crate) checked: bool,
    /// The fields that are not part of the message.
    pub(crate) skipped: Vec<Field>,
}

/// serde's `from` or `try_from`, and `into`.
pub(crate) struct Conversion {
    pub(crate) raw: Type,
    /// Whether it may fail.
    pub(crate) is_fallible: bool,
}

/// The form of a structure.
pub(crate) enum Body {
    /// `struct Sample { test: i64 }`, a message.
    Named(Vec<Field>),
    /// `#[serde(transparent)] struct Id { value: u64 }`, written as its content.
    Transparent(TransparentField),
    /// Written as another type.
    Converted(Conversion),
    /// `struct Id(u64)`, written as its content; with two or more fields as a tuple.
    Tuple(Vec<Type>),
    /// `enum Kind { Retail, Trade }`, written as a name.
    Units(Vec<Variant>),
    /// `enum Payment { Cash, Card(String) }`, written as one of several messages.
    Data(Vec<Variant>),
    /// Not usable; the errors say why.
    Broken,
}

/// The result of parsing the item below `#[structure]`.
pub(crate) enum ParsedStructure {
    Structure(Box<Structure>),
    /// Not a struct or enum; emitted unchanged.
    Unsupported(TokenStream),
}

impl ParsedStructure {
    /// `above` are derives above the macro.
    pub(crate) fn parse(
        args: TokenStream,
        item: TokenStream,
        above: Vec<Path>,
        errors: &mut Errors,
    ) -> Self {
        let args = StructureArgs { above, ..StructureArgs::parse(args, errors) };
        let item = take_field_values(item, errors);
        let structure = match syn::parse2::<Item>(item.clone()) {
            Ok(Item::Struct(item)) => parse_struct(item, args, errors),
            Ok(Item::Enum(item)) => parse_enum(item, args, errors),
            Ok(other) => {
                errors.at_span(
                    keyword(&other),
                    format!("`#[structure]` is only allowed on a struct or an enum: {LEGAL}"),
                );
                return Self::Unsupported(item);
            }
            Err(error) => {
                errors.push(error);
                return Self::Unsupported(item);
            }
        };
        Self::Structure(Box::new(structure))
    }
}

const LEGAL: &str = "`struct Sample { test: i64 }`";

fn parse_struct(mut item: ItemStruct, args: StructureArgs, errors: &mut Errors) -> Structure {
    let owner = Owner::new(&item.ident, &item.generics, errors);
    let reserved = Reserved::new(&args, &FIELDS, errors);
    let serde = take_serde(&mut item.attrs, &args, errors);
    serde.check_struct(matches!(item.fields, Fields::Named(_)), errors);
    let (mut unknown, mut skipped) = (None, Vec::new());
    let conversion = conversion(&serde, &owner, errors);
    let body = match &mut item.fields {
        fields if conversion.is_some() => {
            take_field_attributes(fields, errors);
            conversion.map_or(Body::Broken, Body::Converted)
        }
        // `struct Id(u64)` is transparent by itself.
        fields
            if serde.transparent.is_some()
                && (fields.len() > 1 || matches!(fields, Fields::Named(_))) =>
        {
            if let Some(field) = field::transparent_field(fields, &owner, errors) {
                check_nesting(&field.ty, &owner.ident, "leave out `transparent`", errors);
                Body::Transparent(field)
            } else {
                errors.at(
                    &item.ident,
                    "`transparent` needs exactly one field; others are a `PhantomData` or have `#[serde(skip)]`",
                );
                Body::Broken
            }
        }
        Fields::Named(fields) => {
            let inherited = Inherited {
                rename_all: serde.rename_all,
                default: serde.default.as_ref(),
                owner: &owner,
                variant: "",
            };
            let found =
                field::message_fields(&mut fields.named, &args, &reserved, &inherited, errors);
            unknown = found.unknown;
            skipped = found.skipped;
            let mut fields = found.fields;
            mark_label(&mut fields, &args, errors);
            Body::Named(fields)
        }
        Fields::Unnamed(fields) if !fields.unnamed.is_empty() => {
            check_tuple_args(&args, errors);
            let types = field::unnamed_types(fields, &owner, errors);
            let named = format!("`struct {} {{ children: .. }}`", owner.ident);
            for ty in &types {
                check_nesting(ty, &owner.ident, &named, errors);
            }
            Body::Tuple(types)
        }
        _ => {
            errors
                .at(&item.ident, format!("a structure needs fields, or an empty `{{}}`: {LEGAL}"));
            Body::Broken
        }
    };
    if let (Some(label), false) = (&args.label, matches!(body, Body::Named(_) | Body::Broken)) {
        errors.at(label, LABEL);
    }
    let secret = matches!(&body, Body::Named(fields) if fields.iter().any(|field| field.secret));
    let derives = Derives::take(&mut item.attrs, "structure", secret, &args.above, errors);
    Structure {
        krate: args.krate,
        derives,
        cfgs: cfgs(&item.attrs),
        docs: docs(&item.attrs),
        open: args.open.is_some(),
        reserved,
        body: if owner.is_owned() { body } else { Body::Broken },
        tagging: Tagging::External,
        unknown,
        skipped,
        owner,
        checked: false,
        item: item.into_token_stream(),
    }
}

fn parse_enum(mut item: ItemEnum, args: StructureArgs, errors: &mut Errors) -> Structure {
    let owner = Owner::new(&item.ident, &item.generics, errors);
    if let Some(label) = &args.label {
        errors.at(label, LABEL);
    }
    let serde = take_serde(&mut item.attrs, &args, errors);
    serde.check_enum(errors);
    let tagging = tagging(&serde, errors);
    if let Some(conversion) = conversion(&serde, &owner, errors) {
        return converted_enum(item, args, owner, conversion, errors);
    }
    let units = matches!(tagging, Tagging::External)
        && item.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit));
    let (variants, reserved) =
        enumeration::variants(&mut item.variants, units, &args, &serde, &owner, errors);
    if item.variants.is_empty() {
        errors.at(&item.ident, "an enum needs at least one variant: `enum Kind { Retail }`");
    }
    check_layout(&tagging, &variants, errors);
    let secret = variants.iter().any(Variant::is_secret);
    let derives = Derives::take(&mut item.attrs, "structure", secret, &args.above, errors);
    check_default(&mut item, &derives, errors);
    let body = if !owner.is_owned() || item.variants.is_empty() {
        Body::Broken
    } else if units {
        Body::Units(variants)
    } else {
        Body::Data(variants)
    };
    Structure {
        krate: args.krate,
        derives,
        cfgs: cfgs(&item.attrs),
        docs: docs(&item.attrs),
        open: args.open.is_some(),
        reserved,
        body,
        tagging,
        unknown: None,
        skipped: Vec::new(),
        owner,
        checked: false,
        item: item.into_token_stream(),
    }
}

/// Returns the type that the messages of the item are of, if it is another.
fn conversion(serde: &ItemSerde, owner: &Owner, errors: &mut Errors) -> Option<Conversion> {
    let legal = "a message is read and written in one layout: `#[serde(try_from = \"Raw\", into = \"Raw\")]`, or \
                 `from` for a conversion that can't fail";
    let (raw, is_fallible) = match (&serde.from, &serde.try_from) {
        (Some(raw), None) => (raw, false),
        (None, Some(raw)) => (raw, true),
        (Some(_), Some(second)) => {
            errors.at(second, legal);
            return None;
        }
        (None, None) => {
            if let Some(into) = &serde.into {
                errors.at(into, legal);
            }
            return None;
        }
    };
    if serde.into.as_ref().is_none_or(|into| compact(into) != compact(raw)) {
        errors.at(serde.into.as_ref().unwrap_or(raw), legal);
        return None;
    }
    Some(Conversion { raw: owner.named_type(raw), is_fallible })
}

/// Removes serde's attributes from fields that are not those of the message, and reports Athena's.
fn take_field_attributes(fields: &mut Fields, errors: &mut Errors) {
    for field in fields {
        field.attrs.retain(|attr| !attr.path().is_ident("serde"));
        for attr in take_ours(&mut field.attrs, errors) {
            errors.at(
                attr.path(),
                "the message is of the type that this one is made from: put the attribute there",
            );
        }
    }
}

fn converted_enum(
    mut item: ItemEnum,
    args: StructureArgs,
    owner: Owner,
    conversion: Conversion,
    errors: &mut Errors,
) -> Structure {
    for variant in &mut item.variants {
        variant.attrs.retain(|attr| !attr.path().is_ident("serde"));
        take_field_attributes(&mut variant.fields, errors);
    }
    let derives = Derives::take(&mut item.attrs, "structure", false, &args.above, errors);
    check_default(&mut item, &derives, errors);
    Structure {
        krate: args.krate,
        derives,
        cfgs: cfgs(&item.attrs),
        docs: docs(&item.attrs),
        open: false,
        reserved: Reserved::default(),
        body: Body::Converted(conversion),
        tagging: Tagging::External,
        unknown: None,
        skipped: Vec::new(),
        owner,
        checked: false,
        item: item.into_token_stream(),
    }
}

/// Reports `#[default]` on a variant that no `#[derive(Default)]` reads.
fn check_default(item: &mut ItemEnum, derives: &Derives, errors: &mut Errors) {
    if !derives.lacks("Default") {
        return;
    }
    for variant in &mut item.variants {
        variant.attrs.retain(|attr| {
            let is_default = attr.path().is_ident("default");
            if is_default {
                errors.at(
                    attr.path(),
                    "`#[default]` on a variant is for `#[derive(Default)]`: write that below `#[structure]`",
                );
            }
            !is_default
        });
    }
}

/// Returns how JSON tells variants apart.
fn tagging(serde: &ItemSerde, errors: &mut Errors) -> Tagging {
    match (&serde.tag, &serde.content, serde.untagged) {
        (None, None, None) => Tagging::External,
        (Some(tag), None, None) => Tagging::Internal(tag.value()),
        (Some(tag), Some(content), None) => {
            if tag.value() == content.value() {
                errors.at(content, "`tag` and `content` are two members of one object; rename one");
            }
            Tagging::Adjacent(tag.value(), content.value())
        }
        (None, None, Some(_)) => Tagging::Untagged,
        (_, _, Some(span)) => {
            errors.at_span(
                span,
                "an untagged enum has no `tag` and no `content`; remove one of them",
            );
            Tagging::Untagged
        }
        (None, Some(content), None) => {
            errors.at(
                content,
                "`content` needs a `tag`: `#[serde(tag = \"type\", content = \"data\")]`",
            );
            Tagging::External
        }
    }
}

/// Reports data that has no place in the layout.
fn check_layout(tagging: &Tagging, variants: &[Variant], errors: &mut Errors) {
    for variant in variants {
        match (&variant.data, tagging) {
            (VariantData::Tuple(types), Tagging::Internal(_)) if types.len() > 1 => errors.at(
                &variant.ident,
                "a tuple has no members for a tag to stand beside: name the fields, or add `content = \"..\"`",
            ),
            (VariantData::Named(fields), Tagging::External) => {
                if let Some(field) = fields.iter().find(|field| field.flatten) {
                    errors.at(
                        &field.ident,
                        "`flatten` in a variant needs `tag` or `untagged` on the enum; or put the fields into a \
                         structure of their own",
                    );
                }
            }
            (VariantData::Named(fields), Tagging::Internal(tag)) => {
                if let Some(field) = fields.iter().find(|field| field.key == *tag && !field.flatten) {
                    errors.at(&field.ident, format!("`{tag}` is the tag of the enum; rename one"));
                }
            }
            _ => {}
        }
    }
}

/// Removes serde's attributes from the item and checks them against those of Athena.
fn take_serde(attrs: &mut Vec<Attribute>, args: &StructureArgs, errors: &mut Errors) -> ItemSerde {
    let serde = ItemSerde::take(attrs, errors);
    if let (Some(span), Some(_)) = (serde.deny_unknown_fields, args.open) {
        errors.at_span(span, "`#[structure(open)]` ignores unknown fields; remove one of the two");
    }
    serde
}

/// Reports a type that contains itself where schemas have no name for it: its description would not end.
fn check_nesting(content: &Type, own: &Ident, way_out: &str, errors: &mut Errors) {
    if mentions(content, own) {
        let reason = "a type that has no name in schemas can't contain itself";
        errors.at(content, format!("{reason}: {way_out}, or `serde_json::Value` here"));
    }
}

const LABEL: &str = "`label` names a field of a struct: `#[structure(label = \"id\")]`";

/// Marks the field whose value tells cases apart.
fn mark_label(fields: &mut [Field], args: &StructureArgs, errors: &mut Errors) {
    let Some(label) = &args.label else { return };
    let name = label.value();
    match fields.iter_mut().find(|field| field.key == name || field.name == name) {
        Some(field) if field.secret => {
            errors
                .at(label, "a label is shown, and this field is `#[secret]`: choose another field");
        }
        Some(field) if field.flatten => {
            errors.at(label, "a flattened field has no value of its own: choose another field");
        }
        Some(field) => field.label = true,
        None => {
            let names: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
            errors.at(label, format!("no field is called `{name}`{}", did_you_mean(&name, &names)));
        }
    }
}

fn check_tuple_args(args: &StructureArgs, errors: &mut Errors) {
    let legal = "`open` and `reserved` need fields with names";
    if let Some(span) = args.open {
        errors.at_span(span, legal);
    }
    if let Some(number) = args.reserved.first() {
        errors.at(number, legal);
    } else if let Some(name) = args.reserved_names.first() {
        errors.at(name, legal);
    }
}

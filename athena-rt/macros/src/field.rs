//! The named fields of a structure, of a variant, or of an environment: parsing.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{Expr, FieldsUnnamed, Ident, LitStr, Path, Token, Type};

use crate::args::StructureArgs;
use crate::attr::{Carrier, Encodings, FieldAttrs, Functions, Tolerance, take_ours};
use crate::edition::shown_at;
use crate::errors::Errors;
use crate::numbers::{FIELDS, Reserved, assign};
use crate::owner::Owner;
use crate::rename::RenameRule;
use crate::serde_attr::{FieldSerde, SerdeDefault};
use crate::text::{docs, name};
use crate::types::{
    holds_floats, holds_no_integer, is_list, is_map, is_named, nested_option, parts,
};

/// A named field, checked.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// The identifier, `type` for `r#type`: the name in Protocol Buffers.
    pub(crate) name: String,
    /// The key in JSON: the name, unless serde's attributes change it.
    pub(crate) key: String,
    /// Other keys that are read.
    pub(crate) aliases: Vec<String>,
    /// The function that decides whether the field is omitted when written.
    pub(crate) skip_if: Option<Path>,
    pub(crate) ty: Type,
    /// The arguments of a hidden type of the structure: `<T>`.
    pub(crate) arguments: TokenStream,
    /// Whether the type depends on the parameters of the structure.
    pub(crate) is_generic: bool,
    pub(crate) docs: String,
    pub(crate) number: u32,
    pub(crate) default: Option<Fallback>,
    /// The type whose `Default` has the field's default.
    pub(crate) default_of: Option<Type>,
    pub(crate) tolerance: Option<Tolerance>,
    pub(crate) volatile: bool,
    pub(crate) unordered: bool,
    pub(crate) secret: bool,
    pub(crate) encoding: Encodings,
    /// Whether its members are those of the object around it.
    pub(crate) flatten: bool,
    /// What carries a type of another crate.
    pub(crate) carrier: Option<Carrier>,
    /// Whether it is not part of the message.
    pub(crate) skip: bool,
    /// Whether the zero is left out in Protocol Buffers.
    pub(crate) implicit: bool,
    /// Whether the variants of its enum are fields of the message and share its numbers.
    pub(crate) oneof: bool,
    /// Whether its type is checked to be a part of a message.
    pub(crate) checked: bool,
}

/// What the fields of a structure take from serde's attributes on it.
pub(crate) struct Inherited<'a> {
    pub(crate) rename_all: Option<RenameRule>,
    /// Where the defaults of the fields come from.
    pub(crate) default: Option<&'a SerdeDefault>,
    /// The type of the item.
    pub(crate) owner: &'a Owner,
    /// The name of the variant with the fields; otherwise empty.
    pub(crate) variant: &'a str,
}

/// The default of a field.
pub(crate) struct Fallback {
    /// The generated function that returns it.
    pub(crate) function: Ident,
    /// The arguments of a generic function: those of the type.
    turbofish: TokenStream,
    pub(crate) value: Expr,
}

impl Fallback {
    /// Returns the function as a value.
    pub(crate) fn path(&self) -> TokenStream {
        let Self { function, turbofish, .. } = self;
        quote!(#function #turbofish)
    }
}

impl Field {
    /// Returns the local variable that holds the field while a message is read.
    pub(crate) fn slot(&self) -> Ident {
        format_ident!("__field_{}", self.name)
    }

    /// Returns the key in ProtoJSON: `unitPrice` for `unit_price`, unless it is renamed.
    fn proto_key(&self) -> String {
        if self.key == self.name { camel(&self.name) } else { self.key.clone() }
    }
}

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
        let value =
            attrs.default.take().or_else(|| serde_default(&serde, inherited, &ident, &field.ty));
        let default = value.map(|value| Fallback {
            function: format_ident!("__default_{}", index),
            turbofish: owner.map(Owner::turbofish).unwrap_or_default(),
            value: owner.map_or_else(|| value.clone(), |owner| owner.named_value(&value)),
        });
        let default_of = default_type(&serde, inherited, &field.ty).filter(|_| default.is_some());
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
            default_of,
            tolerance: None,
            volatile: attrs.volatile.is_some(),
            unordered: attrs.unordered.is_some(),
            secret: attrs.secret.is_some(),
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

/// Returns the key in JSON: as renamed, otherwise by the rule, otherwise the name.
pub(crate) fn key(
    renamed: Option<&LitStr>,
    name: &str,
    rule: impl FnOnce(&str) -> Option<String>,
) -> String {
    renamed.map(LitStr::value).or_else(|| rule(name)).unwrap_or_else(|| name.to_owned())
}

/// Returns the default that serde's attributes give to a field.
fn serde_default(
    serde: &FieldSerde,
    inherited: Option<&Inherited<'_>>,
    ident: &Ident,
    ty: &Type,
) -> Option<Expr> {
    let from_item =
        inherited.and_then(|inherited| Some((inherited.default?, inherited.owner.ty())));
    match (&serde.default, from_item) {
        // An absent `Option` is `None` anyway.
        (Some(SerdeDefault::Trait(_)), _) if is_named(ty, "Option") && !serde.has_functions() => {
            None
        }
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

/// Reports a key in JSON that two fields or variants share.
pub(crate) fn check_keys<'a>(
    members: impl Iterator<Item = (&'a Ident, &'a str, &'a [String])>,
    errors: &mut Errors,
) {
    let mut taken: Vec<(&str, &Ident)> = Vec::new();
    for (ident, key, aliases) in members {
        for key in std::iter::once(key).chain(aliases.iter().map(String::as_str)) {
            match taken.iter().find(|(known, _)| *known == key) {
                Some((_, first)) if *first == ident => {
                    errors.at(
                        ident,
                        format!("`{}` is called `{key}` twice; remove one", name(ident)),
                    );
                }
                Some((_, first)) => errors.at(
                    ident,
                    format!(
                        "`{}` and `{}` are both `{key}` in JSON; rename one",
                        name(first),
                        name(ident)
                    ),
                ),
                None => taken.push((key, ident)),
            }
        }
    }
}

/// The fields of one message.
pub(crate) struct MessageFields {
    pub(crate) fields: Vec<Field>,
    /// The field for unknown fields.
    pub(crate) unknown: Option<Ident>,
    /// The fields that are not part of the message.
    pub(crate) skipped: Vec<Field>,
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
    let (keepers, found): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, attrs)| attrs.unknown.is_some());
    for (keeper, attrs) in &keepers {
        refuse_beside_unknown(keeper, attrs, errors);
        if !is_named(&keeper.ty, "UnknownFields") {
            errors.at(
                &keeper.ty,
                "`#[unknown]` needs a field of type `UnknownFields`: `#[unknown] rest: UnknownFields`",
            );
        }
    }
    let mut keepers = keepers.into_iter().map(|(field, _)| field.ident);
    let unknown = keepers.next();
    for second in keepers {
        errors.at(
            &second,
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
        if let Some(earlier) =
            fields.iter().find(|earlier| earlier.proto_key() == field.proto_key())
        {
            errors.at(
                &field.ident,
                format!(
                    "`{}` and `{}` are both `{}` in ProtoJSON; rename one",
                    field.name,
                    earlier.name,
                    field.proto_key(),
                ),
            );
        }
        if let Some(tolerance) = &attrs.tolerance
            && !holds_floats(&field.ty)
        {
            errors.at_span(
                tolerance.span,
                "`#[tolerance]` needs f32, f64, or a container of them, as in `price: f64` or \
                 `prices: Vec<f64>`; the macro can't see through a type alias",
            );
        }
        check_encoding(&field, &attrs, errors);
        if let Some(span) = attrs.unordered
            && !is_list(&field.ty)
        {
            errors.at_span(
                span,
                "`#[unordered]` needs a list, as in `items: Vec<Item>`; the macro can't see through a type alias",
            );
        }
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
        if let Some(inner) = nested_option(&field.ty) {
            errors.at(inner, AMBIGUOUS);
        }
    }
    fields.unnamed.iter().map(|field| owner.named_type(&field.ty)).collect()
}

const AMBIGUOUS: &str = "`Some(None)` and `None` are the same here; an `Option<Option<T>>` is a field by itself: \
                         absent, null or a value";

/// Finds an `Option` in an `Option` other than the one that a field may be.
fn ambiguous_option(ty: &Type) -> Option<&Type> {
    match parts(ty).as_slice() {
        [inner] if is_named(ty, "Option") && is_named(inner, "Option") => {
            parts(inner).into_iter().find_map(|part| {
                if is_named(part, "Option") { Some(part) } else { nested_option(part) }
            })
        }
        _ => nested_option(ty),
    }
}

/// Reports other attributes on a field with `#[unknown]`: unknown fields are not in JSON, not
/// compared and not numbered.
fn refuse_beside_unknown(field: &Field, attrs: &FieldAttrs, errors: &mut Errors) {
    let others = field.default.is_some()
        || attrs.number.is_some()
        || attrs.tolerance.is_some()
        || field.oneof
        || field.volatile
        || field.unordered
        || field.secret;
    if others {
        errors.at(
            &field.ident,
            "a field with `#[unknown]` accepts no other attribute: `#[unknown] rest: UnknownFields`",
        );
    }
}

/// Reports an encoding that the type can't have, and a zero that an absent field does not mean.
fn check_encoding(field: &Field, attrs: &FieldAttrs, errors: &mut Errors) {
    if let Some((encodings, span)) = attrs.encoding
        && encodings.key != encodings.value
        && !is_map(&field.ty)
    {
        errors.at_span(
            span,
            "`key` and `value` are the encodings of a map, as in `#[field(value = sint)] stock: BTreeMap<String, i32>`; \
             the macro can't see through a type alias",
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

/// Reports a default, number or encoding on a field with `#[oneof]`, and a type other than
/// `Option`: the variants have the numbers, and the field is `None` if no variant is set.
fn refuse_beside_oneof(field: &Field, attrs: &FieldAttrs, errors: &mut Errors) {
    let legal = "`#[oneof]` needs an `Option` of an enum with data, whose variants have the \
                 numbers: `#[oneof] payment: Option<Payment>`";
    if field.default.is_some()
        || attrs.number.is_some()
        || attrs.encoding.is_some()
        || attrs.implicit.is_some()
    {
        errors.at(&field.ident, legal);
    } else if !is_named(&field.ty, "Option") {
        errors.at(&field.ty, legal);
    }
}

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

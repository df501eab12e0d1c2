//! serde's attributes: `#[serde(rename = "type", default)]` on items, fields and variants means what it
//! means to serde. What a message can't honour is one error at the token.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, Lit, LitStr, Meta, Path, Type};

use crate::errors::{Errors, did_you_mean};
use crate::rename::RenameRule;

/// serde's attributes on an item.
#[derive(Default)]
pub(crate) struct ItemSerde {
    pub(crate) rename_all: Option<RenameRule>,
    /// For the fields of all variants.
    pub(crate) rename_all_fields: Option<(RenameRule, Span)>,
    pub(crate) default: Option<SerdeDefault>,
    pub(crate) deny_unknown_fields: Option<Span>,
    pub(crate) tag: Option<LitStr>,
    pub(crate) content: Option<LitStr>,
    pub(crate) untagged: Option<Span>,
    pub(crate) transparent: Option<Span>,
    pub(crate) from: Option<Type>,
    pub(crate) try_from: Option<Type>,
    pub(crate) into: Option<Type>,
}

/// serde's attributes on a variant.
#[derive(Default)]
pub(crate) struct VariantSerde {
    pub(crate) rename: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) rename_all: Option<RenameRule>,
    pub(crate) other: Option<Span>,
}

/// serde's attributes on a field.
#[derive(Default)]
pub(crate) struct FieldSerde {
    pub(crate) rename: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) default: Option<SerdeDefault>,
    pub(crate) skip_serializing_if: Option<Path>,
    pub(crate) flatten: Option<Span>,
    /// A module with both functions.
    pub(crate) with: Option<Path>,
    pub(crate) serialize_with: Option<Path>,
    pub(crate) deserialize_with: Option<Path>,
    /// Not part of the message.
    pub(crate) skip: Option<Span>,
}

/// The value of an absent field.
#[derive(Clone)]
pub(crate) enum SerdeDefault {
    /// `default`.
    Trait(Span),
    /// `default = "path"`.
    Function(Path),
}

/// Where an attribute stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Item,
    Variant,
    Field,
}

/// What is done with an attribute.
enum Use {
    Honoured,
    /// It changes nothing about a message.
    Ignored,
    /// It can't be honoured; the way out.
    Refused(&'static str),
}

use Use::{Honoured, Ignored, Refused};

/// serde's attributes by the places where they may stand.
const ATTRIBUTES: &[(&str, &[Target], Use)] = &[
    ("rename", &[Target::Variant, Target::Field], Honoured),
    ("alias", &[Target::Variant, Target::Field], Honoured),
    ("rename_all", &[Target::Item, Target::Variant], Honoured),
    ("rename_all_fields", &[Target::Item], Honoured),
    ("default", &[Target::Item, Target::Field], Honoured),
    ("skip_serializing_if", &[Target::Field], Honoured),
    ("deny_unknown_fields", &[Target::Item], Honoured),
    ("tag", &[Target::Item], Honoured),
    ("content", &[Target::Item], Honoured),
    ("untagged", &[Target::Item], Honoured),
    ("transparent", &[Target::Item], Honoured),
    ("other", &[Target::Variant], Honoured),
    ("flatten", &[Target::Field], Honoured),
    ("untagged", &[Target::Variant], Refused(UNTAGGED)),
    ("with", &[Target::Field], Honoured),
    ("serialize_with", &[Target::Field], Honoured),
    ("deserialize_with", &[Target::Field], Honoured),
    ("skip", &[Target::Field], Honoured),
    ("from", &[Target::Item], Honoured),
    ("try_from", &[Target::Item], Honoured),
    ("into", &[Target::Item], Honoured),
    ("with", &[Target::Variant], Refused(FUNCTIONS)),
    ("serialize_with", &[Target::Variant], Refused(FUNCTIONS)),
    ("deserialize_with", &[Target::Variant], Refused(FUNCTIONS)),
    // The name of a type is not in its messages.
    ("rename", &[Target::Item], Ignored),
    ("crate", &[Target::Item], Ignored),
    ("bound", &[Target::Item, Target::Variant, Target::Field], Ignored),
    ("expecting", &[Target::Item], Ignored),
    ("borrow", &[Target::Variant, Target::Field], Refused("a message owns its data: use `String`")),
    ("skip", &[Target::Variant], Refused(SKIPPED_VARIANT)),
    ("skip_serializing", &[Target::Variant], Refused(SKIPPED_VARIANT)),
    ("skip_deserializing", &[Target::Variant], Refused(SKIPPED_VARIANT)),
    ("skip_serializing", &[Target::Field], Refused(SKIPPED_FIELD)),
    ("skip_deserializing", &[Target::Field], Refused(SKIPPED_FIELD)),
    ("remote", &[Target::Item], Refused(REMOTE)),
    ("getter", &[Target::Field], Refused(REMOTE)),
    ("variant_identifier", &[Target::Item], Refused(IDENTIFIER)),
    ("field_identifier", &[Target::Item], Refused(IDENTIFIER)),
];

const FUNCTIONS: &str = "put it on the fields of the variant";

const SKIPPED_FIELD: &str = "a field is read and written: `skip` keeps it out of the message, and \
                             `skip_serializing_if = \"..\"` omits it where it is written";

const SKIPPED_VARIANT: &str = "every variant is part of the message: remove the attribute, or put `#[structure]` on an \
                               enum of the variants that are in messages, and convert it: `from`, `into`";

const UNTAGGED: &str =
    "put `untagged` on an enum around this one: `enum KindOrOther { Kind(Kind), Other(String) }`";

const REMOTE: &str = "leave this type to serde, and use it on the fields that hold the other one: \
                      `#[serde(with = \"DurationDef\")]`; `#[field(json)]` and `#[field(text)]` need no such type";

const IDENTIFIER: &str = "remove it: an enum of variants without data is read by their names";

impl ItemSerde {
    /// Removes serde's attributes from an item and parses them.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut found = Self::default();
        for meta in take(attrs, Target::Item, errors) {
            match name(&meta).as_str() {
                "rename_all" => found.rename_all = rule(&meta, errors),
                "rename_all_fields" => {
                    found.rename_all_fields = rule(&meta, errors).map(|rule| (rule, meta.span()));
                }
                "default" => found.default = default(&meta, errors),
                "tag" => found.tag = text(&meta, errors),
                "content" => found.content = text(&meta, errors),
                "untagged" => found.untagged = Some(meta.span()),
                "transparent" => found.transparent = Some(meta.span()),
                "from" => found.from = parsed(&meta, errors),
                "try_from" => found.try_from = parsed(&meta, errors),
                "into" => found.into = parsed(&meta, errors),
                _ => found.deny_unknown_fields = Some(meta.span()),
            }
        }
        found
    }
}

impl ItemSerde {
    /// Reports what serde's derive refuses on a struct.
    pub(crate) fn check_struct(&self, has_names: bool, errors: &mut Errors) {
        for token in [&self.tag, &self.content].into_iter().flatten() {
            errors
                .at(token, "`tag` and `content` are for enums; for a constant member add a field, or write an enum");
        }
        if let Some(span) = self.untagged {
            errors.at_span(span, "`untagged` is for enums");
        }
        if let Some((_, span)) = self.rename_all_fields {
            errors
                .at_span(span, "`rename_all_fields` is for enums; for a struct write `rename_all`");
        }
        if let (Some(default), false) = (&self.default, has_names) {
            errors.at_span(default.span(), "`default` needs fields with names");
        }
    }

    /// Reports what serde's derive refuses on an enum.
    pub(crate) fn check_enum(&self, errors: &mut Errors) {
        if let Some(default) = &self.default {
            errors.at_span(
                default.span(),
                "`default` is for structs: put it on the fields that may be absent, also on those of a variant",
            );
        }
        if let Some(span) = self.transparent {
            errors.at_span(
                span,
                "`transparent` is for structs; `untagged` reads a variant by its data",
            );
        }
    }
}

impl SerdeDefault {
    fn span(&self) -> Span {
        match self {
            Self::Trait(span) => *span,
            Self::Function(path) => path.span(),
        }
    }
}

impl VariantSerde {
    /// Removes serde's attributes from a variant and parses them.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut found = Self::default();
        for meta in take(attrs, Target::Variant, errors) {
            match name(&meta).as_str() {
                "rename" => found.rename = text(&meta, errors),
                "alias" => found.aliases.extend(text(&meta, errors)),
                "other" => found.other = Some(meta.span()),
                _ => found.rename_all = rule(&meta, errors),
            }
        }
        found
    }
}

impl FieldSerde {
    /// Whether functions write or read the field.
    pub(crate) fn has_functions(&self) -> bool {
        self.with.is_some() || self.serialize_with.is_some() || self.deserialize_with.is_some()
    }

    /// Removes serde's attributes from a field and parses them.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut found = Self::default();
        for meta in take(attrs, Target::Field, errors) {
            match name(&meta).as_str() {
                "rename" => found.rename = text(&meta, errors),
                "alias" => found.aliases.extend(text(&meta, errors)),
                "default" => found.default = default(&meta, errors),
                "flatten" => found.flatten = Some(meta.span()),
                "skip" => found.skip = Some(meta.span()),
                "with" => found.with = parsed(&meta, errors),
                "serialize_with" => found.serialize_with = parsed(&meta, errors),
                "deserialize_with" => found.deserialize_with = parsed(&meta, errors),
                _ => found.skip_serializing_if = parsed(&meta, errors),
            }
        }
        found
    }
}

/// Removes the attributes and returns those that are honoured; all but `alias` at most once.
fn take(attrs: &mut Vec<Attribute>, place: Target, errors: &mut Errors) -> Vec<Meta> {
    let (ours, rest): (Vec<_>, Vec<_>) =
        std::mem::take(attrs).into_iter().partition(|attr| attr.path().is_ident("serde"));
    *attrs = rest;
    let mut found: Vec<Meta> = Vec::new();
    for attr in &ours {
        let parse = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
        let metas = match &attr.meta {
            Meta::List(list) if list.tokens.is_empty() => continue,
            Meta::List(_) => errors.note(attr.parse_args_with(parse)),
            other => {
                errors.at(other, "write serde's attributes in parentheses: `#[serde(default)]`");
                None
            }
        };
        for meta in metas.into_iter().flatten() {
            let name = name(&meta);
            let is_again = found.iter().any(|earlier| self::name(earlier) == name);
            match legal(&name, place) {
                Ok(Honoured) if is_again && name != "alias" => {
                    errors.at(meta.path(), format!("`{name}` is given twice; remove one"));
                }
                Ok(Honoured) => found.push(meta),
                Ok(Ignored) => {}
                Ok(Refused(way_out)) => errors
                    .at(meta.path(), format!("`#[serde({name})]` is not supported: {way_out}")),
                Err(reason) => errors.at(meta.path(), reason),
            }
        }
    }
    found
}

/// Looks up an attribute at a place.
fn legal(name: &str, place: Target) -> Result<&'static Use, String> {
    let mut known = ATTRIBUTES.iter().filter(|(known, ..)| *known == name).peekable();
    if known.peek().is_none() {
        let names: Vec<&str> = ATTRIBUTES.iter().map(|(name, ..)| *name).collect();
        let near = did_you_mean(name, &names);
        return Err(format!("`#[serde({name})]` is not supported in a message{near}"));
    }
    let found = known.find(|(_, places, _)| places.contains(&place));
    let place = match place {
        Target::Item => "a type",
        Target::Variant => "a variant",
        Target::Field => "a field",
    };
    found
        .map(|(.., used)| used)
        .ok_or_else(|| format!("`#[serde({name})]` has no meaning on {place}"))
}

fn name(meta: &Meta) -> String {
    crate::text::compact(meta.path())
}

/// Returns the text of `name = "text"`.
fn text(meta: &Meta, errors: &mut Errors) -> Option<LitStr> {
    let name = name(meta);
    match meta {
        Meta::NameValue(pair) => match crate::text::peel_expr(&pair.value) {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => return Some(text.clone()),
                other => errors.at(other, format!("`{name}` takes a string: `{name} = \"..\"`")),
            },
            other => errors.at(other, format!("`{name}` takes a string: `{name} = \"..\"`")),
        },
        Meta::List(list) => errors.at(
            list,
            format!(
                "a message has the same keys whether it is read or written: `{name} = \"..\"`; another key that \
                 is read is an `alias = \"..\"`"
            ),
        ),
        Meta::Path(path) => errors.at(path, format!("`{name}` takes a string: `{name} = \"..\"`")),
    }
    None
}

fn parsed<T: syn::parse::Parse>(meta: &Meta, errors: &mut Errors) -> Option<T> {
    text(meta, errors).and_then(|text| errors.note(text.parse()))
}

fn rule(meta: &Meta, errors: &mut Errors) -> Option<RenameRule> {
    let text = text(meta, errors)?;
    let rule = RenameRule::from_name(&text.value());
    if rule.is_none() {
        let names: Vec<String> = RenameRule::names().map(|name| format!("{name:?}")).collect();
        errors.at(&text, format!("`{}` takes one of {}", name(meta), names.join(", ")));
    }
    rule
}

fn default(meta: &Meta, errors: &mut Errors) -> Option<SerdeDefault> {
    if let Meta::Path(path) = meta {
        return Some(SerdeDefault::Trait(path.span()));
    }
    let path = text(meta, errors)?;
    errors.note(path.parse()).map(SerdeDefault::Function)
}

//! The keys of fields and variants in JSON.

use syn::{Ident, LitStr};

use super::model::Field;
use crate::errors::Errors;
use crate::text::name;

/// Returns the key in JSON: as renamed, otherwise by the rule, otherwise the name.
pub(crate) fn key(
    renamed: Option<&LitStr>,
    name: &str,
    rule: impl FnOnce(&str) -> Option<String>,
) -> String {
    renamed.map(LitStr::value).or_else(|| rule(name)).unwrap_or_else(|| name.to_owned())
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

/// Returns the key in ProtoJSON: `unitPrice` for `unit_price`, unless it is renamed.
pub(super) fn proto_key(field: &Field) -> String {
    if field.key == field.name { camel(&field.name) } else { field.key.clone() }
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

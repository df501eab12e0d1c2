//! `test: i64 = 2` is not stable Rust, but easily written. It is reported as one clear error, and the
//! rest of the item is parsed.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use crate::errors::Errors;

/// Returns the item without values after field types, and reports each.
pub(crate) fn take_field_values(item: TokenStream, errors: &mut Errors) -> TokenStream {
    let mut is_struct = false;
    item.into_iter()
        .map(|token| match token {
            TokenTree::Ident(word) if word == "struct" => {
                is_struct = true;
                TokenTree::Ident(word)
            }
            TokenTree::Group(body) if is_struct && body.delimiter() == Delimiter::Brace => {
                let mut group = Group::new(Delimiter::Brace, take_values(body.stream(), errors));
                group.set_span(body.span());
                TokenTree::Group(group)
            }
            other => other,
        })
        .collect()
}

fn take_values(fields: TokenStream, errors: &mut Errors) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = fields.into_iter().peekable();
    // An `=` between angle brackets belongs to the type: `dyn Iterator<Item = u8>`.
    let mut depth = 0_usize;
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
            TokenTree::Punct(punct)
                if punct.as_char() == '=' && punct.spacing() == Spacing::Alone && depth == 0 =>
            {
                let mut value = TokenStream::new();
                while let Some(next) = tokens.next_if(|next| !is_comma(next)) {
                    value.extend([next]);
                }
                let value = crate::text::compact(&value);
                errors.at(
                    &token,
                    format!("write the default above the field: `#[default({value})]`"),
                );
                continue;
            }
            _ => {}
        }
        kept.push(token);
    }
    kept.into_iter().collect()
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

//! Code as one line of text, spaced as cargo-mutants spaces it in names.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;

/// The text of a piece of code in a name: `Result<Vec<u8>, Error>`.
pub(super) fn pretty(code: &impl ToTokens) -> String {
    let mut text = String::new();
    append(code.to_token_stream(), &mut text);
    text
}

fn append(tokens: TokenStream, text: &mut String) {
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Punct(punct) => {
                let punct = punct.as_char();
                if punct == '|' && !text.is_empty() && !text.ends_with([' ', '|']) {
                    text.push(' ');
                }
                text.push(punct);
                if rest.peek().is_some() && (text.ends_with("->") || matches!(punct, ',' | ';')) {
                    text.push(' ');
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                if text.ends_with(['=', '|']) || text.ends_with("=>") {
                    text.push(' ');
                }
                text.push_str(&token.to_string());
                let is_spaced = match rest.peek() {
                    Some(TokenTree::Ident(_) | TokenTree::Literal(_)) => true,
                    Some(TokenTree::Punct(next)) => {
                        !matches!(next.as_char(), ',' | ';' | '<' | '>' | ':' | '.' | '!')
                    }
                    Some(TokenTree::Group(_)) | None => false,
                };
                if is_spaced {
                    text.push(' ');
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                let mut inner = String::new();
                append(group.stream(), &mut inner);
                text.push_str(&inner);
                text.push_str(close);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn names_are_spaced_as_in_cargo_mutants() {
        for (code, expected) in [
            (
                "< impl Iterator for Merge < AE , BE > > :: next -> Option < Self :: Item >",
                "<impl Iterator for Merge<AE, BE>>::next -> Option<Self::Item>",
            ),
            ("Lex < 'buf > :: take", "Lex<'buf>::take"),
            ("'a' | 'b'", "'a' | 'b'"),
            ("Vec :: leak ( vec ! [ 0 ] )", "Vec::leak(vec![0])"),
        ] {
            let tokens: proc_macro2::TokenStream = code.parse().unwrap();
            assert_eq!(pretty(&tokens), expected);
        }
    }
}

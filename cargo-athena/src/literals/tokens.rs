//! The literals of one source file, by its tokens: also those in macros, and in code that is not compiled
//! here.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::Lit;

/// Collects literals.
#[derive(Debug, Default)]
pub(super) struct LiteralFinder {
    pub(super) texts: BTreeSet<String>,
    pub(super) integers: BTreeSet<i128>,
    pub(super) floats: BTreeSet<String>,
}

impl LiteralFinder {
    /// Reads a source file. One that is not Rust has none.
    pub(super) fn read(&mut self, source: &str) {
        if let Ok(tokens) = TokenStream::from_str(source) {
            self.tokens(tokens);
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == '#' => {
                    if tokens.peek().is_some_and(
                        |next| matches!(next, TokenTree::Punct(mark) if mark.as_char() == '!'),
                    ) {
                        tokens.next();
                    }
                    let Some(TokenTree::Group(group)) = tokens.peek() else { continue };
                    if group.delimiter() != Delimiter::Bracket {
                        continue;
                    }
                    let attribute = group.stream();
                    tokens.next();
                    if is_for_tests(&attribute) {
                        skip_item(&mut tokens);
                    } else {
                        self.attribute(attribute);
                    }
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => self.literal(&Lit::new(literal), false),
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }

    /// Documentation has texts in quotes; other attributes have literals that inputs may need.
    fn attribute(&mut self, tokens: TokenStream) {
        let is_docs = matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc");
        if !is_docs {
            return self.tokens(tokens);
        }
        for token in tokens {
            if let TokenTree::Literal(literal) = token {
                self.literal(&Lit::new(literal), true);
            }
        }
    }

    fn literal(&mut self, literal: &Lit, is_docs: bool) {
        match literal {
            Lit::Str(text) if is_docs => self.quoted(&text.value()),
            Lit::Str(text) => drop(self.texts.insert(text.value())),
            Lit::ByteStr(bytes) => {
                if let Ok(text) = String::from_utf8(bytes.value()) {
                    self.texts.insert(text);
                }
            }
            Lit::Char(letter) => drop(self.texts.insert(letter.value().to_string())),
            Lit::Byte(byte) => {
                let byte = byte.value();
                if byte.is_ascii() {
                    self.texts.insert(char::from(byte).to_string());
                }
                self.integers.insert(byte.into());
            }
            Lit::Int(number) => self.integers.extend(number.base10_parse::<i128>()),
            Lit::Float(number) => drop(self.floats.insert(number.base10_digits().to_owned())),
            _ => {}
        }
    }

    /// Texts in quotes and backquotes.
    fn quoted(&mut self, docs: &str) {
        for mark in ['"', '`'] {
            let parts: Vec<&str> = docs.split(mark).collect();
            // Without its end, a text is none.
            let closed = parts.len().saturating_sub(1);
            let quoted = parts[..closed].iter().skip(1).step_by(2);
            self.texts
                .extend(quoted.filter(|text| !text.contains('\n')).map(|&text| text.to_owned()));
        }
    }
}

/// Whether an attribute says that its item is a test: `cfg(test)`, `test`.
fn is_for_tests(attribute: &TokenStream) -> bool {
    let mut tokens = attribute.clone().into_iter();
    let Some(TokenTree::Ident(name)) = tokens.next() else { return false };
    match tokens.next() {
        None => name == "test",
        Some(TokenTree::Group(group)) if name == "cfg" => {
            let text = group.stream().to_string();
            text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test")
                && !text.contains("not")
        }
        Some(_) => false,
    }
}

/// Skips an item: up to its braces, or its semicolon.
fn skip_item(tokens: &mut impl Iterator<Item = TokenTree>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(mark) if mark.as_char() == ';' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> LiteralFinder {
        let mut finder = LiteralFinder::default();
        finder.read(source);
        finder
    }

    #[test]
    #[allow(clippy::needless_raw_string_hashes, reason = "the text holds a raw string with one")]
    fn literals_are_found_wherever_they_stand() {
        let finder = found(
            r##"
            /// Writes `quoted` and "said", and has a lonely ` at the end.
            fn f(x: u32) -> char {
                match x { 0x1F => 'a', 2..=40_000u32 => b'c'.into(), _ => panic!("in a macro {}", 1.5f32) }
            }
            const B: &[u8] = b"bytes";
            #[example("shown")]
            const R: &str = r#"raw "text""#;
            "##,
        );
        let texts: Vec<&str> = finder.texts.iter().map(String::as_str).collect();
        assert_eq!(
            texts,
            ["a", "bytes", "c", "in a macro {}", "quoted", "raw \"text\"", "said", "shown"]
        );
        assert_eq!(finder.integers.into_iter().collect::<Vec<_>>(), [2, 31, 99, 40_000]);
        assert_eq!(finder.floats.into_iter().collect::<Vec<_>>(), ["1.5"]);
    }

    #[test]
    fn tests_are_left_out() {
        let finder = found(
            r#"
            #[cfg(test)]
            #[allow(unused)]
            mod tests { const A: &str = "one"; }
            #[test]
            fn two() { assert_eq!("two", f()) }
            #[cfg(all(test, unix))] use three;
            #[cfg(not(test))] const C: &str = "kept";
            const D: &str = "after";
            "#,
        );
        assert_eq!(finder.texts.into_iter().collect::<Vec<_>>(), ["after", "kept"]);
        assert!(found("\"unfinished").texts.is_empty());
    }
}

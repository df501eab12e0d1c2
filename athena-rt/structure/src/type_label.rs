//! Names of types with their arguments: `Page<Item>`, and `PageItem` where a name has letters only.
//!
//! The key of a type among [`Shapes`](crate::shape::Shapes) is its path with its arguments: `shop::Page<shop::Item>`. A
//! static in a generic function is shared by all its arguments, so what is kept here is kept by its text.

use std::any::{TypeId, type_name};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Texts that live as long as the program: as many as it has types.
static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

fn keep(text: String) -> &'static str {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(text.as_str()) {
        return known;
    }
    let text: &'static str = text.leak();
    kept.insert(text);
    text
}

/// The types by their paths: those in two blocks of one function share one.
static TYPES: Mutex<BTreeMap<&'static str, Vec<TypeId>>> = Mutex::new(BTreeMap::new());

/// The key of a type: its path with its arguments, without those that are the parameter's default.
pub fn type_key<T: ?Sized + 'static>() -> &'static str {
    key_of(type_name::<T>(), TypeId::of::<T>())
}

fn key_of(path: &'static str, id: TypeId) -> &'static str {
    let mut types = TYPES.lock().unwrap_or_else(PoisonError::into_inner);
    let known = types.entry(path).or_default();
    let index = known.iter().position(|known| *known == id).unwrap_or_else(|| {
        known.push(id);
        known.len() - 1
    });
    if index == 0 { path } else { keep(format!("{path}#{}", index + 1)) }
}

/// The key of the fields of a variant of an enum, by that of the enum.
pub fn variant_key(owner: &'static str, variant: &str) -> &'static str {
    keep(format!("{owner}::{variant}"))
}

/// A type as Rust writes it, without paths: `Vec<Item>`.
pub fn type_label<T: ?Sized>() -> &'static str {
    keep(without_paths(type_name::<T>()))
}

/// The name of a type with the arguments in its key: `Page<Item>`.
pub fn with_arguments(name: &str, key: &str) -> String {
    format!("{name}{}", without_paths(arguments(key)))
}

/// The same as one word: `PageItem`.
pub(crate) fn as_word(name: &str, key: &str) -> String {
    let mut word = name.to_owned();
    let mut is_start = true;
    for letter in without_paths(arguments(key)).chars() {
        if !letter.is_alphanumeric() && letter != '_' {
            is_start = true;
        } else if is_start {
            word.extend(letter.to_uppercase());
            is_start = false;
        } else {
            word.push(letter);
        }
    }
    word
}

/// The arguments at the end of a path: `<shop::Item>`.
fn arguments(key: &str) -> &str {
    let key = key.split('#').next().unwrap_or(key);
    match key.find('<') {
        Some(start) if key.ends_with('>') => &key[start..],
        _ => "",
    }
}

/// The text of a type with each path cut to the name after its last `::`.
fn without_paths(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut start = 0;
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == ':' && letters.peek() == Some(&':') {
            letters.next();
            text.truncate(start);
            continue;
        }
        text.push(letter);
        if !letter.is_alphanumeric() && letter != '_' {
            start = text.len();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_named_without_their_paths() {
        for (name, key, shown, word) in [
            ("Order", "shop::Order", "Order", "Order"),
            ("Page", "shop::Page<shop::Item>", "Page<Item>", "PageItem"),
            (
                "Page",
                "shop::Page<shop::Page<alloc::vec::Vec<u8>>>",
                "Page<Page<Vec<u8>>>",
                "PagePageVecU8",
            ),
            ("Pair", "a::Pair<(f64, a::b::Kind), 3>", "Pair<(f64, Kind), 3>", "PairF64Kind3"),
            ("Card", "shop::Event<shop::Item>::Card", "Card", "Card"),
            ("Item", "shop::checks::one::Item", "Item", "Item"),
        ] {
            assert_eq!(with_arguments(name, key), shown);
            assert_eq!(as_word(name, key), word);
        }
        assert_eq!(type_label::<Vec<Option<String>>>(), "Vec<Option<String>>");
        assert_eq!(type_label::<(u8, [u32; 2])>(), "(u8, [u32; 2])");
    }

    #[test]
    fn types_of_one_path_are_told_apart() {
        fn first() -> &'static str {
            struct Inner;
            {
                struct Inner;
                assert!(type_key::<Inner>().ends_with("::first::Inner"));
            }
            type_key::<Inner>()
        }
        struct Held<T>(T);
        struct Grid<const N: usize>;
        assert!(first().ends_with("::first::Inner#2"), "{}", first());
        assert_ne!(type_key::<Held<Grid<3>>>(), type_key::<Held<Grid<4>>>());
        let name = "athena_structure::type_label::tests::types_of_one_path_are_told_apart";
        let of = |key: &str| key.replace(name, "t");
        assert_eq!(of(variant_key(type_key::<Held<u8>>(), "A")), "t::Held<u8>::A");
    }
}

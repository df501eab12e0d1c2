//! Conditional attributes: `#[cfg_attr(feature = "serde", derive(Serialize), serde(rename_all = "camelCase"))]`.
//!
//! A macro can't know whether the condition holds. So the item is declared twice, under the condition and under its
//! opposite, each with the attributes that it has then; the compiler keeps one of them.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::quote;
use syn::Path;

use crate::attr::FIELD_ATTRIBUTES;

/// The attribute that keeps the derives above an item which a condition decides about.
const DECIDED: &str = "__athena_above";

/// Derives under a condition.
pub(crate) struct ConditionalDerives {
    pub(crate) condition: TokenStream,
    pub(crate) paths: Vec<Path>,
}

/// The conditions above an item that are decided, and the derives that are there by them.
#[derive(Default)]
pub(crate) struct Decisions {
    conditions: Vec<String>,
    pub(crate) derives: Vec<Path>,
}

impl Decisions {
    /// Removes the decisions from the start of an item.
    pub(crate) fn take(item: TokenStream) -> (Self, TokenStream) {
        let mut found = Self::default();
        let mut tokens: Vec<TokenTree> = item.into_iter().collect();
        while let [_, TokenTree::Group(attribute), ..] = &tokens[..]
            && let Some(arguments) = arguments(attribute, DECIDED)
        {
            let (condition, derives) = condition(arguments);
            found.conditions.push(condition.to_string());
            let parse = syn::punctuated::Punctuated::<Path, syn::Token![,]>::parse_terminated;
            found.derives.extend(syn::parse::Parser::parse2(parse, derives).unwrap_or_default());
            tokens.drain(..2);
        }
        (found, tokens.into_iter().collect())
    }
}

/// Declares an item under the first condition of its attributes and under the opposite; `None` if there is no
/// condition. `above` are the conditions above the macro, `attribute` is the path of the macro with its arguments.
pub(crate) fn declared_twice(
    item: &TokenStream,
    above: &[ConditionalDerives],
    decisions: &Decisions,
    attribute: impl FnOnce() -> TokenStream,
) -> Option<TokenStream> {
    let open =
        above.iter().find(|above| !decisions.conditions.contains(&above.condition.to_string()));
    let condition = match open {
        Some(above) => above.condition.clone(),
        None => first_condition(item.clone())?,
    };
    let decided = |holds: bool| {
        let mark = syn::Ident::new(DECIDED, Span::call_site());
        // What was decided before stays so.
        let earlier = decisions.conditions.iter().map(|earlier| {
            let earlier: TokenStream = earlier.parse().unwrap_or_default();
            quote!(#[#mark(#earlier,)])
        });
        let derives = &decisions.derives;
        let known = (!derives.is_empty()).then(|| quote!(#[#mark(any(), #(#derives),*)]));
        let now = open.map(|above| {
            let paths = above.paths.iter().filter(|_| holds);
            quote!(#[#mark(#condition, #(#paths),*)])
        });
        let item = resolved(item.clone(), &condition.to_string(), holds);
        quote!(#(#earlier)* #known #now #item)
    };
    let (with, without) = (decided(true), decided(false));
    let attribute = attribute();
    Some(quote! {
        #[cfg(#condition)] #[#attribute] #with
        #[cfg(not(#condition))] #[#attribute] #without
    })
}

/// Returns what is in the parentheses of `[name(..)]`.
fn arguments(attribute: &Group, name: &str) -> Option<TokenStream> {
    let mut tokens = attribute.stream().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(word)), Some(TokenTree::Group(group))) if word == name => {
            Some(group.stream())
        }
        _ => None,
    }
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

/// Splits the arguments of `cfg_attr` into the condition and the attributes.
pub(crate) fn condition(arguments: TokenStream) -> (TokenStream, TokenStream) {
    let mut tokens = arguments.into_iter();
    let condition = tokens.by_ref().take_while(|token| !is_comma(token)).collect();
    (condition, tokens.collect())
}

/// Splits attributes that commas separate.
pub(crate) fn attributes(list: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = list.into_iter().collect();
    let parts = tokens.split(is_comma).filter(|part| !part.is_empty());
    parts.map(|part| part.iter().cloned().collect()).collect()
}

/// Whether an attribute changes what the macro generates.
fn is_read(attribute: &TokenStream) -> bool {
    let first = attribute.clone().into_iter().next();
    first.is_some_and(|first| {
        let first = first.to_string();
        ["serde", "derive", "cfg_attr"].contains(&first.as_str())
            || FIELD_ATTRIBUTES.iter().any(|(name, _)| *name == first)
    })
}

/// Returns the condition of the first conditional attribute that the macro reads.
fn first_condition(tokens: TokenStream) -> Option<TokenStream> {
    tokens.into_iter().find_map(|token| {
        let TokenTree::Group(group) = token else { return None };
        let Some(arguments) = arguments(&group, "cfg_attr") else {
            return first_condition(group.stream());
        };
        let (condition, list) = condition(arguments);
        attributes(list).iter().any(is_read).then_some(condition)
    })
}

/// Puts the attributes under a condition in place, or removes them.
fn resolved(tokens: TokenStream, decided: &str, holds: bool) -> TokenStream {
    let mut found: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = token else {
            found.push(token);
            continue;
        };
        let under = arguments(&group, "cfg_attr").map(condition);
        if let Some((_, list)) = under.filter(|(under, _)| under.to_string() == decided) {
            let hash = found.pop();
            for attribute in attributes(list).into_iter().filter(|_| holds) {
                found.extend(hash.clone());
                found.push(regrouped(&group, attribute));
            }
        } else {
            found.push(regrouped(&group, resolved(group.stream(), decided, holds)));
        }
    }
    found.into_iter().collect()
}

fn regrouped(group: &Group, tokens: TokenStream) -> TokenTree {
    let mut regrouped = Group::new(group.delimiter(), tokens);
    regrouped.set_span(group.span());
    TokenTree::Group(regrouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twice(item: &str) -> Option<String> {
        let item: TokenStream = item.parse().expect("tokens");
        let (decisions, item) = Decisions::take(item);
        let written = declared_twice(&item, &[], &decisions, || quote!(structure))?;
        Some(written.to_string())
    }

    #[test]
    fn an_item_is_declared_with_and_without_its_conditional_attributes() {
        let item = "#[cfg_attr(a, derive(Eq), serde(default))] struct S { #[cfg_attr(a, serde(skip))] \
                    #[cfg_attr(b, doc(hidden))] x: u8 }";
        let with = "#[derive(Eq)] #[serde(default)] struct S { #[serde(skip)] #[cfg_attr(b, doc(hidden))] x: u8 }";
        let without = "struct S { #[cfg_attr(b, doc(hidden))] x: u8 }";
        let expected: TokenStream =
            format!("#[cfg(a)] #[structure] {with} #[cfg(not(a))] #[structure] {without}")
                .parse()
                .expect("tokens");
        assert_eq!(twice(item), Some(expected.to_string()));
        assert_eq!(twice(with), None);
        assert_eq!(twice("#[cfg_attr(doc, doc(cfg(x)))] struct S { x: u8 }"), None);
    }

    #[test]
    fn derives_above_are_decided_once() {
        let item = quote!(
            struct S;
        );
        let paths = vec![syn::parse_quote!(serde::Serialize)];
        let above = [ConditionalDerives { condition: quote!(feature = "serde"), paths }];
        let written = declared_twice(&item, &above, &Decisions::default(), || quote!(structure))
            .expect("twice");
        let marked: TokenStream = written.into_iter().skip(4).collect();
        let (decisions, rest) = Decisions::take(marked);
        assert_eq!(decisions.derives.len(), 1);
        assert!(rest.to_string().starts_with("struct S ;"), "{rest}");
        assert!(declared_twice(&item, &above, &decisions, || quote!(structure)).is_none());
    }
}

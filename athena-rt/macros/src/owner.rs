//! The type that an item declares, with its parameters.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::Parse;
use syn::{GenericParam, Generics, Ident, Type};

use crate::errors::Errors;

/// The name of a type and its parameters, without their defaults.
pub(crate) struct Owner {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
}

impl Owner {
    /// Reports lifetimes: a message owns its data.
    pub(crate) fn new(ident: &Ident, generics: &Generics, errors: &mut Errors) -> Self {
        let mut generics = generics.clone();
        for param in &mut generics.params {
            match param {
                GenericParam::Type(param) => {
                    param.attrs.clear();
                    param.default = None;
                }
                GenericParam::Const(param) => {
                    param.attrs.clear();
                    param.default = None;
                }
                GenericParam::Lifetime(param) => errors.at(
                    &param.lifetime,
                    "a message owns its data, so a structure has no lifetimes: `String` instead of `&'a str`",
                ),
            }
        }
        let mut owner = Self { ident: ident.clone(), generics };
        let (generics, ty) = (&owner.generics, owner.ty());
        let clause = generics.where_clause.as_ref().and_then(|clause| without_self(clause, &ty));
        let mut generics = without_self(generics, &ty).unwrap_or_else(|| generics.clone());
        generics.where_clause = clause;
        owner.generics = generics;
        owner
    }

    /// Whether a message can be made of the type: it has no lifetimes.
    pub(crate) fn is_owned(&self) -> bool {
        self.generics.lifetimes().next().is_none()
    }

    /// Returns the type: `Page<T>`.
    pub(crate) fn ty(&self) -> TokenStream {
        let (ident, arguments) = (&self.ident, self.generics.split_for_impl().1);
        quote!(#ident #arguments)
    }

    /// Returns the arguments of the type: `<T>`, or nothing.
    pub(crate) fn arguments(&self) -> TokenStream {
        self.generics.split_for_impl().1.to_token_stream()
    }

    /// Returns the arguments for a function: `::<T>`, or nothing.
    pub(crate) fn turbofish(&self) -> TokenStream {
        let arguments = self.generics.split_for_impl().1;
        arguments.as_turbofish().to_token_stream()
    }

    /// Whether a type depends on the parameters.
    pub(crate) fn is_generic(&self, ty: &Type) -> bool {
        self.generics.params.iter().any(|param| match param {
            GenericParam::Type(param) => mentions(ty, &param.ident),
            GenericParam::Const(param) => mentions(ty, &param.ident),
            GenericParam::Lifetime(_) => false,
        })
    }

    /// Returns a type with the name of this one in place of `Self`: generated code has other types around it.
    pub(crate) fn named_type<T: Parse + ToTokens + Clone>(&self, tokens: &T) -> T {
        without_self(tokens, &self.ty()).unwrap_or_else(|| tokens.clone())
    }

    /// The same for an expression.
    pub(crate) fn named_value<T: Parse + ToTokens + Clone>(&self, tokens: &T) -> T {
        let (ident, turbofish) = (&self.ident, self.turbofish());
        without_self(tokens, &quote!(#ident #turbofish)).unwrap_or_else(|| tokens.clone())
    }
}

fn without_self<T: Parse + ToTokens>(tokens: &T, name: &TokenStream) -> Option<T> {
    syn::parse2(replace_self(tokens.to_token_stream(), name)).ok()
}

/// Replaces `Self`, at its span.
fn replace_self(tokens: TokenStream, name: &TokenStream) -> TokenStream {
    let replaced = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(word) if word == "Self" => {
            let at = |mut token: TokenTree| {
                token.set_span(token.span().located_at(word.span()));
                token
            };
            name.clone().into_iter().map(at).collect()
        }
        TokenTree::Group(group) => {
            let mut replaced = Group::new(group.delimiter(), replace_self(group.stream(), name));
            replaced.set_span(group.span());
            TokenTree::Group(replaced).into()
        }
        other => TokenStream::from(other),
    });
    replaced.collect()
}

/// Whether the tokens mention a parameter or a type of the same module: `std::vec::Vec` is no `Vec` of one's own.
pub(crate) fn mentions(tokens: &impl ToTokens, param: &Ident) -> bool {
    fn any(tokens: TokenStream, param: &Ident) -> bool {
        let mut is_qualified = false;
        tokens.into_iter().any(|token| {
            let was_qualified = std::mem::take(&mut is_qualified);
            match token {
                TokenTree::Ident(word) => word == *param && !was_qualified,
                TokenTree::Group(group) => any(group.stream(), param),
                TokenTree::Punct(punct) => {
                    is_qualified = punct.as_char() == ':';
                    false
                }
                TokenTree::Literal(_) => false,
            }
        })
    }
    any(tokens.to_token_stream(), param)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::compact;

    fn owner(item: &str) -> Owner {
        let item: syn::ItemStruct = syn::parse_str(item).expect("an item");
        let mut errors = Errors::default();
        let owner = Owner::new(&item.ident, &item.generics, &mut errors);
        assert_eq!(errors.is_empty(), owner.is_owned());
        owner
    }

    #[test]
    fn self_is_the_type_with_its_parameters() {
        for (item, ty, expected) in [
            ("struct Tree { a: u8 }", "Vec<Self>", "Vec<Tree>"),
            (
                "struct Page<T, const N: usize> { a: T }",
                "Option<(Self, u8)>",
                "Option<(Page<T, N>, u8)>",
            ),
            ("struct Page<T = u8> where Self: Copy { a: T }", "T", "T"),
        ] {
            let owner = owner(item);
            let ty: Type = syn::parse_str(ty).expect("a type");
            assert_eq!(compact(&owner.named_type(&ty)).replace(",)", ")"), expected);
        }
        assert!(!owner("struct Page<'a> { a: &'a str }").is_owned());
    }
}

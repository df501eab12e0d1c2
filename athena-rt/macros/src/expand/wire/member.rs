//! One field of a message: the pieces of code that deal with it.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Index, Type};

use crate::field::{Encoding, Field};
use crate::text::compact;
use crate::types::is_named;

/// A field of a message, named or by its place.
pub(super) struct Member<'a> {
    /// `total` or `0`.
    pub(super) access: TokenStream,
    /// What it is called in the struct that gathers the fields.
    pub(super) slot: Ident,
    pub(super) name: String,
    pub(super) number: u32,
    ty: &'a Type,
    encoding: Encoding,
    /// The function that makes its default.
    default: Option<&'a Ident>,
    /// Whether it is written as exactly one record, so that its default differs from the empty value.
    one: bool,
    /// Whether its variants are fields of the message.
    pub(super) oneof: bool,
}

impl<'a> Member<'a> {
    pub(super) fn of(field: &'a Field) -> Self {
        let default = field.default.as_ref();
        Self {
            access: field.ident.to_token_stream(),
            slot: field.slot(),
            name: field.name.clone(),
            number: field.number,
            ty: &field.ty,
            encoding: field.encoding,
            default: default.map(|fallback| &fallback.function),
            one: field.is_one_record(),
            oneof: field.oneof,
        }
    }

    pub(super) fn at(index: usize, ty: &'a Type) -> Self {
        Self {
            access: Index::from(index).to_token_stream(),
            slot: format_ident!("__field_{}", index),
            name: index.to_string(),
            number: u32::try_from(index + 1).unwrap_or(u32::MAX),
            ty,
            encoding: Encoding::Plain,
            default: None,
            one: false,
            oneof: false,
        }
    }

    /// `<T as Wire<Plain>>`, as the user wrote `T`: what goes wrong with the type is shown there.
    pub(super) fn wire(&self, wire: &TokenStream) -> TokenStream {
        let (ty, form) = (self.ty, self.form(wire));
        quote_spanned!(ty.span()=> <#ty as #wire::Wire<#form>>)
    }

    pub(super) fn form(&self, wire: &TokenStream) -> TokenStream {
        match self.encoding {
            Encoding::Plain => quote!(#wire::Plain),
            Encoding::Sint => quote!(#wire::Sint),
            Encoding::Fixed => quote!(#wire::Fixed),
        }
    }

    /// The statement that writes the field; `value` is a reference to it.
    pub(super) fn write(&self, wire: &TokenStream, value: &TokenStream) -> TokenStream {
        let (this, number) = (self.wire(wire), self.number);
        let encode = if self.one { quote!(encode_one) } else { quote!(encode) };
        self.here(if self.oneof {
            quote!(#wire::Oneof::encode(#value, __writer);)
        } else {
            quote!(#this::#encode(#value, #number, __writer);)
        })
    }

    /// The same tokens, where the user wrote the type: what rustc says of it is shown there.
    pub(super) fn here(&self, tokens: TokenStream) -> TokenStream {
        located_at(tokens, self.ty.span())
    }

    pub(super) fn slot_type(&self, wire: &TokenStream) -> TokenStream {
        let (this, ty) = (self.wire(wire), self.ty);
        self.here(if self.one { quote!(::core::option::Option<#ty>) } else { quote!(#this::Slot) })
    }

    pub(super) fn merge(&self, wire: &TokenStream) -> TokenStream {
        let (this, slot, number) = (self.wire(wire), &self.slot, self.number);
        let merge = if self.one { quote!(merge_one) } else { quote!(merge) };
        self.here(quote!(#number => #this::#merge(&mut __slots.#slot, __key, __reader)))
    }

    /// The statement that takes in a record of one of its variants.
    pub(super) fn merge_oneof(&self, wire: &TokenStream) -> TokenStream {
        let slot = &self.slot;
        quote! {
            if #wire::Oneof::merge(&mut __slots.#slot, __key, __reader)? {
                return ::core::result::Result::Ok(());
            }
        }
    }

    /// The check that its variants and the fields have numbers of their own.
    pub(super) fn distinct(&self, wire: &TokenStream, earlier: &[&Self]) -> TokenStream {
        let variants = |ty: &Type| quote_spanned!(ty.span()=> <<#ty as #wire::Oneof>::Variants as #wire::Message>::FIELDS);
        let own = variants(self.ty);
        let earlier = earlier.iter().map(|other| variants(other.ty));
        let ty = self.ty;
        quote_spanned! {ty.span()=>
            const _: () = #wire::message::distinct(__FIELDS, #own);
            #(const _: () = #wire::message::distinct(#earlier, #own);)*
        }
    }

    pub(super) fn finish(&self, wire: &TokenStream, message: &str) -> TokenStream {
        let (ty, slot, name, form) = (self.ty, &self.slot, &self.name, self.form(wire));
        self.here(match self.default {
            Some(default) if self.one => {
                quote!(#wire::message::finish_one(__slots.#slot, #default))
            }
            Some(default) => quote! {
                #wire::message::finish_or::<#ty, #form>(__slots.#slot, #name, #default, __place)?
            },
            None => quote! {
                #wire::message::finish::<#ty, #form>(__slots.#slot, #name, #message, __place)?
            },
        })
    }

    pub(super) fn resume(&self, wire: &TokenStream) -> TokenStream {
        let (this, access) = (self.wire(wire), &self.access);
        self.here(if self.one {
            quote!(::core::option::Option::Some(self.#access))
        } else {
            quote!(#this::resume(self.#access))
        })
    }
}

impl Field {
    /// Whether the wire has to tell an empty value from an absent one.
    pub(in crate::expand) fn is_one_record(&self) -> bool {
        self.default.as_ref().is_some_and(|fallback| !is_empty(&fallback.value, &self.ty))
    }
}

// Whether a default is written as the value that an absent list, map or `Option` has anyway.
fn is_empty(value: &Expr, ty: &Type) -> bool {
    let text = compact(value);
    match text.as_str() {
        "None" | "Option::None" => is_named(ty, "Option"),
        "vec![]" | "Vec::new()" | "Vec::default()" => is_named(ty, "Vec"),
        "BTreeMap::new()" | "BTreeMap::default()" => is_named(ty, "BTreeMap"),
        "HashMap::new()" | "HashMap::default()" => is_named(ty, "HashMap"),
        "Default::default()" => {
            ["Option", "Vec", "BTreeMap", "HashMap"].iter().any(|name| is_named(ty, name))
        }
        _ => false,
    }
}

// The statements that write fields, from the last to the first.
pub(super) fn backwards(
    wire: &TokenStream,
    members: &[Member<'_>],
    value: impl Fn(&Member<'_>) -> TokenStream,
) -> TokenStream {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.number));
    members.into_iter().map(|member| member.write(wire, &value(member))).collect()
}

/// The same tokens at another place of the source; what they mean stays.
pub(super) fn located_at(tokens: TokenStream, span: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            let mut moved = Group::new(group.delimiter(), located_at(group.stream(), span));
            moved.set_span(group.span().located_at(span));
            return TokenTree::Group(moved);
        }
        token.set_span(token.span().located_at(span));
        token
    });
    moved.collect()
}

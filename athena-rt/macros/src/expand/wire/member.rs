//! One field of a message: its pieces of the generated code.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Index, Type};

use crate::attr::{Encoding, Encodings};
use crate::expand::runtime::Runtime;
use crate::expand::tokens::located_at;
use crate::field::{Fallback, Field};
use crate::text::compact;
use crate::types::is_scalar;

/// A field of a message, named or numbered.
pub(super) struct Member<'a> {
    /// `total` or `0`.
    pub(super) access: TokenStream,
    /// Its name in the struct that collects the fields.
    pub(super) slot: Ident,
    pub(super) name: String,
    pub(super) number: u32,
    /// The type in messages.
    ty: Type,
    /// The field, if it has a name.
    field: Option<(&'a Runtime, &'a Field)>,
    encoding: Encodings,
    /// Whether its zero is left out.
    implicit: bool,
    /// The function that returns its default.
    default: Option<TokenStream>,
    records: Records,
    /// Whether its variants are fields of the message.
    pub(super) oneof: bool,
}

impl<'a> Member<'a> {
    pub(super) fn from_field(rt: &'a Runtime, field: &'a Field) -> Self {
        let default = field.default.as_ref();
        Self {
            access: field.ident.to_token_stream(),
            slot: field.slot(),
            name: field.name.clone(),
            number: field.number,
            ty: field.part(rt),
            field: Some((rt, field)),
            encoding: field.encoding,
            implicit: field.implicit,
            default: default.map(Fallback::path),
            records: field.records(),
            oneof: field.oneof,
        }
    }

    pub(super) fn from_position(index: usize, ty: &'a Type) -> Self {
        Self {
            access: Index::from(index).to_token_stream(),
            slot: format_ident!("__field_{}", index),
            name: index.to_string(),
            number: u32::try_from(index + 1).unwrap_or(u32::MAX),
            ty: ty.clone(),
            field: None,
            encoding: Encodings::default(),
            implicit: false,
            default: None,
            records: Records::Many,
            oneof: false,
        }
    }

    /// Generates `<T as Wire<Plain>>` with the span of `T`, where errors are shown.
    pub(super) fn wire(&self, wire: &TokenStream) -> TokenStream {
        let (ty, form) = (&self.ty, self.form(wire));
        quote_spanned!(ty.span()=> <#ty as #wire::Wire<#form>>)
    }

    fn form(&self, wire: &TokenStream) -> TokenStream {
        self.encoding.form(wire)
    }

    /// Generates the statement that writes the field; `value` is a reference to it.
    pub(super) fn write(&self, wire: &TokenStream, value: &TokenStream) -> TokenStream {
        let (this, number) = (self.wire(wire), self.number);
        let value = self.wrap_part(value);
        let default = self.default.as_ref().filter(|_| self.implicit);
        // What an absent field does not mean is written, whatever it is.
        let left_out = default.map(|default| {
            quote!(if !(#wire::Implicit::is_zero(#value) && #wire::Implicit::is_zero(&#default())))
        });
        let encode = match self.records {
            Records::Many => quote!(#this::encode(#value, #number, __writer);),
            Records::One => quote!(#this::encode_one(#value, #number, __writer);),
            Records::ByType => {
                let slot = self.default_slot(wire);
                quote!(#slot::encode(#value, #number, __writer);)
            }
        };
        self.at_type(if left_out.is_some() {
            quote!(#left_out { #encode })
        } else if self.oneof {
            quote!(#wire::Oneof::encode(#value, __writer);)
        } else {
            encode
        })
    }

    /// Moves tokens to the span of the type, where rustc shows its errors.
    pub(super) fn at_type(&self, tokens: TokenStream) -> TokenStream {
        located_at(tokens, self.ty.span())
    }

    pub(super) fn slot_type(&self, wire: &TokenStream) -> TokenStream {
        let (this, ty) = (self.wire(wire), &self.ty);
        self.at_type(match self.records {
            Records::Many => quote!(#this::Slot),
            Records::One => quote!(::core::option::Option<#ty>),
            Records::ByType => {
                let form = self.form(wire);
                quote!(#wire::DefaultSlot<#ty, #form>)
            }
        })
    }

    /// Generates the path of the slot whose type decides, in an expression.
    fn default_slot(&self, wire: &TokenStream) -> TokenStream {
        let (ty, form) = (&self.ty, self.form(wire));
        quote_spanned!(ty.span()=> #wire::DefaultSlot::<#ty, #form>)
    }

    pub(super) fn merge(&self, wire: &TokenStream) -> TokenStream {
        let (this, slot, number) = (self.wire(wire), &self.slot, self.number);
        let this = match self.records {
            Records::Many => quote!(#this::merge),
            Records::One => quote!(#this::merge_one),
            Records::ByType => {
                let slot = self.default_slot(wire);
                quote!(#slot::merge)
            }
        };
        self.at_type(quote!(#number => #this(&mut __slots.#slot, __key, __reader)))
    }

    /// Generates the statement that merges a record of one of its variants.
    pub(super) fn merge_oneof(&self, wire: &TokenStream) -> TokenStream {
        let slot = &self.slot;
        quote! {
            if #wire::Oneof::merge(&mut __slots.#slot, __key, __reader)? {
                return ::core::result::Result::Ok(());
            }
        }
    }

    /// Generates the smallest number of its variants.
    fn first(&self, wire: &TokenStream) -> TokenStream {
        let ty = &self.ty;
        self.at_type(quote!(<#ty as #wire::Oneof>::FIRST))
    }

    /// Generates the expressions that check that its variants share no number with other fields.
    pub(super) fn distinct(&self, wire: &TokenStream, earlier: &[&Self]) -> Vec<TokenStream> {
        let variants = |ty: &Type| quote_spanned!(ty.span()=> <<#ty as #wire::Oneof>::Variants as #wire::Message>::FIELDS);
        let own = variants(&self.ty);
        let earlier = earlier.iter().map(|other| variants(&other.ty));
        let ty = &self.ty;
        std::iter::once(quote!(__FIELDS))
            .chain(earlier)
            .map(|earlier| quote_spanned!(ty.span()=> #wire::message::distinct(#earlier, #own)))
            .collect()
    }

    pub(super) fn finish(&self, wire: &TokenStream, message: &str) -> TokenStream {
        let (ty, slot, name, form) = (&self.ty, &self.slot, &self.name, self.form(wire));
        let default = self.default.as_ref().map(|default| {
            if self.is_carried() {
                let value = self.wrap_part(&quote!(&#default()));
                // A reference to a copy.
                quote!(|| ::core::clone::Clone::clone(#value))
            } else {
                quote!(#default)
            }
        });
        let value = self.at_type(match default {
            Some(default) if self.records == Records::One => {
                quote!(#wire::message::finish_one(__slots.#slot, #default))
            }
            Some(default) if self.records == Records::ByType => {
                let this = self.default_slot(wire);
                quote!(#this::finish(__slots.#slot, #name, #default, __place)?)
            }
            Some(default) => quote! {
                #wire::message::finish_or::<#ty, #form>(__slots.#slot, #name, #default, __place)?
            },
            None => quote! {
                #wire::message::finish::<#ty, #form>(__slots.#slot, #name, #message, __place)?
            },
        });
        match self.field {
            Some((rt, field)) => field.unwrap_part(rt, &value),
            None => value,
        }
    }

    fn is_carried(&self) -> bool {
        self.field.is_some_and(|(_, field)| field.carrier.is_some())
    }

    /// Generates a reference to the value in messages from one to the field.
    fn wrap_part(&self, value: &TokenStream) -> TokenStream {
        match self.field {
            Some((rt, field)) => field.wrap_part(rt, value),
            None => value.clone(),
        }
    }

    pub(super) fn resume(&self, wire: &TokenStream) -> TokenStream {
        let (this, access) = (self.wire(wire), &self.access);
        let value = if self.is_carried() {
            let value = self.wrap_part(&quote!(&self.#access));
            quote!(::core::clone::Clone::clone(#value))
        } else {
            quote!(self.#access)
        };
        self.at_type(match self.records {
            Records::Many => quote!(#this::resume(#value)),
            Records::One => quote!(::core::option::Option::Some(#value)),
            Records::ByType => {
                let slot = self.default_slot(wire);
                quote!(#slot::resume(#value))
            }
        })
    }
}

impl Encodings {
    /// Generates the form of the numbers in a field.
    pub(in crate::expand) fn form(self, wire: &TokenStream) -> TokenStream {
        let form = |encoding| match encoding {
            Encoding::Plain => quote!(#wire::Plain),
            Encoding::Sint => quote!(#wire::Sint),
            Encoding::Fixed => quote!(#wire::Fixed),
        };
        let (key, value) = (form(self.key), form(self.value));
        if self.key == self.value { value } else { quote!(#wire::Entry<#key, #value>) }
    }
}

/// The records that a field takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::expand) enum Records {
    /// As its type has them; none for an empty list or map.
    Many,
    /// Exactly one, because its default differs from the empty value.
    One,
    /// Its default is the empty value, if its type has one: then as many as it has, otherwise one.
    ByType,
}

impl Field {
    /// The records that the field takes: the encoding must distinguish an empty value from an absent one.
    pub(in crate::expand) fn records(&self) -> Records {
        match &self.default {
            None => Records::Many,
            Some(fallback) if !is_scalar(&self.ty) && is_empty(&fallback.value) => Records::ByType,
            Some(_) => Records::One,
        }
    }
}

/// Whether a default is the empty value of a list, a map or an `Option`, if it is one of these.
fn is_empty(value: &Expr) -> bool {
    const EMPTY: &[&str] = &[
        "None",
        "Option::None",
        "vec![]",
        "Vec::new()",
        "Vec::default()",
        "BTreeMap::new()",
        "BTreeMap::default()",
        "HashMap::new()",
        "HashMap::default()",
        "BTreeSet::new()",
        "BTreeSet::default()",
        "HashSet::new()",
        "HashSet::default()",
        "Default::default()",
        "::core::default::Default::default()",
    ];
    EMPTY.contains(&compact(value).as_str())
}

/// Generates the statements that write fields, from the last to the first. A oneof is written at the place of its
/// smallest number, as prost does; only the compiler that sees its enum knows that number.
pub(super) fn write_backwards(
    wire: &TokenStream,
    members: &[Member<'_>],
    value: impl Fn(&Member<'_>) -> TokenStream,
) -> TokenStream {
    let (oneofs, mut members): (Vec<_>, Vec<_>) = members.iter().partition(|member| member.oneof);
    members.sort_by_key(|member| std::cmp::Reverse(member.number));
    let firsts: Vec<_> = oneofs.iter().map(|oneof| oneof.first(wire)).collect();
    // Oneofs between two fields are written by their numbers too.
    let between = |above: Option<u32>, below: Option<u32>| {
        let ranks = 0..oneofs.len();
        let write = ranks
            .flat_map(|rank| oneofs.iter().enumerate().map(move |(at, oneof)| (rank, at, oneof)));
        let writes = write.map(|(rank, at, oneof)| {
            let first = &firsts[at];
            let mut place = Vec::new();
            place.extend(above.map(|above| quote!(#first < #above)));
            place.extend(below.map(|below| quote!(#first > #below)));
            if oneofs.len() > 1 {
                let later = firsts
                    .iter()
                    .map(|other| quote!((#other > #first) as ::core::primitive::usize));
                place.push(quote!(0 #(+ #later)* == #rank));
            }
            let write = oneof.write(wire, &value(oneof));
            if place.is_empty() { write } else { quote!(if #(#place)&&* { #write }) }
        });
        writes.collect::<TokenStream>()
    };
    let mut above = None;
    let mut tokens = TokenStream::new();
    for member in members {
        tokens.extend(between(above, Some(member.number)));
        tokens.extend(member.write(wire, &value(member)));
        above = Some(member.number);
    }
    tokens.extend(between(above, None));
    tokens
}

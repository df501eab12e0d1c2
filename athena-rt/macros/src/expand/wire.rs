//! Protocol Buffers: what a type is on the wire. The runtime does the work; generated is only which
//! field goes by which number.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Index, Type};

use super::{Runtime, tuple};
use crate::enumeration::{Data, Variant};
use crate::field::{Encoding, Field};
use crate::text::{compact, name};
use crate::types::is_named;

/// A field of a message, named or by its place.
struct Member<'a> {
    /// `total` or `0`.
    access: TokenStream,
    /// What it is called in the struct that gathers the fields.
    slot: Ident,
    name: String,
    number: u32,
    ty: &'a Type,
    encoding: Encoding,
    /// The function that makes its default.
    default: Option<&'a Ident>,
    /// Whether it is written as exactly one record, so that its default differs from the empty value.
    one: bool,
    /// Whether its variants are fields of the message.
    oneof: bool,
}

/// `Message` and `Wire` of a struct with named fields.
pub(super) fn message(
    rt: &Runtime,
    ident: &Ident,
    shown: &str,
    fields: &[Field],
    unknown: Option<&Ident>,
) -> TokenStream {
    let members: Vec<_> = fields.iter().map(Member::of).collect();
    message_of(rt, ident, shown, &members, unknown)
}

/// `Wire` of a struct without field names: its content, or a message with the fields 1, 2 and so on.
pub(super) fn tuple(rt: &Runtime, ident: &Ident, types: &[Type]) -> TokenStream {
    match types {
        [one] => newtype(rt, ident, one),
        more => {
            let members: Vec<_> =
                more.iter().enumerate().map(|(at, ty)| Member::at(at, ty)).collect();
            message_of(rt, ident, &name(ident), &members, None)
        }
    }
}

/// `Enumeration` and `Wire` of an enum without data.
pub(super) fn units(rt: &Runtime, ident: &Ident, variants: &[Variant]) -> TokenStream {
    let shown = name(ident);
    let wire = quote!(#rt::wire);
    let numbers = variants.iter().map(|variant| {
        let (tag, number) = (&variant.ident, number(variant));
        quote!(#ident::#tag => #number)
    });
    let found = variants.iter().map(|variant| {
        let (tag, number) = (&variant.ident, number(variant));
        quote!(#number => ::core::option::Option::Some(#ident::#tag))
    });
    quote! {
        #[automatically_derived]
        impl #wire::Enumeration for #ident {
            const NAME: &'static ::core::primitive::str = #shown;
            fn number(&self) -> ::core::primitive::i32 {
                match self { #(#numbers,)* }
            }
            fn from_number(__number: ::core::primitive::i32) -> ::core::option::Option<Self> {
                match __number {
                    #(#found,)*
                    _ => ::core::option::Option::None,
                }
            }
        }
        #rt::wire_enumeration!(#ident);
    }
}

/// `Message` and `Wire` of an enum with data: a message that holds one of the variants.
pub(super) fn data(rt: &Runtime, ident: &Ident, variants: &[Variant]) -> TokenStream {
    let shown = name(ident);
    let wire = quote!(#rt::wire);
    let known = variants.iter().map(|variant| {
        let (number, name) = (variant.number, &variant.name);
        quote!((#number, #name))
    });
    let writes = variants.iter().map(|variant| write_variant(&wire, ident, variant));
    let merges = variants.iter().map(|variant| merge_variant(&wire, ident, variant));
    let Signatures { reader, error, writer, place } = Signatures::new(&wire);
    quote! {
        #[automatically_derived]
        impl #wire::Message for #ident {
            const NAME: &'static ::core::primitive::str = #shown;
            const FIELDS: &'static [(::core::primitive::u32, &'static ::core::primitive::str)] = &[#(#known),*];
            type Slots = ::core::option::Option<Self>;
            fn encode_fields(&self, __writer: #writer) {
                match self { #(#writes)* }
            }
            #[inline]
            fn merge_field(
                __slots: &mut Self::Slots,
                __key: #wire::Key,
                __reader: #reader,
            ) -> ::core::result::Result<(), #error> {
                match __key.number() {
                    #(#merges,)*
                    _ => __reader.skip(__key),
                }
            }
            fn finish_fields(__slots: Self::Slots, __place: #place) -> ::core::result::Result<Self, #error> {
                #wire::enumeration::finish(__slots, __place)
            }
            fn resume_fields(self) -> Self::Slots {
                ::core::option::Option::Some(self)
            }
        }
        #rt::wire_message!(#ident);
    }
}

impl<'a> Member<'a> {
    fn of(field: &'a Field) -> Self {
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

    fn at(index: usize, ty: &'a Type) -> Self {
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
    fn wire(&self, wire: &TokenStream) -> TokenStream {
        let (ty, form) = (self.ty, self.form(wire));
        quote_spanned!(ty.span()=> <#ty as #wire::Wire<#form>>)
    }

    fn form(&self, wire: &TokenStream) -> TokenStream {
        match self.encoding {
            Encoding::Plain => quote!(#wire::Plain),
            Encoding::Sint => quote!(#wire::Sint),
            Encoding::Fixed => quote!(#wire::Fixed),
        }
    }

    /// The statement that writes the field; `value` is a reference to it.
    fn write(&self, wire: &TokenStream, value: &TokenStream) -> TokenStream {
        let (this, number) = (self.wire(wire), self.number);
        let encode = if self.one { quote!(encode_one) } else { quote!(encode) };
        self.here(if self.oneof {
            quote!(#wire::Oneof::encode(#value, __writer);)
        } else {
            quote!(#this::#encode(#value, #number, __writer);)
        })
    }

    /// The same tokens, where the user wrote the type: what rustc says of it is shown there.
    fn here(&self, tokens: TokenStream) -> TokenStream {
        located_at(tokens, self.ty.span())
    }

    fn slot_type(&self, wire: &TokenStream) -> TokenStream {
        let (this, ty) = (self.wire(wire), self.ty);
        self.here(if self.one { quote!(::core::option::Option<#ty>) } else { quote!(#this::Slot) })
    }

    fn merge(&self, wire: &TokenStream) -> TokenStream {
        let (this, slot, number) = (self.wire(wire), &self.slot, self.number);
        let merge = if self.one { quote!(merge_one) } else { quote!(merge) };
        self.here(quote!(#number => #this::#merge(&mut __slots.#slot, __key, __reader)))
    }

    /// The statement that takes in a record of one of its variants.
    fn merge_oneof(&self, wire: &TokenStream) -> TokenStream {
        let slot = &self.slot;
        quote! {
            if #wire::Oneof::merge(&mut __slots.#slot, __key, __reader)? {
                return ::core::result::Result::Ok(());
            }
        }
    }

    /// The check that its variants and the fields have numbers of their own.
    fn distinct(&self, wire: &TokenStream, earlier: &[&Self]) -> TokenStream {
        let variants = |ty: &Type| quote_spanned!(ty.span()=> <<#ty as #wire::Oneof>::Variants as #wire::Message>::FIELDS);
        let own = variants(self.ty);
        let earlier = earlier.iter().map(|other| variants(other.ty));
        let ty = self.ty;
        quote_spanned! {ty.span()=>
            const _: () = #wire::message::distinct(__FIELDS, #own);
            #(const _: () = #wire::message::distinct(#earlier, #own);)*
        }
    }

    fn finish(&self, wire: &TokenStream, message: &str) -> TokenStream {
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

    fn resume(&self, wire: &TokenStream) -> TokenStream {
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
    pub(super) fn is_one_record(&self) -> bool {
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

// Types that many signatures have.
struct Signatures {
    reader: TokenStream,
    error: TokenStream,
    writer: TokenStream,
    place: TokenStream,
}

impl Signatures {
    fn new(wire: &TokenStream) -> Self {
        Self {
            reader: quote!(&mut #wire::Reader<'_>),
            error: quote!(#wire::WireError),
            writer: quote!(&mut #wire::Writer),
            place: quote!(#wire::Place<'_>),
        }
    }
}

fn message_of(
    rt: &Runtime,
    ident: &Ident,
    shown: &str,
    members: &[Member<'_>],
    unknown: Option<&Ident>,
) -> TokenStream {
    let wire = quote!(#rt::wire);
    let Signatures { reader, error, writer, place } = Signatures::new(&wire);
    let oneofs: Vec<_> = members.iter().filter(|member| member.oneof).collect();
    let numbered: Vec<_> = members.iter().filter(|member| !member.oneof).collect();
    let known = numbered.iter().map(|Member { number, name, .. }| quote!((#number, #name)));
    let slots = members.iter().map(|member| {
        let (slot, ty) = (&member.slot, member.slot_type(&wire));
        quote!(#slot: #ty)
    });
    // The writer works from the end: the last field first, and what is unknown before that.
    let writes = backwards(&wire, members, |Member { access, .. }| quote!(&self.#access));
    let merges = numbered.iter().map(|member| member.merge(&wire));
    let merge_oneofs = oneofs.iter().map(|member| member.merge_oneof(&wire));
    let distinct =
        oneofs.iter().enumerate().map(|(at, member)| member.distinct(&wire, &oneofs[..at]));
    let finishes = members.iter().map(|member| {
        let (place, value) = (&member.access, member.finish(&wire, shown));
        quote!(#place: #value)
    });
    let resumes = members.iter().map(|member| {
        let (slot, value) = (&member.slot, member.resume(&wire));
        quote!(#slot: #value)
    });
    let empty = members.iter().map(|member| {
        let slot = &member.slot;
        member.here(quote!(#slot: ::core::default::Default::default()))
    });
    let unknown_empty = unknown.map(|_| quote!(__unknown: ::core::default::Default::default(),));
    let unknown_slot = unknown.map(|_| quote!(__unknown: #wire::UnknownFields,));
    let write_unknown = unknown.map(|unknown| quote!(self.#unknown.encode(__writer);));
    let merge_unknown = if unknown.is_some() {
        quote!(__reader.keep(__key, &mut __slots.__unknown))
    } else {
        quote!(__reader.skip(__key))
    };
    let otherwise = if oneofs.is_empty() {
        merge_unknown
    } else {
        quote!({ #(#merge_oneofs)* #merge_unknown })
    };
    let known = quote!(&[#(#known),*]);
    let (known, checks) = if oneofs.is_empty() {
        (known, quote!())
    } else {
        let ty = quote!(&[(::core::primitive::u32, &::core::primitive::str)]);
        (quote!(__FIELDS), quote!(const __FIELDS: #ty = #known; #(#distinct)*))
    };
    let finish_unknown = unknown.map(|unknown| quote!(#unknown: __slots.__unknown,));
    let resume_unknown = unknown.map(|unknown| quote!(__unknown: self.#unknown,));
    quote! {
        #[doc(hidden)]
        #[allow(unreachable_pub)]
        pub struct __Slots { #(#slots,)* #unknown_slot }
        #[automatically_derived]
        impl ::core::default::Default for __Slots {
            fn default() -> Self {
                Self { #(#empty,)* #unknown_empty }
            }
        }
        #checks
        #[automatically_derived]
        impl #wire::Message for #ident {
            const NAME: &'static ::core::primitive::str = #shown;
            const FIELDS: &'static [(::core::primitive::u32, &'static ::core::primitive::str)] = #known;
            type Slots = __Slots;
            fn encode_fields(&self, __writer: #writer) {
                #write_unknown
                #writes
            }
            #[inline(always)]
            fn merge_field(
                __slots: &mut __Slots,
                __key: #wire::Key,
                __reader: #reader,
            ) -> ::core::result::Result<(), #error> {
                match __key.number() {
                    #(#merges,)*
                    _ => #otherwise,
                }
            }
            #[inline(always)]
            fn finish_fields(__slots: __Slots, __place: #place) -> ::core::result::Result<Self, #error> {
                ::core::result::Result::Ok(Self { #(#finishes,)* #finish_unknown })
            }
            fn resume_fields(self) -> __Slots {
                __Slots { #(#resumes,)* #resume_unknown }
            }
        }
        #rt::wire_message!(#ident);
    }
}

// The arm that writes a variant.
fn write_variant(wire: &TokenStream, ident: &Ident, variant: &Variant) -> TokenStream {
    let (tag, number) = (&variant.ident, variant.number);
    let nested = quote!(#wire::message::nested);
    match &variant.data {
        Data::Unit => quote!(#ident::#tag => #nested(#number, __writer, |_| {}),),
        Data::Tuple(types) if types.len() == 1 => {
            let ty = tuple::inner(types);
            let this = quote_spanned!(ty.span()=> <#ty as #wire::Wire>);
            let write =
                located_at(quote!(#this::encode_one(__value, #number, __writer)), ty.span());
            quote!(#ident::#tag(__value) => #write,)
        }
        Data::Tuple(types) => {
            let members: Vec<_> =
                types.iter().enumerate().map(|(at, ty)| Member::at(at, ty)).collect();
            let slots = members.iter().map(|member| &member.slot);
            let writes = backwards(wire, &members, |member| member.slot.to_token_stream());
            quote!(#ident::#tag(#(#slots),*) => #nested(#number, __writer, |__writer| { #writes }),)
        }
        Data::Named(fields) => {
            let members: Vec<_> = fields.iter().map(Member::of).collect();
            let bound = members.iter().map(|Member { access, slot, .. }| quote!(#access: #slot));
            let writes = backwards(wire, &members, |member| member.slot.to_token_stream());
            quote!(#ident::#tag { #(#bound),* } => #nested(#number, __writer, |__writer| { #writes }),)
        }
    }
}

// The arm that takes in a record of a variant: into what an earlier record of it held, if any.
fn merge_variant(wire: &TokenStream, ident: &Ident, variant: &Variant) -> TokenStream {
    let (tag, number) = (&variant.ident, variant.number);
    let (ty, pattern, held, made) = match &variant.data {
        Data::Unit => {
            return quote!(#number => #wire::enumeration::merge_unit(__slots, #ident::#tag, __key, __reader));
        }
        Data::Tuple(types) if types.len() == 1 => {
            (tuple::inner(types), quote!((__value)), quote!(__value), quote!((__value)))
        }
        Data::Tuple(types) => {
            let slots: Vec<_> = (0..types.len()).map(|n| format_ident!("__{}", n)).collect();
            let places = (0..types.len()).map(Index::from);
            let bound = quote!((#(#slots),*));
            (tuple::inner(types), bound.clone(), bound, quote!((#(__value.#places),*)))
        }
        Data::Named(fields) => {
            let carrier = variant.carrier(ident);
            let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
            (
                syn::parse_quote!(#carrier),
                quote!({ #(#names),* }),
                quote!(#carrier { #(#names),* }),
                quote!({ #(#names: __value.#names),* }),
            )
        }
    };
    let merge = quote!(#wire::enumeration::merge_variant::<Self, #ty>);
    let merge = located_at(merge, ty.span());
    quote! {
        #number => #merge(
            __slots,
            |__variant| match __variant {
                #ident::#tag #pattern => ::core::option::Option::Some(#held),
                #[allow(unreachable_patterns)]
                _ => ::core::option::Option::None,
            },
            |__value| #ident::#tag #made,
            __key,
            __reader,
        )
    }
}

// The statements that write fields, from the last to the first.
fn backwards(
    wire: &TokenStream,
    members: &[Member<'_>],
    value: impl Fn(&Member<'_>) -> TokenStream,
) -> TokenStream {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.number));
    members.into_iter().map(|member| member.write(wire, &value(member))).collect()
}

fn newtype(rt: &Runtime, ident: &Ident, ty: &Type) -> TokenStream {
    located_at(quote!(#rt::wire_newtype!(#ident, #ty);), ty.span())
}

/// The same tokens at another place of the source; what they mean stays.
fn located_at(tokens: TokenStream, span: Span) -> TokenStream {
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

// The number of a variant without data.
fn number(variant: &Variant) -> i32 {
    i32::try_from(variant.number).unwrap_or(i32::MAX)
}

/// Implementations that only stand in for those that an error prevents.
pub(super) fn stub(rt: &Runtime, ident: &Ident) -> TokenStream {
    let wire = quote!(#rt::wire);
    let Signatures { reader, error, writer, place } = Signatures::new(&wire);
    quote! {
        impl #wire::Message for #ident {
            const NAME: &'static ::core::primitive::str = "";
            const FIELDS: &'static [(::core::primitive::u32, &'static ::core::primitive::str)] = &[];
            type Slots = ();
            fn encode_fields(&self, _: #writer) {
                loop {}
            }
            fn merge_field(_: &mut (), _: #wire::Key, _: #reader) -> ::core::result::Result<(), #error> {
                loop {}
            }
            fn finish_fields(_: (), _: #place) -> ::core::result::Result<Self, #error> {
                loop {}
            }
            fn resume_fields(self) {
                loop {}
            }
        }
        #rt::wire_message!(#ident);
    }
}

//! The Protocol Buffers encoding of a type. The runtime does the work; the generated code only maps
//! numbers to fields.

mod member;
mod variant;

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use self::member::{Member, write_backwards};
use self::variant::{merge_variant, write_variant};
use super::runtime::Runtime;
use super::tokens::located_at;
use crate::enumeration::Variant;
use crate::field::Field;
use crate::text::name;

/// Generates `Message` and `Wire` of a struct with named fields.
pub(super) fn message(
    rt: &Runtime,
    ident: &Ident,
    shown: &str,
    fields: &[Field],
    unknown: Option<&Ident>,
) -> TokenStream {
    let members: Vec<_> = fields.iter().map(|field| Member::from_field(rt, field)).collect();
    message_impls(rt, ident, shown, &members, unknown)
}

/// Generates `Wire` of a tuple struct: its content, or a message with the fields 1, 2
/// and so on.
pub(super) fn tuple(rt: &Runtime, ident: &Ident, types: &[Type]) -> TokenStream {
    match types {
        [one] => newtype_impls(rt, ident, one),
        more => {
            let members: Vec<_> =
                more.iter().enumerate().map(|(at, ty)| Member::from_position(at, ty)).collect();
            message_impls(rt, ident, &name(ident), &members, None)
        }
    }
}

/// Generates `Enumeration` and `Wire` of a unit-only enum.
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
        #rt::wire_whole!(#ident, #shown);
    }
}

/// Generates `Message` and `Wire` of an enum with data: a message with one of the variants.
pub(super) fn data(rt: &Runtime, ident: &Ident, variants: &[Variant]) -> TokenStream {
    let shown = name(ident);
    let wire = quote!(#rt::wire);
    let known = variants.iter().map(|variant| {
        let (number, name) = (variant.number, &variant.name);
        quote!((#number, #name))
    });
    let writes = variants.iter().map(|variant| write_variant(rt, ident, variant));
    let merges = variants.iter().map(|variant| merge_variant(&wire, ident, variant));
    let WireTypes { reader, error, writer, place } = WireTypes::new(&wire);
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
        #[automatically_derived]
        impl #wire::Choice for #ident {}
    }
}

/// Types that occur in many signatures.
struct WireTypes {
    reader: TokenStream,
    error: TokenStream,
    writer: TokenStream,
    place: TokenStream,
}

impl WireTypes {
    fn new(wire: &TokenStream) -> Self {
        Self {
            reader: quote!(&mut #wire::Reader<'_>),
            error: quote!(#wire::WireError),
            writer: quote!(&mut #wire::Writer),
            place: quote!(#wire::Place<'_>),
        }
    }
}

fn message_impls(
    rt: &Runtime,
    ident: &Ident,
    shown: &str,
    members: &[Member<'_>],
    unknown: Option<&Ident>,
) -> TokenStream {
    let wire = quote!(#rt::wire);
    let WireTypes { reader, error, writer, place } = WireTypes::new(&wire);
    let oneofs: Vec<_> = members.iter().filter(|member| member.oneof).collect();
    let numbered: Vec<_> = members.iter().filter(|member| !member.oneof).collect();
    let known = numbered.iter().map(|Member { number, name, .. }| quote!((#number, #name)));
    let slots = members.iter().map(|member| {
        let (slot, ty) = (&member.slot, member.slot_type(&wire));
        quote!(#slot: #ty)
    });
    // The writer writes backwards: first the unknown fields, then the last field.
    let writes = write_backwards(&wire, members, |Member { access, .. }| quote!(&self.#access));
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
        member.at_type(quote!(#slot: ::core::default::Default::default()))
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

fn newtype_impls(rt: &Runtime, ident: &Ident, ty: &Type) -> TokenStream {
    let shown = name(ident);
    let newtype = located_at(quote!(#rt::wire_newtype!(#ident, #ty);), ty.span());
    quote!(#newtype #rt::wire_whole!(#ident, #shown);)
}

fn number(variant: &Variant) -> i32 {
    i32::try_from(variant.number).unwrap_or(i32::MAX)
}

/// Generates stubs of `Message` and `Wire` for a type with errors.
pub(super) fn stub(rt: &Runtime, ident: &Ident) -> TokenStream {
    let wire = quote!(#rt::wire);
    let WireTypes { reader, error, writer, place } = WireTypes::new(&wire);
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

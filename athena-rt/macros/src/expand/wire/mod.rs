//! The Protocol Buffers encoding of a type. The runtime does the work; the generated code only maps
//! numbers to fields.

mod kept_unknown;
mod member;
mod variant;

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use self::kept_unknown::KeptUnknown;
pub(super) use self::member::Records;
use self::member::{Member, write_backwards};
use self::variant::{merge_variant, write_variant};
use super::others::Others;
use super::runtime::Runtime;
use super::subject::Subject;
use super::tokens::located_at;
use crate::enumeration::Variant;
use crate::field::Field;
use crate::text::name;

/// Generates `Message` and `Wire` of a struct with named fields.
pub(super) fn message(
    rt: &Runtime,
    subject: &Subject,
    shown: &str,
    fields: &[Field],
    others: Others<'_>,
) -> TokenStream {
    let members: Vec<_> = fields.iter().map(|field| Member::from_field(rt, field)).collect();
    message_impls(rt, subject, shown, &members, others)
}

/// Generates `Wire` of a tuple struct: its content, or a message with the fields 1, 2
/// and so on.
pub(super) fn tuple(rt: &Runtime, subject: &Subject, types: &[Type]) -> TokenStream {
    match types {
        [one] => newtype(rt, subject, &quote!(0), &quote!(), one),
        more => {
            let members: Vec<_> =
                more.iter().enumerate().map(|(at, ty)| Member::from_position(at, ty)).collect();
            message_impls(rt, subject, &name(&subject.ident), &members, Others::NONE)
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
    // A variant that is any other name is any other number, too.
    let other = variants.iter().find(|variant| variant.other).map(|variant| {
        let tag = &variant.ident;
        quote!(#ident::#tag)
    });
    let otherwise = crate::expand::tokens::option(other.as_ref());
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
                    _ => #otherwise,
                }
            }
        }
        #rt::wire_enumeration!(#ident);
        #rt::wire_whole!(#ident, #shown);
    }
}

/// Generates `Message` and `Wire` of an enum with data: a message with one of the variants.
pub(super) fn data(rt: &Runtime, subject: &Subject, variants: &[Variant]) -> TokenStream {
    let ident = &subject.ident;
    let shown = name(ident);
    let wire = quote!(#rt::wire);
    let known = variants.iter().map(|variant| {
        let (number, name) = (variant.number, &variant.name);
        quote!((#number, #name))
    });
    let writes = variants.iter().map(|variant| write_variant(rt, ident, variant));
    let merges = variants.iter().map(|variant| merge_variant(&wire, subject, variant));
    let WireTypes { reader, error, writer, place } = WireTypes::new(&wire);
    let implement = subject.implement(&quote!(#wire::Message));
    let choice = subject.implement(&quote!(#wire::Choice));
    let whole = subject.for_macro(&quote!());
    quote! {
        #[automatically_derived]
        #implement {
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
        #rt::wire_message!(#whole);
        #[automatically_derived]
        #choice {}
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
    subject: &Subject,
    shown: &str,
    members: &[Member<'_>],
    others: Others<'_>,
) -> TokenStream {
    let wire = quote!(#rt::wire);
    let WireTypes { reader, error, writer, place } = WireTypes::new(&wire);
    let (unknown, skipped) = (others.unknown, others.defaults());
    let hidden = subject.hidden("__Slots");
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
    let distinct: Vec<_> = oneofs
        .iter()
        .enumerate()
        .flat_map(|(at, member)| member.distinct(&wire, &oneofs[..at]))
        .collect();
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
    let kept = KeptUnknown::new(&wire, unknown);
    let merge_unknown = kept.merge.clone();
    let otherwise = if oneofs.is_empty() {
        merge_unknown
    } else {
        quote!({ #(#merge_oneofs)* #merge_unknown })
    };
    let (known, checks) = known_fields(subject, &quote!(&[#(#known),*]), &distinct);
    let slots_type = &hidden.ty();
    let (parameters, bounds) = (hidden.parameters(), hidden.bounds());
    let (marker_slot, marker_value) = (hidden.marker_declared(), hidden.marker());
    let default = hidden.implement(&quote!(::core::default::Default));
    let implement = subject.implement(&quote!(#wire::Message));
    let (whole, marker) = (subject.for_macro(&quote!()), subject.marker());
    let KeptUnknown { empty: unknown_empty, slot: unknown_slot, write: write_unknown, .. } = &kept;
    let KeptUnknown { finish: finish_unknown, resume: resume_unknown, .. } = &kept;
    quote! {
        #[doc(hidden)]
        #[allow(unreachable_pub)]
        pub struct __Slots #parameters #bounds { #(#slots,)* #unknown_slot #marker_slot }
        #[automatically_derived]
        #default {
            fn default() -> Self {
                Self { #(#empty,)* #unknown_empty #marker_value }
            }
        }
        #checks
        #[automatically_derived]
        #implement {
            const NAME: &'static ::core::primitive::str = #shown;
            const FIELDS: &'static [(::core::primitive::u32, &'static ::core::primitive::str)] = #known;
            type Slots = #slots_type;
            fn encode_fields(&self, __writer: #writer) {
                #write_unknown
                #writes
            }
            #[inline(always)]
            fn merge_field(
                __slots: &mut #slots_type,
                __key: #wire::Key,
                __reader: #reader,
            ) -> ::core::result::Result<(), #error> {
                match __key.number() {
                    #(#merges,)*
                    _ => #otherwise,
                }
            }
            #[inline(always)]
            fn finish_fields(__slots: #slots_type, __place: #place) -> ::core::result::Result<Self, #error> {
                ::core::result::Result::Ok(Self { #(#finishes,)* #finish_unknown #skipped #marker })
            }
            fn resume_fields(self) -> #slots_type {
                __Slots { #(#resumes,)* #resume_unknown #marker_value }
            }
        }
        #rt::wire_message!(#whole);
    }
}

/// Generates the value of `FIELDS`, and items that check that the variants of oneofs share no number with it.
fn known_fields(
    subject: &Subject,
    known: &TokenStream,
    distinct: &[TokenStream],
) -> (TokenStream, TokenStream) {
    if distinct.is_empty() {
        return (known.clone(), quote!());
    }
    let ty = quote!(&[(::core::primitive::u32, &::core::primitive::str)]);
    let checked = quote!(const __FIELDS: #ty = #known;);
    if subject.is_generic() {
        // Only a constant of the type can depend on its parameters.
        return (quote!({ #(#distinct;)* __FIELDS }), checked);
    }
    (quote!(__FIELDS), quote!(#checked #(const _: () = #distinct;)*))
}

/// Generates `Wire` and `Message` of a type that is its one field.
pub(super) fn newtype(
    rt: &Runtime,
    subject: &Subject,
    field: &TokenStream,
    others: &TokenStream,
    ty: &Type,
) -> TokenStream {
    let ident = &subject.ident;
    let others = (!others.is_empty()).then(|| quote!({ #others }));
    let arguments = if subject.is_generic() || field.to_string() != "0" || others.is_some() {
        subject.for_long_macro(&quote!(, #ident, #ty, #field #others))
    } else {
        quote!(#ident, #ty)
    };
    located_at(quote!(#rt::wire_newtype!(#arguments);), ty.span())
}

/// Generates `Wire` and `Message` of a type that is another in messages.
pub(super) fn converted(rt: &Runtime, subject: &Subject, raw: &Type) -> TokenStream {
    let arguments = subject.for_long_macro(&quote!(, #raw));
    located_at(quote!(#rt::wire_converted!(#arguments);), raw.span())
}

fn number(variant: &Variant) -> i32 {
    i32::try_from(variant.number).unwrap_or(i32::MAX)
}

/// Generates stubs of `Message` and `Wire` for a type with errors.
pub(super) fn stub(rt: &Runtime, subject: &Subject) -> TokenStream {
    let wire = quote!(#rt::wire);
    let WireTypes { reader, error, writer, place } = WireTypes::new(&wire);
    let implement = subject.implement(&quote!(#wire::Message));
    let whole = subject.for_macro(&quote!());
    quote! {
        #implement {
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
        #rt::wire_message!(#whole);
    }
}

//! Enums: a name in JSON; with data the object `{"Card": {..}}`, as serde writes them by default.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Type};

use super::derived::{self, DerivedCase};
use super::message::{Message, message, part};
use super::runtime::{Runtime, as_part};
use super::subject::Subject;
use super::{default, json, members, shape, tagged, wire};
use crate::derives::Derives;
use crate::enumeration::{Tagging, Variant, VariantData};
use crate::field::Field;
use crate::numbers::Reserved;
use crate::structure::{Body, Structure};
use crate::text::name;
use crate::types::single_or_tuple;

/// Generates the implementations of a unit-only enum, which can also be a setting.
pub(super) fn units(
    rt: &Runtime,
    structure: &Structure,
    subject: &Subject,
    variants: &[Variant],
) -> TokenStream {
    let ident = &subject.ident;
    let common = common(rt, structure, subject, variants);
    let wire = wire::units(rt, ident, variants);
    let aliases = json::aliases(variants.iter().map(|variant| variant.aliases.as_slice()));
    let parsed = arms(variants, |variant| {
        let tag = &variant.ident;
        quote!(::core::result::Result::Ok(#ident::#tag))
    });
    let shown = variants.iter().map(|variant| {
        let (tag, name) = (&variant.ident, &variant.key);
        quote!(#ident::#tag => #name)
    });
    let setting = subject.implement(&quote!(#rt::Setting));
    quote! {
        #common
        #wire
        #[automatically_derived]
        #setting {
            const PLACEHOLDER: &'static ::core::primitive::str = __NAMES[0];
            const VALUES: &'static [&'static ::core::primitive::str] = __NAMES;
            fn parse(__text: &::core::primitive::str) -> ::core::result::Result<Self, ::std::string::String> {
                match #rt::Variants::new(__NAMES)#aliases.find(__text)? { #parsed }
            }
            fn show(&self) -> ::std::string::String {
                ::std::string::String::from(match self { #(#shown,)* })
            }
        }
    }
}

/// Generates the implementations of an enum with data. The named fields of a variant are read into
/// a hidden struct.
pub(super) fn data(
    rt: &Runtime,
    structure: &Structure,
    subject: &Subject,
    variants: &[Variant],
) -> TokenStream {
    let common = common(rt, structure, subject, variants);
    let wire = wire::data(rt, subject, variants);
    // What the enum itself asks for when it writes; the others are beside the variant's fields.
    let implicit = variants.iter().flat_map(Variant::fields).filter(|field| field.implicit);
    let defaults = default::functions(rt, subject, implicit);
    let implement = subject.implement(&quote!(#rt::Structure));
    let carriers = variants.iter().filter_map(|variant| match &variant.data {
        VariantData::Named(fields) => Some(carrier(rt, structure, subject, variant, fields)),
        _ => None,
    });
    quote! {
        #defaults
        #common
        #wire
        #[automatically_derived]
        #implement {}
        #(#carriers)*
    }
}

fn carrier(
    rt: &Runtime,
    structure: &Structure,
    subject: &Subject,
    variant: &Variant,
    fields: &[Field],
) -> TokenStream {
    let carrier = variant.carrier(subject);
    let (owner, declared_name) = (subject.key(rt), &variant.name);
    let declared = fields.iter().map(|field| {
        let (ident, ty) = (&field.ident, &field.ty);
        quote!(#ident: #ty)
    });
    let generated = message(
        rt,
        &Message {
            subject: &carrier,
            name: &variant.name,
            key: quote!(#rt::variant_key(#owner, #declared_name)),
            docs: &variant.docs,
            open: structure.open,
            reserved: &Reserved::default(),
            fields,
            unknown: None,
            skipped: &[],
            derives: &Derives::default(),
        },
    );
    let (ident, parameters) = (&carrier.ident, carrier.parameters());
    let (bounds, marker) = (carrier.bounds(), carrier.marker_declared());
    let (attribute, implemented) = if structure.checked {
        let cases = [DerivedCase::from_fields(ident, fields, None)];
        (quote!(), derived::missing(&carrier, &Derives::default(), &cases))
    } else {
        let derive = quote! {
            #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
        };
        (derive, quote!())
    };
    quote! {
        #attribute
        struct #ident #parameters #bounds { #(#declared,)* #marker }
        const _: () = { #generated #implemented };
    }
}

/// Generates what enums with and without data share.
fn common(
    rt: &Runtime,
    structure: &Structure,
    subject: &Subject,
    variants: &[Variant],
) -> TokenStream {
    let shown = name(&subject.ident);
    let names = variants.iter().map(|variant| &variant.key);
    let aliases = json::aliases(variants.iter().map(|variant| variant.aliases.as_slice()));
    let shape = shape::enumeration(rt, structure, subject, &shown, variants);
    let other = variants.iter().position(|variant| variant.other);
    let other = other.map(|index| quote!(.with_other(#index)));
    let find = quote!(#rt::Variants::new(__NAMES)#aliases #other);
    let (bodies, by_index) = if matches!(structure.tagging, Tagging::External) {
        (plain(rt, subject, variants, &find), quote!())
    } else {
        tagged::bodies(rt, structure, subject, variants, &find)
    };
    let json = bodies.expand(rt, subject, &structure.derives);
    let members = match &structure.body {
        Body::Data(_) => members::enumeration(rt, &structure.tagging, variants),
        _ => quote!(),
    };
    let json_part = &json.part;
    let part = part(rt, subject, &shape, &quote!(#members #json_part), None);
    let serde = &json.serde;
    quote! {
        const __NAMES: &[&::core::primitive::str] = &[#(#names),*];
        #part
        #serde
        #by_index
    }
}

/// Generates the bodies of an enum as serde lays it out by itself: `{"Card": {..}}`.
fn plain(
    rt: &Runtime,
    subject: &Subject,
    variants: &[Variant],
    find: &TokenStream,
) -> json::JsonBodies {
    let (ident, ty) = (&subject.ident, subject.ty());
    let shown = name(ident);
    let (visitor, visitor_value) = json::visitor(rt, subject);
    let writes =
        variants.iter().enumerate().map(|(index, variant)| write(rt, ident, index, variant));
    let reads = arms(variants, |variant| read(rt, subject, variant));
    let expecting = format!("a variant of `{shown}`");
    let names = variants.iter().map(|variant| (&variant.key, variant.aliases.as_slice()));
    let names = json::read_names(names);
    json::JsonBodies {
        write: quote!(match self { #(#writes)* }),
        read: quote! {
            #visitor {
                type Value = #ty;
                fn expecting(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    __formatter.write_str(#expecting)
                }
                fn visit_enum<__A>(self, __data: __A) -> ::core::result::Result<#ty, __A::Error>
                where
                    __A: #rt::serde::de::EnumAccess<'de>,
                {
                    let (__index, __access) =
                        #rt::serde::de::EnumAccess::variant_seed(__data, #find)?;
                    match __index { #reads }
                }
            }
            #rt::serde::Deserializer::deserialize_enum(__deserializer, #shown, #names, #visitor_value)
        },
    }
}

/// Generates one match arm per variant, by its index. The last arm is `_`: `Variants` returns no
/// other index.
fn arms(variants: &[Variant], value: impl Fn(&Variant) -> TokenStream) -> TokenStream {
    let last = variants.len().saturating_sub(1);
    let arms = variants.iter().enumerate().map(|(index, variant)| {
        let value = value(variant);
        if index == last { quote!(_ => #value,) } else { quote!(#index => #value,) }
    });
    quote!(#(#arms)*)
}

fn write(rt: &Runtime, ident: &Ident, index: usize, variant: &Variant) -> TokenStream {
    let (tag, name, owner) = (&variant.ident, &variant.key, crate::text::name(ident));
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    match &variant.data {
        VariantData::Unit => quote! {
            #ident::#tag => #rt::serde::Serializer::serialize_unit_variant(__serializer, #owner, #index, #name),
        },
        VariantData::Tuple(types) if types.len() == 1 => {
            let json = as_part(rt, &single_or_tuple(types), "json", &quote!(__value));
            quote! {
                #ident::#tag(__value) => #rt::serde::Serializer::serialize_newtype_variant(
                    __serializer, #owner, #index, #name, &#json
                ),
            }
        }
        VariantData::Tuple(types) => {
            let slots = slots(types);
            let count = types.len();
            let writes = types.iter().zip(&slots).map(|(ty, slot)| {
                let json = as_part(rt, ty, "json", &quote!(#slot));
                quote! {
                    #rt::serde::ser::SerializeTupleVariant::serialize_field(&mut __tuple, &#json)?;
                }
            });
            quote! {
                #ident::#tag(#(#slots),*) => {
                    let mut __tuple = #rt::serde::Serializer::serialize_tuple_variant(
                        __serializer, #owner, #index, #name, #count,
                    )?;
                    #(#writes)*
                    #rt::serde::ser::SerializeTupleVariant::end(__tuple)
                }
            }
        }
        VariantData::Named(fields) => {
            let bound = fields.iter().map(|field| {
                let (ident, slot) = (&field.ident, field.slot());
                quote!(#ident: #slot)
            });
            let writes = json::write_fields(
                rt,
                fields,
                |field| {
                    let slot = field.slot();
                    quote!(#slot)
                },
                &quote! {
                    #rt::serde::Serializer::serialize_struct_variant(__serializer, #owner, #index, #name, __count)?
                },
                &quote!(#rt::serde::ser::SerializeStructVariant::serialize_field),
            );
            quote! {
                #ident::#tag { #(#bound),* } => {
                    #writes
                    #rt::serde::ser::SerializeStructVariant::end(__object)
                }
            }
        }
    }
}

fn read(rt: &Runtime, subject: &Subject, variant: &Variant) -> TokenStream {
    let (ident, tag) = (&subject.ident, &variant.ident);
    let access = quote!(#rt::serde::de::VariantAccess);
    let (ty, value): (Type, _) = match &variant.data {
        VariantData::Unit => {
            return quote!(::core::result::Result::map(#access::unit_variant(__access), |()| #ident::#tag));
        }
        VariantData::Tuple(types) if types.len() == 1 => {
            (single_or_tuple(types), quote!(#ident::#tag(__value)))
        }
        VariantData::Tuple(types) => {
            let places = (0..types.len()).map(syn::Index::from);
            (single_or_tuple(types), quote!(#ident::#tag(#(__value.#places),*)))
        }
        VariantData::Named(fields) => {
            let carrier = variant.carrier(subject).ty();
            let fields = fields.iter().map(|field| &field.ident);
            (syn::parse_quote!(#carrier), quote!(#ident::#tag { #(#fields: __value.#fields),* }))
        }
    };
    let seed = as_part(rt, &ty, "seed", &quote!());
    quote! {
        ::core::result::Result::map(
            #access::newtype_variant_seed(__access, #seed),
            |__value: #ty| #value,
        )
    }
}

fn slots(types: &[Type]) -> Vec<Ident> {
    (0..types.len()).map(|index| format_ident!("__{}", index)).collect()
}

//! JSON of messages: `Serialize` and `Deserialize` of a struct with named fields.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use super::runtime::{Runtime, as_part};
use super::slot;
use crate::field::Field;

/// Generates `Serialize` and `Deserialize`.
pub(super) fn message(
    rt: &Runtime,
    ident: &Ident,
    name: &str,
    open: bool,
    fields: &[Field],
    unknown: Option<&Ident>,
) -> TokenStream {
    let serialize = serialize(rt, ident, name, fields);
    let deserialize = deserialize(rt, ident, name, open, fields, unknown);
    quote!(#serialize #deserialize)
}

/// Generates `Part::to_json` and `Part::from_json` that call serde's traits.
pub(super) fn through_serde(rt: &Runtime) -> TokenStream {
    quote! {
        fn to_json<__S>(&self, __serializer: __S) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: #rt::serde::Serializer,
        {
            #rt::serde::Serialize::serialize(self, __serializer)
        }
        fn from_json<'de, __D>(__deserializer: __D) -> ::core::result::Result<Self, __D::Error>
        where
            __D: #rt::serde::Deserializer<'de>,
        {
            #rt::serde::Deserialize::deserialize(__deserializer)
        }
    }
}

/// Generates the statements that write an object: the number of fields, then each field. An absent
/// field is omitted, unless reading would replace it by its default.
/// `value` is a reference to the field's value.
pub(super) fn write_fields(
    rt: &Runtime,
    fields: &[Field],
    value: impl Fn(&Field) -> TokenStream,
    object: &TokenStream,
    write: &TokenStream,
) -> TokenStream {
    let written = fields.iter().filter(|field| field.default.is_some()).count();
    let mut counts = Vec::new();
    let mut writes = Vec::new();
    for field in fields {
        let (name, ty, value) = (&field.name, &field.ty, value(field));
        let json = as_part(rt, ty, "json", &value);
        let write = quote!(#write(&mut __object, #name, &#json)?;);
        if field.default.is_some() {
            writes.push(write);
        } else {
            let is_absent = as_part(rt, ty, "is_absent", &value);
            counts.push(quote!(+ ::core::primitive::usize::from(!#is_absent)));
            writes.push(quote!(if !#is_absent { #write }));
        }
    }
    let mutable = (!fields.is_empty()).then(|| quote!(mut));
    quote! {
        let __count = #written #(#counts)*;
        let #mutable __object = #object;
        #(#writes)*
    }
}

fn serialize(rt: &Runtime, ident: &Ident, name: &str, fields: &[Field]) -> TokenStream {
    let writes = write_fields(
        rt,
        fields,
        |field| {
            let ident = &field.ident;
            quote!(&self.#ident)
        },
        &quote!(#rt::serde::Serializer::serialize_struct(__serializer, #name, __count)?),
        &quote!(#rt::serde::ser::SerializeStruct::serialize_field),
    );
    quote! {
        #[automatically_derived]
        impl #rt::serde::Serialize for #ident {
            fn serialize<__S>(&self, __serializer: __S) -> ::core::result::Result<__S::Ok, __S::Error>
            where
                __S: #rt::serde::Serializer,
            {
                #writes
                #rt::serde::ser::SerializeStruct::end(__object)
            }
        }
    }
}

fn deserialize(
    rt: &Runtime,
    ident: &Ident,
    name: &str,
    open: bool,
    fields: &[Field],
    unknown: Option<&Ident>,
) -> TokenStream {
    let names = names(fields);
    // Unknown fields of Protocol Buffers have no names, so JSON can't contain them.
    let unknown = unknown.map(|unknown| quote!(#unknown: ::core::default::Default::default(),));
    let expecting = format!("an object with the fields of `{name}`");
    let slots = slot::declare(fields);
    let arms = fields.iter().enumerate().map(|(index, field)| {
        let (slot, seed) = (field.slot(), as_part(rt, &field.ty, "seed", &quote!()));
        quote!(#index => __fields.set(&mut __map, #index, #seed, &mut #slot)?)
    });
    let values = fields.iter().enumerate().map(|(index, field)| {
        slot::take_or_default(field, |ty| {
            let absent = as_part(rt, ty, "absent", &quote!());
            quote!(__fields.absent::<#ty, __A::Error>(#absent, #index)?)
        })
    });
    quote! {
        #[automatically_derived]
        impl<'de> #rt::serde::Deserialize<'de> for #ident {
            fn deserialize<__D>(__deserializer: __D) -> ::core::result::Result<Self, __D::Error>
            where
                __D: #rt::serde::Deserializer<'de>,
            {
                const __NAMES: &[&::core::primitive::str] = #names;
                struct __Visitor;
                impl<'de> #rt::serde::de::Visitor<'de> for __Visitor {
                    type Value = #ident;
                    fn expecting(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        __formatter.write_str(#expecting)
                    }
                    fn visit_map<__A>(self, mut __map: __A) -> ::core::result::Result<#ident, __A::Error>
                    where
                        __A: #rt::serde::de::MapAccess<'de>,
                    {
                        let mut __fields = #rt::Fields::new(__NAMES, #open);
                        #(#slots)*
                        while let ::core::option::Option::Some(__index) = __fields.next(&mut __map)? {
                            match __index {
                                #(#arms,)*
                                _ => __fields.skip(&mut __map)?,
                            }
                        }
                        ::core::result::Result::Ok(#ident { #(#values,)* #unknown })
                    }
                }
                #rt::serde::Deserializer::deserialize_struct(__deserializer, #name, __NAMES, __Visitor)
            }
        }
    }
}

/// Generates the keys of an object as a slice of strings.
fn names(fields: &[Field]) -> TokenStream {
    let names = fields.iter().map(|field| &field.name);
    quote!(&[#(#names),*])
}

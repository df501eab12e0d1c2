//! Structs without field names: one field is written as its content, two or more as a tuple.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Index, Type};

use super::message::part;
use super::runtime::{Runtime, as_part};
use super::{shape, wire};
use crate::types::single_or_tuple;

pub(super) fn expand(rt: &Runtime, ident: &Ident, types: &[Type]) -> TokenStream {
    let shape = shape::tuple(rt, types);
    let (write, read) = match types {
        [one] => {
            let to_json = as_part(rt, one, "to_json", &quote!(&self.0, __serializer));
            (quote!(#to_json), quote!(#ident))
        }
        more => {
            let slots: Vec<_> = (0..more.len()).map(|n| format_ident!("__{}", n)).collect();
            (tuple_json(rt, more), quote!(|(#(#slots),*)| #ident(#(#slots),*)))
        }
    };
    let from_json = as_part(rt, &single_or_tuple(types), "from_json", &quote!(__deserializer));
    let json = quote! {
        fn to_json<__S>(&self, __serializer: __S) -> ::core::result::Result<__S::Ok, __S::Error>
        where
            __S: #rt::serde::Serializer,
        {
            #write
        }
        fn from_json<'de, __D>(__deserializer: __D) -> ::core::result::Result<Self, __D::Error>
        where
            __D: #rt::serde::Deserializer<'de>,
        {
            ::core::result::Result::map(#from_json, #read)
        }
    };
    let part = part(rt, ident, &shape, &json);
    let serde = serde_through_part(rt, ident);
    let wire = wire::tuple(rt, ident, types);
    quote!(#part #serde #wire)
}

fn tuple_json(rt: &Runtime, types: &[Type]) -> TokenStream {
    let count = types.len();
    let elements = types.iter().enumerate().map(|(index, ty)| {
        let index = Index::from(index);
        let json = as_part(rt, ty, "json", &quote!(&self.#index));
        quote!(#rt::serde::ser::SerializeTuple::serialize_element(&mut __tuple, &#json)?;)
    });
    quote! {
        let mut __tuple = #rt::serde::Serializer::serialize_tuple(__serializer, #count)?;
        #(#elements)*
        #rt::serde::ser::SerializeTuple::end(__tuple)
    }
}

fn serde_through_part(rt: &Runtime, ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #rt::serde::Serialize for #ident {
            fn serialize<__S>(&self, __serializer: __S) -> ::core::result::Result<__S::Ok, __S::Error>
            where
                __S: #rt::serde::Serializer,
            {
                #rt::Part::to_json(self, __serializer)
            }
        }
        #[automatically_derived]
        impl<'de> #rt::serde::Deserialize<'de> for #ident {
            fn deserialize<__D>(__deserializer: __D) -> ::core::result::Result<Self, __D::Error>
            where
                __D: #rt::serde::Deserializer<'de>,
            {
                #rt::Part::from_json(__deserializer)
            }
        }
    }
}

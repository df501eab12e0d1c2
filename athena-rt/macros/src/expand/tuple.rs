//! Structs without field names: one field is written as its content, two or more as a tuple.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Index, Type};

use super::json::JsonBodies;
use super::message::part;
use super::runtime::{Runtime, as_part};
use super::subject::Subject;
use super::{shape, wire};
use crate::derives::Derives;
use crate::field::TransparentField;
use crate::types::single_or_tuple;

pub(super) fn expand(
    rt: &Runtime,
    subject: &Subject,
    derives: &Derives,
    types: &[Type],
) -> TokenStream {
    let ident = &subject.ident;
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
    let bodies = JsonBodies { write, read: quote!(::core::result::Result::map(#from_json, #read)) };
    let json = bodies.expand(rt, subject, derives);
    let part = part(rt, subject, &shape, &json.part, Some(&single_or_tuple(types)));
    let serde = &json.serde;
    let wire = wire::tuple(rt, subject, types);
    // A type that is its content is a message where that is one.
    let structure = (types.len() > 1).then(|| {
        let implement = subject.implement(&quote!(#rt::Structure));
        quote!(#[automatically_derived] #implement {})
    });
    quote!(#part #serde #wire #structure)
}

/// Generates the implementations of a struct that is its one field, which has a name.
pub(super) fn transparent(
    rt: &Runtime,
    subject: &Subject,
    derives: &Derives,
    field: &TransparentField,
) -> TokenStream {
    let ident = &subject.ident;
    let TransparentField { member: field, ty, others } = field;
    let others = others.iter().map(|(member, _, value)| quote!(#member: #value,));
    let others: TokenStream = others.collect();
    let from_json = as_part(rt, ty, "from_json", &quote!(__deserializer));
    let bodies = JsonBodies {
        write: as_part(rt, ty, "to_json", &quote!(&self.#field, __serializer)),
        read: quote!(::core::result::Result::map(#from_json, |__value| #ident { #field: __value, #others })),
    };
    let json = bodies.expand(rt, subject, derives);
    let part =
        part(rt, subject, &as_part(rt, ty, "shape", &quote!(__shapes)), &json.part, Some(ty));
    let (serde, wire) = (&json.serde, wire::newtype(rt, subject, &quote!(#field), &others, ty));
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

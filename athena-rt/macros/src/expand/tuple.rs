//! Structs without field names: one field is transparent, more are a tuple.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Index, Type};

use super::{Runtime, shape, structure};

/// The type itself where there is one, else the tuple of them all.
pub(super) fn inner(types: &[Type]) -> TokenStream {
    match types {
        [one] => quote!(#one),
        more => quote!((#(#more),*)),
    }
}

pub(super) fn expand(rt: &Runtime, ident: &Ident, types: &[Type]) -> TokenStream {
    let shape = shape::tuple(rt, types);
    let (write, read) = match types {
        [one] => (
            quote_spanned!(one.span()=> <#one as #rt::Part>::to_json(&self.0, __serializer)),
            quote!(#ident),
        ),
        more => {
            let slots: Vec<_> = (0..more.len()).map(|n| format_ident!("__{}", n)).collect();
            (tuple_json(rt, more), quote!(|(#(#slots),*)| #ident(#(#slots),*)))
        }
    };
    let inner = inner(types);
    let from = quote_spanned!(inner.span()=> <#inner as #rt::Part>::from_json(__deserializer));
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
            ::core::result::Result::map(#from, #read)
        }
    };
    let part = structure::part(rt, ident, &shape, &json);
    let serde = serde_through_part(rt, ident);
    quote!(#part #serde)
}

fn tuple_json(rt: &Runtime, types: &[Type]) -> TokenStream {
    let count = types.len();
    let elements = types.iter().enumerate().map(|(index, ty)| {
        let index = Index::from(index);
        quote_spanned!(ty.span()=>
            #rt::serde::ser::SerializeTuple::serialize_element(&mut __tuple, &#rt::Json(&self.#index))?;
        )
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

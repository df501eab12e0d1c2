//! Stub implementations for an item with errors, so that code that uses the type causes no further
//! errors. They never run, because the errors stop the build.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use super::runtime::Runtime;
use super::subject::Subject;
use crate::derives::Derives;
use crate::structure::Body;

/// Generates stubs for a structure with errors.
pub(super) fn structure(
    rt: &Runtime,
    subject: &Subject,
    derives: &Derives,
    body: &Body,
) -> TokenStream {
    let debug = derives.hides_secrets.then(|| {
        let implement = subject.implement(&quote!(::core::fmt::Debug));
        quote! {
            #implement {
                fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    loop {}
                }
            }
        }
    });
    let wire = super::wire::stub(rt, subject);
    let implement = subject.implement(&quote!(#rt::Structure));
    let message = quote!(#implement {} #wire);
    let setting = matches!(body, Body::Units(_)).then(|| {
        let implement = subject.implement(&quote!(#rt::Setting));
        quote! {
            #implement {
                const PLACEHOLDER: &'static ::core::primitive::str = "";
                fn parse(_: &::core::primitive::str) -> ::core::result::Result<Self, ::std::string::String> {
                    loop {}
                }
                fn show(&self) -> ::std::string::String {
                    loop {}
                }
            }
        }
    });
    let deserialize = (!derives.has_deserialize)
        .then(|| deserialize(rt, &subject.implement_de(&quote!(#rt::serde::Deserialize<'de>))));
    let serialize = (!derives.has_serialize).then(|| {
        let implement = subject.implement(&quote!(#rt::serde::Serialize));
        quote! {
            #implement {
                fn serialize<__S>(&self, _: __S) -> ::core::result::Result<__S::Ok, __S::Error>
                where
                    __S: #rt::serde::Serializer,
                {
                    loop {}
                }
            }
        }
    });
    let part = subject.implement(&quote!(#rt::Part));
    quote! {
        #debug
        #part {
            fn shape(_: &mut #rt::Shapes) -> #rt::Shape {
                loop {}
            }
            fn to_json<__S>(&self, _: __S) -> ::core::result::Result<__S::Ok, __S::Error>
            where
                __S: #rt::serde::Serializer,
            {
                loop {}
            }
            fn from_json<'de, __D>(_: __D) -> ::core::result::Result<Self, __D::Error>
            where
                __D: #rt::serde::Deserializer<'de>,
            {
                loop {}
            }
        }
        #message
        #setting
        #serialize
        #deserialize
    }
}

/// Generates stubs for an environment with errors.
pub(super) fn environment(rt: &Runtime, ident: &Ident) -> TokenStream {
    let implement = quote!(impl<'de> #rt::serde::Deserialize<'de> for #ident);
    let deserialize = deserialize(rt, &implement);
    quote! {
        #deserialize
        impl #rt::Environment for #ident {
            const PREFIX: &'static ::core::primitive::str = "";
            fn variables() -> ::std::vec::Vec<#rt::Variable> {
                loop {}
            }
        }
    }
}

fn deserialize(rt: &Runtime, implement: &TokenStream) -> TokenStream {
    quote! {
        #implement {
            fn deserialize<__D>(_: __D) -> ::core::result::Result<Self, __D::Error>
            where
                __D: #rt::serde::Deserializer<'de>,
            {
                loop {}
            }
        }
    }
}

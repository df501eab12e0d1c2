//! Types that are another in messages: serde's `from`, `try_from` and `into`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned as _;

use super::json::JsonBodies;
use super::message::part;
use super::runtime::{Runtime, as_part};
use super::subject::Subject;
use super::tokens::located_at;
use super::wire;
use crate::derives::Derives;
use crate::structure::Conversion;

pub(super) fn expand(
    rt: &Runtime,
    subject: &Subject,
    derives: &Derives,
    conversion: &Conversion,
) -> TokenStream {
    let raw = &conversion.raw;
    let converted = quote!(#rt::converted);
    let implement = subject.implement(&quote!(#converted::Converted));
    let from = if conversion.is_fallible {
        quote! {
            ::core::result::Result::map_err(
                <Self as ::core::convert::TryFrom<#raw>>::try_from(__raw),
                |__error| ::std::string::ToString::to_string(&__error),
            )
        }
    } else {
        quote! {
            ::core::result::Result::Ok(<Self as ::core::convert::From<#raw>>::from(__raw))
        }
    };
    let from = located_at(from, raw.span());
    let into =
        quote!(<Self as ::core::convert::Into<#raw>>::into(::core::clone::Clone::clone(self)));
    let into = located_at(into, raw.span());
    let value = quote!(&#converted::Converted::to_raw(self));
    let bodies = JsonBodies {
        write: as_part(rt, raw, "to_json", &quote!(#value, __serializer)),
        read: quote!(#converted::read_json::<Self, __D>(__deserializer)),
    };
    let json = bodies.expand(rt, subject, derives);
    let part =
        part(rt, subject, &as_part(rt, raw, "shape", &quote!(__shapes)), &json.part, Some(raw));
    let (serde, wire) = (&json.serde, wire::converted(rt, subject, raw));
    quote! {
        #[automatically_derived]
        #implement {
            type Raw = #raw;
            fn to_raw(&self) -> #raw {
                #into
            }
            fn from_raw(__raw: #raw) -> ::core::result::Result<Self, ::std::string::String> {
                #from
            }
        }
        #part
        #serde
        #wire
    }
}

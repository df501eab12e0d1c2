//! `Debug` that prints `***` for secret fields.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::subject::Subject;
use crate::enumeration::{Variant, VariantData};
use crate::field::Field;
use crate::text::name;

/// Generates `Debug` of a struct with secret fields.
pub(super) fn structure(subject: &Subject, fields: &[Field]) -> TokenStream {
    let name = name(&subject.ident);
    let fields = fields.iter().map(|field| {
        let (ident, name) = (&field.ident, &field.name);
        let value = shown(field, &quote!(&self.#ident));
        quote!(.field(#name, #value))
    });
    implementation(
        subject,
        &quote! {
            __formatter.debug_struct(#name) #(#fields)* .finish()
        },
    )
}

/// Generates `Debug` of an enum with secret fields in a variant.
pub(super) fn enumeration(subject: &Subject, variants: &[Variant]) -> TokenStream {
    let ident = &subject.ident;
    let arms = variants.iter().map(|variant| {
        let (tag, name) = (&variant.ident, &variant.name);
        match &variant.data {
            VariantData::Unit => quote!(#ident::#tag => __formatter.write_str(#name)),
            VariantData::Tuple(types) => {
                let slots: Vec<_> = (0..types.len()).map(|n| format_ident!("__{}", n)).collect();
                quote!(#ident::#tag(#(#slots),*) => __formatter.debug_tuple(#name) #(.field(#slots))* .finish())
            }
            VariantData::Named(fields) => {
                let bound = fields.iter().filter(|field| !field.secret).map(|field| {
                    let (ident, slot) = (&field.ident, field.slot());
                    quote!(#ident: #slot)
                });
                let shown = fields.iter().map(|field| {
                    let (name, slot) = (&field.name, field.slot());
                    let value = shown(field, &quote!(#slot));
                    quote!(.field(#name, #value))
                });
                quote! {
                    #ident::#tag { #(#bound,)* .. } => __formatter.debug_struct(#name) #(#shown)* .finish()
                }
            }
        }
    });
    implementation(subject, &quote!(match self { #(#arms,)* }))
}

fn shown(field: &Field, value: &TokenStream) -> TokenStream {
    if field.secret { quote!(&::core::format_args!("***")) } else { value.clone() }
}

fn implementation(subject: &Subject, body: &TokenStream) -> TokenStream {
    let implement = subject.implement(&quote!(::core::fmt::Debug));
    quote! {
        #[automatically_derived]
        #implement {
            fn fmt(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #body
            }
        }
    }
}

//! `#[environment]`: `Deserialize` from variables, `Debug`, and the list of variables.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::derived::DerivedCase;
use super::runtime::{Runtime, as_setting};
use super::subject::Subject;
use super::tokens::hidden;
use super::{checked, default, derived, slot, stub};
use crate::environment::Environment;
use crate::errors::Errors;
use crate::field::Field;
use crate::text::{compact, name};

pub(super) fn expand(mut environment: Environment, errors: &Errors) -> TokenStream {
    let rt = Runtime::new(environment.krate.as_ref());
    let checks = if errors.is_empty() {
        checked::environment(&rt, &mut environment.fields)
    } else {
        quote!()
    };
    let Environment { item, ident, fields, .. } = &environment;
    let subject = Subject::plain(ident);
    let cases = [DerivedCase::from_fields(ident, fields, None)];
    let generated = if errors.is_empty() {
        let defaults = default::functions(&rt, &subject, fields.iter());
        let derived = if checks.is_empty() {
            derived::debug(&subject, &cases)
        } else {
            derived::missing_but_equality(&subject, &environment.derives, &cases)
        };
        let deserialize = deserialize(&rt, &environment);
        let variables = variables(&rt, &environment);
        hidden(&environment.cfgs, &quote!(#checks #defaults #derived #deserialize #variables))
    } else if environment.can_stub {
        let debug = derived::debug(&subject, &cases);
        let stub = stub::environment(&rt, ident);
        hidden(&environment.cfgs, &quote!(#debug #stub))
    } else {
        quote!()
    };
    let clone =
        if checks.is_empty() { environment.derives.missing_for_environment() } else { quote!() };
    let errors = errors.to_tokens();
    quote! {
        #clone
        #item
        #generated
        #errors
    }
}

fn variables(rt: &Runtime, environment: &Environment) -> TokenStream {
    let Environment { ident, prefix, .. } = environment;
    let variables = environment.fields.iter().map(|field| variable(rt, environment, field));
    quote! {
        #[automatically_derived]
        impl #rt::Environment for #ident {
            const PREFIX: &'static ::core::primitive::str = #prefix;
            fn variables() -> ::std::vec::Vec<#rt::Variable> {
                ::std::vec![#(#variables),*]
            }
        }
    }
}

fn variable(rt: &Runtime, environment: &Environment, field: &Field) -> TokenStream {
    let variable = environment.variable(field);
    let (ty, kind, docs) = (&field.part(rt), compact(&field.ty), &field.docs);
    let docs = (!docs.is_empty()).then(|| quote!(.docs(#docs)));
    let fallback = match &field.default {
        // A secret default is not shown, so it is not evaluated.
        Some(_) if field.secret => quote!(),
        Some(fallback) => {
            let function = &fallback.function;
            let show = as_setting(rt, ty, "show", &quote!(&#function()));
            quote!(.default(#show))
        }
        None => {
            let absent = as_setting(rt, ty, "absent", &quote!());
            quote!(.required(#absent.is_none()))
        }
    };
    let secret = field.secret.then(|| {
        let placeholder = quote_spanned!(ty.span()=> <#ty as #rt::Setting>::PLACEHOLDER);
        quote!(.secret(#placeholder))
    });
    let values = quote_spanned!(ty.span()=> <#ty as #rt::Setting>::VALUES);
    quote!(#rt::Variable::new(#variable, #kind) #docs .values(#values) #fallback #secret)
}

fn deserialize(rt: &Runtime, environment: &Environment) -> TokenStream {
    let Environment { ident, fields, .. } = environment;
    let (shown, expecting) = (name(ident), format!("the variables of `{}`", name(ident)));
    // envy passes names in lower case.
    let names = fields.iter().map(|field| field.name.to_lowercase());
    let slots = slot::declare(rt, fields);
    let arms = fields.iter().enumerate().map(|(index, field)| {
        let (slot, secret, parse) =
            (field.slot(), field.secret, as_setting(rt, &field.part(rt), "parse", &quote!(__text)));
        let variable = environment.variable(field);
        quote! {
            #index => __settings.set(&mut __map, #variable, #secret, |__text| #parse, &mut #slot)?
        }
    });
    let values = fields.iter().enumerate().map(|(index, field)| {
        slot::take_or_default(rt, field, |ty| {
            let absent = as_setting(rt, ty, "absent", &quote!());
            quote!(__settings.absent::<#ty, __A::Error>(#absent, #index)?)
        })
    });
    quote! {
        #[automatically_derived]
        impl<'de> #rt::serde::Deserialize<'de> for #ident {
            fn deserialize<__D>(__deserializer: __D) -> ::core::result::Result<Self, __D::Error>
            where
                __D: #rt::serde::Deserializer<'de>,
            {
                const __NAMES: &[&::core::primitive::str] = &[#(#names),*];
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
                        let mut __settings = #rt::Settings::new(__NAMES);
                        #(#slots)*
                        while let ::core::option::Option::Some(__index) = __settings.next(&mut __map)? {
                            match __index {
                                #(#arms,)*
                                _ => {}
                            }
                        }
                        ::core::result::Result::Ok(#ident { #(#values,)* })
                    }
                }
                #rt::serde::Deserializer::deserialize_struct(__deserializer, #shown, __NAMES, __Visitor)
            }
        }
    }
}

//! `#[model]`: the unchanged function and its entry in the registry.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;

use super::checked;
use super::runtime::Runtime;
use super::tokens::{hidden, option};
use crate::edition::shown_at;
use crate::model::Model;
use crate::text::name;

pub(super) fn expand(model: &Model, item: &TokenStream) -> TokenStream {
    let rt = Runtime::new(model.krate.as_ref());
    let signature = &model.signature;
    let ident = &signature.ident;
    let (checks, input, output) = checked::messages(&rt, &signature.input, &signature.output.data);
    let environment = signature.environment.as_ref().map_or_else(|| quote!(()), |ty| quote!(#ty));
    let (many, error) = (signature.output.many, &signature.output.error);
    let emit = match (many, error) {
        (false, None) => quote!(state),
        (false, Some(_)) => quote!(result),
        (true, None) => quote!(states),
        (true, Some(_)) => quote!(results),
    };
    let function = name(ident);
    let docs = &model.docs;
    let (pinned, error) = (option(model.name.as_ref()), option(error.as_ref()));
    // The span of the function's name, not that of the attribute or of an enclosing macro.
    let place = shown_at(ident.span());
    let file = quote_spanned!(place=> ::core::file!());
    let line = quote_spanned!(place=> ::core::line!());
    // Hygienic locals: they can't shadow the user's function.
    let (state, emitter) =
        (Ident::new("state", Span::mixed_site()), Ident::new("emit", Span::mixed_site()));
    let source = quote! {
        #rt::Source {
            function: #function,
            module: ::core::module_path!(),
            package: ::core::env!("CARGO_PKG_NAME"),
            version: ::core::env!("CARGO_PKG_VERSION"),
            pinned: #pinned,
            file: #file,
            line: #line,
            docs: #docs,
            many: #many,
            error: #error,
        }
    };
    let types = quote! {
        type Input = #input;
        type Environment = #environment;
        type Output = #output;
    };
    let arguments = quote! {
        #state: #rt::State<#input, #environment>, #emitter: &mut #rt::Emit<'_, #output>
    };
    let span = signature.output.span;
    let entry = if let Some(asyncness) = &signature.asyncness {
        let given = quote_spanned!(span=> #ident(#state).await);
        let call = quote_spanned!(span=> #emitter.#emit(#given));
        // "future is not `Send`" is reported at the function's name.
        let head = quote_spanned!(ident.span()=> async fn call(#arguments));
        let mut body = Group::new(
            Delimiter::Brace,
            quote! {
                #checks
                struct __Model;
                #[automatically_derived]
                impl #rt::AsyncFunction for __Model {
                    #types
                    #head {
                        #call;
                    }
                }
                #rt::inventory::submit! { #rt::Model::for_async_function::<__Model>(#source) }
            },
        );
        // Without the feature, the error is reported at `async`.
        let span = asyncness.span;
        body.set_span(span);
        let rt = Runtime::with_span(model.krate.as_ref(), span);
        quote_spanned!(span=> #rt::async_model! #body)
    } else {
        let call = quote_spanned!(span=> #emitter.#emit(#ident(#state)));
        quote! {
            #checks
            struct __Model;
            #[automatically_derived]
            impl #rt::Function for __Model {
                #types
                fn call(#arguments) {
                    #call;
                }
            }
            #rt::inventory::submit! { #rt::Model::for_function::<__Model>(#source) }
        }
    };
    let entry = hidden(&model.cfgs, &entry);
    quote! {
        // A model owns its state, even if it only reads it, and can't be const.
        #[allow(clippy::needless_pass_by_value, clippy::missing_const_for_fn)]
        #item
        #entry
    }
}

//! `#[model]`: parsing. The body is not parsed; it is emitted unchanged.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Item, Path, Token, Visibility};

use crate::args::ModelArgs;
use crate::errors::Errors;
use crate::item::{cfgs, keyword};
use crate::signature::Signature;
use crate::text::docs;

/// A parsed `#[model]`.
pub(crate) struct Model {
    pub(crate) krate: Option<Path>,
    /// The id, if `#[model(name = ..)]` sets it.
    pub(crate) name: Option<String>,
    pub(crate) docs: String,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) signature: Signature,
}

impl Model {
    /// Parses the function; `None` if there was an error.
    pub(crate) fn parse(
        args: TokenStream,
        item: &TokenStream,
        errors: &mut Errors,
    ) -> Option<Self> {
        let args = ModelArgs::parse(args, errors);
        let head = match syn::parse2::<FunctionHead>(item.clone()) {
            Ok(head) => head,
            Err(error) => {
                report_unparsable(item, error, errors);
                return None;
            }
        };
        let signature = Signature::parse(&head.signature, errors)?;
        Some(Self {
            krate: args.krate,
            name: args.name,
            docs: docs(&head.attrs),
            cfgs: cfgs(&head.attrs),
            signature,
        })
    }
}

/// A function without its body.
struct FunctionHead {
    attrs: Vec<Attribute>,
    signature: syn::Signature,
}

impl Parse for FunctionHead {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let signature: syn::Signature = input.parse()?;
        if input.peek(Token![;]) {
            return Err(input.error("a model needs a body: `{ state }`"));
        }
        input.parse::<TokenStream>()?;
        Ok(Self { attrs, signature })
    }
}

fn report_unparsable(item: &TokenStream, error: syn::Error, errors: &mut Errors) {
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Fn(_)) | Err(_) => errors.push(error),
        Ok(other) => errors.at_span(
            keyword(&other),
            "`#[model]` is only allowed on a free function: `fn compute(state: State<In>) -> State<Out>`",
        ),
    }
}

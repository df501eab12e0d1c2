//! `#[default(..)]`: a function a field, outside of any `impl`, so that the expression sees what the user sees.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, ExprUnary, Lit, Type, UnOp};

use crate::field::Field;
use crate::text::peel_expr;
use crate::types::is_named;

/// The functions that make the defaults of the fields.
pub(super) fn functions(fields: &[Field]) -> TokenStream {
    let functions = fields.iter().filter_map(|field| {
        let fallback = field.default.as_ref()?;
        let (name, ty) = (&fallback.function, &field.ty);
        let value = converted(&fallback.value, ty);
        Some(quote! {
            #[allow(clippy::unnecessary_wraps)]
            fn #name() -> #ty {
                #value
            }
        })
    });
    quote!(#(#functions)*)
}

/// The value, where a literal means the obvious.
fn converted(value: &Expr, ty: &Type) -> TokenStream {
    let plain = peel_expr(value);
    let (literal, text) = match plain {
        Expr::Lit(ExprLit { lit, .. }) => (true, matches!(lit, Lit::Str(_))),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => {
            (matches!(peel_expr(expr), Expr::Lit(_)), false)
        }
        _ => (false, false),
    };
    let span = plain.span();
    let value = if text {
        quote_spanned!(span=> ::core::convert::Into::into(#plain))
    } else {
        quote!(#value)
    };
    if literal && is_named(ty, "Option") {
        quote_spanned!(span=> ::core::option::Option::Some(#value))
    } else {
        value
    }
}

//! `#[default(..)]`: one function per field, outside of any `impl`, so that names in the expression
//! mean what they mean at the field.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, ExprUnary, Lit, Type, UnOp};

use super::runtime::Runtime;
use super::subject::Subject;
use crate::edition::shown_at;
use crate::field::Field;
use crate::text::peel_expr;
use crate::types::is_scalar;

/// Generates the functions that return the defaults of the fields.
pub(super) fn functions<'a>(
    rt: &Runtime,
    subject: &Subject,
    fields: impl Iterator<Item = &'a Field>,
) -> TokenStream {
    let (parameters, bounds) = (subject.parameters(), subject.bounds());
    let functions = fields.filter_map(|field| {
        let fallback = field.default.as_ref()?;
        let (name, ty) = (&fallback.function, &field.ty);
        let value = converted(rt, &fallback.value, ty);
        Some(quote! {
            #[allow(clippy::unnecessary_wraps, non_snake_case)]
            fn #name #parameters () -> #ty #bounds {
                #value
            }
        })
    });
    quote!(#(#functions)*)
}

/// Converts a string literal, and wraps a literal for an `Option` in `Some`.
fn converted(rt: &Runtime, value: &Expr, ty: &Type) -> TokenStream {
    let plain = peel_expr(value);
    let (literal, text) = match plain {
        Expr::Lit(ExprLit { lit, .. }) => (true, matches!(lit, Lit::Str(_))),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => {
            (matches!(peel_expr(expr), Expr::Lit(_)), false)
        }
        _ => (false, false),
    };
    let span = shown_at(plain.span());
    let value = if text {
        quote_spanned!(span=> ::core::convert::Into::into(#plain))
    } else {
        quote!(#value)
    };
    if literal && !is_scalar(ty) {
        // The type says whether it is an `Option`.
        quote_spanned!(span=> #rt::DefaultOf::<#ty>::new().literal(#value))
    } else {
        value
    }
}

//! `Clone`, `Debug` and `PartialEq` where a derive won't do: it would name what a type lacks that can't be a
//! part of a message anyway, and print secrets.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Index, Type};

use super::subject::Subject;
use crate::derives::Derives;
use crate::edition::shown_at;
use crate::enumeration::{Variant, VariantData};
use crate::field::Field;
use crate::structure::{Body, Structure};
use crate::text::name;

/// A struct or a variant.
pub(super) struct DerivedCase<'a> {
    /// `Payment::Card`, or the name of a struct.
    path: TokenStream,
    name: String,
    form: Form,
    members: Vec<DerivedField<'a>>,
}

#[derive(Clone, Copy)]
enum Form {
    Unit,
    Tuple,
    Named,
}

struct DerivedField<'a> {
    /// `total` or `0`.
    access: TokenStream,
    name: String,
    /// The type by which it is named, if it is checked.
    checked: Option<Type>,
    ty: Option<&'a Type>,
    secret: bool,
}

impl<'a> DerivedField<'a> {
    fn from_field(field: &'a Field) -> Self {
        let Field { ident, name, ty, secret, .. } = field;
        Self {
            access: ident.to_token_stream(),
            name: name.clone(),
            checked: field.alias(),
            ty: Some(ty),
            secret: *secret,
        }
    }

    /// The field with the fields that are not known.
    fn from_unknown(ident: &'a Ident) -> Self {
        let access = ident.to_token_stream();
        Self { access, name: name(ident), checked: None, ty: None, secret: false }
    }

    fn from_position((at, ty): (usize, &'a Type)) -> Self {
        let access = Index::from(at).to_token_stream();
        Self { access, name: String::new(), checked: Some(ty.clone()), ty: Some(ty), secret: false }
    }

    /// The type by which its traits are named, and the span of it.
    fn named_type(&self) -> (TokenStream, Span) {
        match self.checked.as_ref().or(self.ty) {
            Some(ty) => (ty.to_token_stream(), shown_at(ty.span())),
            None => (quote!(_), Span::call_site()),
        }
    }
}

impl<'a> DerivedCase<'a> {
    /// A struct with named fields.
    pub(super) fn from_fields(
        ident: &Ident,
        fields: impl IntoIterator<Item = &'a Field>,
        unknown: Option<&'a Ident>,
    ) -> Self {
        let fields = fields.into_iter().map(DerivedField::from_field);
        let members = fields.chain(unknown.map(DerivedField::from_unknown)).collect();
        Self { path: quote!(#ident), name: name(ident), form: Form::Named, members }
    }

    fn from_variant(owner: &Ident, variant: &'a Variant) -> Self {
        let tag = &variant.ident;
        let (form, members) = match &variant.data {
            VariantData::Unit => (Form::Unit, Vec::new()),
            VariantData::Tuple(types) => {
                (Form::Tuple, types.iter().enumerate().map(DerivedField::from_position).collect())
            }
            VariantData::Named(fields) => {
                (Form::Named, fields.iter().map(DerivedField::from_field).collect())
            }
        };
        Self { path: quote!(#owner::#tag), name: variant.name.clone(), form, members }
    }

    fn from_structure(structure: &'a Structure) -> Vec<Self> {
        let ident = &structure.owner.ident;
        match &structure.body {
            Body::Named(fields) => {
                let fields = fields.iter().chain(&structure.skipped);
                vec![Self::from_fields(
                    ident,
                    fields,
                    structure.unknown.as_ref().map(|unknown| &unknown.ident),
                )]
            }
            Body::Tuple(types) => {
                let members = types.iter().enumerate().map(DerivedField::from_position).collect();
                vec![Self { path: quote!(#ident), name: name(ident), form: Form::Tuple, members }]
            }
            Body::Units(variants) | Body::Data(variants) => {
                variants.iter().map(|variant| Self::from_variant(ident, variant)).collect()
            }
            Body::Transparent(..) | Body::Converted(_) | Body::Broken => Vec::new(),
        }
    }

    /// A pattern that binds each field to `prefix` and its position.
    fn pattern(&self, prefix: &str) -> (TokenStream, Vec<Ident>) {
        let names: Vec<Ident> =
            (0..self.members.len()).map(|at| format_ident!("{prefix}{at}")).collect();
        let members = self.members.iter().map(|member| &member.access);
        let path = &self.path;
        (quote!(#path { #(#members: #names),* }), names)
    }

    /// The same without the secret fields.
    fn shown_pattern(&self) -> TokenStream {
        let shown = self.members.iter().enumerate().filter(|(_, member)| !member.secret);
        let members = shown.map(|(at, member)| {
            let (access, name) = (&member.access, format_ident!("__{at}"));
            quote!(#access: #name,)
        });
        let path = &self.path;
        quote!(#path { #(#members)* .. })
    }
}

/// Generates what a structure lacks of the three, if it can't be derived.
pub(super) fn structure(structure: &Structure, subject: &Subject) -> TokenStream {
    let cases = DerivedCase::from_structure(structure);
    if structure.checked {
        missing(subject, &structure.derives, &cases)
    } else if structure.derives.hides_secrets {
        debug(subject, &cases)
    } else {
        TokenStream::new()
    }
}

/// Generates those of the three that the user has not derived.
pub(super) fn missing(
    subject: &Subject,
    derives: &Derives,
    cases: &[DerivedCase<'_>],
) -> TokenStream {
    let clone = derives.lacks("Clone").then(|| clone(subject, cases));
    let debug = derives.lacks("Debug").then(|| debug(subject, cases));
    let partial_eq = derives.lacks("PartialEq").then(|| partial_eq(subject, cases));
    quote!(#clone #debug #partial_eq)
}

/// Generates `Debug`, and `Clone` if the user has not derived it: what an environment has.
pub(super) fn missing_but_equality(
    subject: &Subject,
    derives: &Derives,
    cases: &[DerivedCase<'_>],
) -> TokenStream {
    let clone = derives.lacks("Clone").then(|| clone(subject, cases));
    let debug = debug(subject, cases);
    quote!(#clone #debug)
}

fn clone(subject: &Subject, cases: &[DerivedCase<'_>]) -> TokenStream {
    let implement = subject.implement(&quote!(::core::clone::Clone));
    let arms = cases.iter().map(|case| {
        let (pattern, names) = case.pattern("__");
        let path = &case.path;
        let copies = case.members.iter().zip(names).map(|(member, name)| {
            let (access, (ty, span)) = (&member.access, member.named_type());
            quote_spanned!(span=> #access: <#ty as ::core::clone::Clone>::clone(#name))
        });
        quote!(#pattern => #path { #(#copies),* })
    });
    quote! {
        #[automatically_derived]
        #implement {
            fn clone(&self) -> Self {
                match self { #(#arms,)* }
            }
        }
    }
}

fn partial_eq(subject: &Subject, cases: &[DerivedCase<'_>]) -> TokenStream {
    let implement = subject.implement(&quote!(::core::cmp::PartialEq));
    let arms = cases.iter().map(|case| {
        let ((left, lefts), (right, rights)) = (case.pattern("__left_"), case.pattern("__right_"));
        let equal =
            case.members.iter().zip(lefts.iter().zip(&rights)).map(|(member, (left, right))| {
                let (ty, span) = member.named_type();
                quote_spanned!(span=> <#ty as ::core::cmp::PartialEq>::eq(#left, #right))
            });
        let equal = if case.members.is_empty() { quote!(true) } else { quote!(#(#equal)&&*) };
        quote!((#left, #right) => #equal)
    });
    let others = (cases.len() > 1).then(|| quote!(_ => false,));
    quote! {
        #[automatically_derived]
        #implement {
            fn eq(&self, __other: &Self) -> ::core::primitive::bool {
                match (self, __other) { #(#arms,)* #others }
            }
        }
    }
}

/// Generates `Debug`, which prints `***` for secret fields.
pub(super) fn debug(subject: &Subject, cases: &[DerivedCase<'_>]) -> TokenStream {
    let implement = subject.implement(&quote!(::core::fmt::Debug));
    let arms = cases.iter().map(|case| {
        let (path, pattern, shown) = (&case.path, case.shown_pattern(), &case.name);
        let values = case.members.iter().enumerate().map(|(at, member)| {
            let value = format_ident!("__{at}");
            let value = match &member.checked {
                _ if member.secret => quote!(&::core::format_args!("***")),
                Some(ty) => quote_spanned!(ty.span()=> { let __value: &#ty = #value; __value }),
                None => quote!(#value),
            };
            let name = &member.name;
            let name = matches!(case.form, Form::Named).then(|| quote!(#name,));
            quote!(.field(#name #value))
        });
        match case.form {
            Form::Unit => quote!(#path => __formatter.write_str(#shown)),
            Form::Tuple => {
                quote!(#pattern => __formatter.debug_tuple(#shown) #(#values)* .finish())
            }
            Form::Named => {
                quote!(#pattern => __formatter.debug_struct(#shown) #(#values)* .finish())
            }
        }
    });
    quote! {
        #[automatically_derived]
        #implement {
            fn fmt(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self { #(#arms,)* }
            }
        }
    }
}

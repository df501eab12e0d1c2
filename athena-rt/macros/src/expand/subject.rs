//! The type that implementations are generated for, with its parameters and what they must be.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::{Generics, Ident, Type, TypeParam, WherePredicate};

use super::runtime::Runtime;
use crate::attr::{Carrier, Encoding};
use crate::enumeration::{Variant, VariantData};
use crate::field::Field;
use crate::owner::mentions;
use crate::structure::{Body, Structure};
use crate::text::name;
use crate::types::{is_named, parts, peel};

/// The user's type, or a hidden one with the same parameters.
pub(super) struct Subject {
    pub(super) ident: Ident,
    /// With all bounds.
    generics: Generics,
    /// Whether it is the hidden struct of a variant.
    is_hidden: bool,
}

impl Subject {
    pub(super) fn new(rt: &Runtime, structure: &Structure) -> Self {
        let mut generics = structure.owner.generics.clone();
        let params: Vec<Ident> = generics.type_params().map(|param| param.ident.clone()).collect();
        if !generics.params.is_empty() {
            let bounds = Bounds::new(rt, params).of(structure);
            let clause = generics.make_where_clause();
            let bounds = bounds.into_iter().map(|bound| syn::parse_quote!(#bound));
            clause.predicates.extend::<Vec<WherePredicate>>(bounds.collect());
        }
        Self { ident: structure.owner.ident.clone(), generics, is_hidden: false }
    }

    /// A plain type, which has no parameters.
    pub(super) fn plain(ident: &Ident) -> Self {
        Self { ident: ident.clone(), generics: Generics::default(), is_hidden: false }
    }

    /// A hidden type with the same parameters.
    pub(super) fn hidden(&self, name: &str) -> Self {
        let ident = format_ident!("{}", name, span = self.ident.span());
        Self { ident, generics: self.generics.clone(), is_hidden: true }
    }

    pub(super) fn is_generic(&self) -> bool {
        !self.generics.params.is_empty()
    }

    /// Generates the type: `Page<T>`.
    pub(super) fn ty(&self) -> TokenStream {
        let (ident, arguments) = (&self.ident, self.generics.split_for_impl().1);
        quote!(#ident #arguments)
    }

    /// Generates the path of the type in an expression: `Page::<T>`.
    pub(super) fn path(&self) -> TokenStream {
        let (ident, arguments) = (&self.ident, self.generics.split_for_impl().1);
        let turbofish = arguments.as_turbofish();
        quote!(#ident #turbofish)
    }

    /// Generates the key of the type among others.
    pub(super) fn key(&self, rt: &Runtime) -> TokenStream {
        let ty = self.ty();
        quote!(#rt::type_key::<#ty>())
    }

    /// Generates the parameters of a declaration: `<T: Part>`.
    pub(super) fn parameters(&self) -> TokenStream {
        self.generics.split_for_impl().0.to_token_stream()
    }

    /// Generates the bounds of a declaration: `where T: Part`.
    pub(super) fn bounds(&self) -> TokenStream {
        self.generics.split_for_impl().2.to_token_stream()
    }

    /// Generates the start of an implementation: `impl<T> Trait for Page<T> where ..`.
    pub(super) fn implement(&self, name: &TokenStream) -> TokenStream {
        let (parameters, arguments, bounds) = self.generics.split_for_impl();
        let ident = &self.ident;
        quote!(impl #parameters #name for #ident #arguments #bounds)
    }

    /// The same with the lifetime `'de`.
    pub(super) fn implement_de(&self, name: &TokenStream) -> TokenStream {
        let (_, arguments, bounds) = self.generics.split_for_impl();
        let (ident, parameters) = (&self.ident, &self.generics.params);
        let parameters =
            if parameters.is_empty() { quote!(<'de>) } else { quote!(<'de, #parameters>) };
        quote!(impl #parameters #name for #ident #arguments #bounds)
    }

    /// Generates the arguments of a macro that implements something: the type, between its parameters and
    /// their bounds if it has any.
    pub(super) fn for_macro(&self, middle: &TokenStream) -> TokenStream {
        let ident = &self.ident;
        if self.is_generic() { self.for_long_macro(middle) } else { quote!(#ident #middle) }
    }

    /// The same, whether there are parameters or not.
    pub(super) fn for_long_macro(&self, middle: &TokenStream) -> TokenStream {
        let (ty, parameters) = (self.ty(), &self.generics.params);
        let bounds = self.generics.where_clause.as_ref().map(|clause| {
            let predicates = clause.predicates.iter();
            quote!(#(#predicates,)*)
        });
        quote!([#parameters] #ty #middle, [#bounds])
    }

    /// Generates a field that uses the parameters, for a declaration; nothing if there are none.
    pub(super) fn marker_declared(&self) -> Option<TokenStream> {
        let ty = self.marker_type()?;
        Some(quote!(__marker: #ty,))
    }

    /// Generates the value of that field.
    pub(super) fn marker(&self) -> Option<TokenStream> {
        let is_marked = self.is_generic() && self.is_hidden;
        is_marked.then(|| quote!(__marker: ::core::marker::PhantomData,))
    }

    /// Generates the type of a value without data that uses the parameters.
    pub(super) fn marker_type(&self) -> Option<TokenStream> {
        let params = self.generics.type_params().map(|param: &TypeParam| &param.ident);
        self.is_generic().then(|| quote!(::core::marker::PhantomData<fn() -> (#(#params,)*)>))
    }
}

impl Variant {
    /// Returns the hidden struct with the named fields of this variant of `owner`.
    pub(super) fn carrier(&self, owner: &Subject) -> Subject {
        owner.hidden(&format!("__{}{}", name(&owner.ident), self.name))
    }
}

/// What the parameters must be, so that the fields are parts of a message.
struct Bounds<'a> {
    rt: &'a Runtime,
    params: Vec<Ident>,
    /// The parameters that are parts of messages themselves.
    parts: Vec<Ident>,
    found: Vec<TokenStream>,
}

impl<'a> Bounds<'a> {
    fn new(rt: &'a Runtime, params: Vec<Ident>) -> Self {
        Self { rt, params, parts: Vec::new(), found: Vec::new() }
    }

    fn of(mut self, structure: &Structure) -> Vec<TokenStream> {
        let rt = self.rt;
        for field in &structure.skipped {
            self.default(field);
        }
        match &structure.body {
            Body::Named(fields) => fields.iter().for_each(|field| self.field(field)),
            Body::Transparent(field) => {
                self.part(&field.ty);
                let others = field.others.iter().map(|(_, ty, _)| ty);
                for ty in others.filter(|ty| self.is_generic(ty)).collect::<Vec<_>>() {
                    self.found.push(quote!(#ty: ::core::default::Default));
                }
            }
            Body::Converted(conversion) => {
                let raw = &conversion.raw;
                if self.is_generic(raw) {
                    self.found.push(quote!(#raw: #rt::Part + #rt::wire::Message + #rt::wire::Wire));
                }
            }
            Body::Tuple(types) => types.iter().for_each(|ty| self.part(ty)),
            Body::Units(variants) | Body::Data(variants) => {
                for variant in variants {
                    match &variant.data {
                        VariantData::Unit => {}
                        VariantData::Tuple(types) => types.iter().for_each(|ty| self.part(ty)),
                        VariantData::Named(fields) => {
                            for field in fields {
                                self.field(field);
                            }
                        }
                    }
                }
            }
            Body::Broken => {}
        }
        let Self { params, parts, found, .. } = self;
        let params = params.into_iter().map(|param| {
            if parts.contains(&param) {
                quote!(#param: #rt::Parameter)
            } else {
                quote! {
                    #param: ::core::clone::Clone + ::core::fmt::Debug + ::core::cmp::PartialEq
                        + ::core::marker::Send + ::core::marker::Sync + 'static
                }
            }
        });
        params.chain(found).collect()
    }

    fn is_generic(&self, ty: &Type) -> bool {
        self.params.iter().any(|param| mentions(ty, param))
    }

    fn default(&mut self, field: &Field) {
        if let Some(ty) = field.default_of.as_ref().filter(|ty| self.is_generic(ty)) {
            self.found.push(quote!(#ty: ::core::default::Default));
        }
    }

    fn field(&mut self, field: &Field) {
        let (rt, ty) = (self.rt, &field.ty);
        self.default(field);
        if !self.is_generic(ty) {
            return;
        }
        if let Some(Carrier::With(functions)) = &field.carrier {
            let serde = quote!(#rt::serde);
            if functions.write.is_none() {
                self.found.push(quote!(#ty: #serde::Serialize));
            }
            if functions.read.is_none() {
                self.found.push(quote!(#ty: #serde::de::DeserializeOwned));
            }
        } else if field.carrier.is_some() {
            let part = field.part(rt);
            self.found.push(quote!(#part: #rt::Part + #rt::wire::Wire));
        } else {
            self.part(ty);
        }
        // The plain form follows from the parameters; demanded of a type that recurses it would depend on itself.
        let is_plain = |encoding| encoding == Encoding::Plain;
        if !is_plain(field.encoding.key) || !is_plain(field.encoding.value) {
            let form = field.encoding.form(&quote!(#rt::wire));
            self.found.push(quote!(#ty: #rt::wire::Wire<#form>));
        }
        if field.implicit {
            self.found.push(quote!(#ty: #rt::wire::Implicit));
        }
    }

    /// A type that is part of the message.
    fn part(&mut self, ty: &Type) {
        let rt = self.rt;
        if !self.is_generic(ty) {
            return;
        }
        let inner = parts(ty);
        if let Type::Path(path) = peel(ty) {
            let first = path.path.segments.first().map(|first| &first.ident);
            let param = first.filter(|first| self.params.contains(first)).cloned();
            match param {
                Some(param) if path.path.segments.len() == 1 => {
                    if !self.parts.contains(&param) {
                        self.parts.push(param);
                    }
                    return;
                }
                // `T::Item`, `<T as Source>::Item`.
                Some(_) => return self.found.push(quote!(#ty: #rt::Parameter)),
                None if path.qself.is_some() => {
                    return self.found.push(quote!(#ty: #rt::Parameter));
                }
                None => {}
            }
            if let Some(key) = inner.first().filter(|key| self.is_generic(key)) {
                let hash = quote!(::core::hash::Hash + ::core::cmp::Eq);
                let order = quote!(::core::cmp::Ord);
                if is_named(ty, "BTreeMap") {
                    self.found.push(quote!(#key: #rt::MapKey + #order));
                } else if is_named(ty, "HashMap") {
                    self.found.push(quote!(#key: #rt::MapKey + #order + #hash));
                } else if is_named(ty, "BTreeSet") {
                    self.found.push(quote!(#key: #order));
                } else if is_named(ty, "HashSet") {
                    self.found.push(quote!(#key: #order + #hash));
                }
            }
        }
        for inner in inner {
            self.part(inner);
        }
    }
}

//! The signature of a model: its input, environment and output types.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{
    FnArg, GenericArgument, Ident, Path, PathSegment, ReturnType, Safety, Token, Type,
    TypeParamBound,
};

use crate::errors::Errors;
use crate::text::{compact, name};
use crate::types::{arguments, last_segment, peel};

/// The parsed signature of a model.
pub(crate) struct Signature {
    pub(crate) asyncness: Option<Token![async]>,
    pub(crate) ident: Ident,
    pub(crate) input: Type,
    pub(crate) environment: Option<Type>,
    pub(crate) output: ModelOutput,
}

/// The return type of a model.
pub(crate) struct ModelOutput {
    /// The data of the returned state.
    pub(crate) data: Type,
    /// Whether it is an iterator of states.
    pub(crate) many: bool,
    /// The error type as written, if the model can fail.
    pub(crate) error: Option<String>,
    /// The span of the return type.
    pub(crate) span: Span,
}

const RETURNS: &str = "a model returns `State<Out>`, `Result<State<Out>, Error>`, or \
                       `impl Iterator<Item = ..>` of either";

impl Signature {
    /// Parses the signature; `None` if there was an error.
    pub(crate) fn parse(signature: &syn::Signature, errors: &mut Errors) -> Option<Self> {
        refuse_qualifiers(signature, errors);
        let input = parse_input(signature, errors);
        let output = parse_output(signature, errors);
        let (input, environment) = input?;
        Some(Self {
            asyncness: signature.asyncness,
            ident: signature.ident.clone(),
            input,
            environment,
            output: output?,
        })
    }
}

fn refuse_qualifiers(signature: &syn::Signature, errors: &mut Errors) {
    let function = describe_function(signature);
    let legal = format!("`{function}(state: State<In>) -> State<Out>`");
    if let Some(token) = &signature.constness {
        errors.at(token, format!("a model can't be const: {legal}"));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors
            .at(token, format!("a model can't be unsafe; use `unsafe` blocks inside it: {legal}"));
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, format!("a model can't be extern: {legal}"));
    }
    if !signature.generics.params.is_empty() {
        errors.at(
            &signature.generics.params,
            format!(
                "a model can't have type parameters or lifetimes, because it is called by name: {legal}"
            ),
        );
    }
    if let Some(clause) = &signature.generics.where_clause {
        errors.at(&clause.where_token, format!("a model can't have a where clause: {legal}"));
    }
}

/// Returns `fn compute` or `async fn compute`, for errors.
fn describe_function(signature: &syn::Signature) -> String {
    let asyncness = if signature.asyncness.is_some() { "async " } else { "" };
    format!("{asyncness}fn {}", name(&signature.ident))
}

fn parse_input(signature: &syn::Signature, errors: &mut Errors) -> Option<(Type, Option<Type>)> {
    let legal = format!("`{}(state: State<In>) -> ..`", describe_function(signature));
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, format!("a model takes one argument, its state: {legal}"));
    }
    for extra in signature.inputs.iter().skip(1) {
        errors.at(
            extra,
            format!(
                "a model takes one argument, its state: {legal}\nsettings are passed in the environment: \
                 `State<In, Settings>`"
            ),
        );
    }
    match signature.inputs.first() {
        None => {
            let span = signature.paren_token.span.join();
            errors.at_span(span, format!("a model needs its state as the argument: {legal}"));
            None
        }
        Some(FnArg::Receiver(receiver)) => {
            errors.at(receiver, format!("a model is a free function, not a method: {legal}"));
            None
        }
        Some(FnArg::Typed(argument)) => {
            let ty = peel(&argument.ty);
            if let Type::Reference(reference) = ty {
                let span = reference.and_token.span();
                errors
                    .at_span(span, format!("a model owns its state; take it without `&`: {legal}"));
                return None;
            }
            if let Some(segment) = last_segment(ty).filter(|segment| segment.ident == "State") {
                return parse_state(segment, "In", errors);
            }
            errors.at(
                ty,
                format!(
                    "a model takes a `State`: {legal}\nthe macro can't see through a type alias"
                ),
            );
            None
        }
    }
}

fn parse_output(signature: &syn::Signature, errors: &mut Errors) -> Option<ModelOutput> {
    let ReturnType::Type(_, returned) = &signature.output else {
        let span = signature.paren_token.span.close();
        let legal = format!("`{}(..) -> State<Out>`", describe_function(signature));
        errors.at_span(span, format!("a model must return its outcome: {legal}"));
        return None;
    };
    let span = returned.span();
    let Type::ImplTrait(returned) = peel(returned) else {
        return parse_return_type(returned, RETURNS, errors).map(|(data, error)| ModelOutput {
            data,
            many: false,
            error,
            span,
        });
    };
    let bound = |name: &str| {
        returned.bounds.iter().find_map(|bound| match bound {
            TypeParamBound::Trait(bound) => {
                bound.path.segments.last().filter(|last| last.ident.to_string().ends_with(name))
            }
            _ => None,
        })
    };
    let Some(iterator) = bound("Iterator") else {
        if bound("Future").is_some() {
            let ident = name(&signature.ident);
            errors.at(
                returned,
                format!(
                    "to wait for a future, declare the model as `async fn`: `async fn {ident}(..) -> State<Out>`"
                ),
            );
        } else {
            errors.at(returned, RETURNS);
        }
        return None;
    };
    let item = arguments(iterator).into_iter().find_map(|argument| match argument {
        GenericArgument::AssocType(binding) if binding.ident == "Item" => Some(&binding.ty),
        _ => None,
    });
    let Some(item) = item else {
        errors.at(
            iterator,
            "the item type of the iterator is missing: `impl Iterator<Item = State<Out>>`",
        );
        return None;
    };
    let legal = "the iterator of a model yields `State<Out>` or `Result<State<Out>, Error>`: \
                 `impl Iterator<Item = State<Out>>`";
    parse_return_type(item, legal, errors).map(|(data, error)| ModelOutput {
        data,
        many: true,
        error,
        span,
    })
}

/// Parses a `State`, or a `Result` of one: the data type and the error type.
fn parse_return_type(
    ty: &Type,
    legal: &str,
    errors: &mut Errors,
) -> Option<(Type, Option<String>)> {
    match last_segment(ty) {
        Some(segment) if segment.ident == "State" => {
            parse_state(segment, "Out", errors).map(|(data, _)| (data, None))
        }
        Some(segment) if segment.ident == "Result" => {
            let types = arguments(segment);
            let Some(GenericArgument::Type(inner)) = types.first() else {
                errors.at(ty, legal);
                return None;
            };
            let Some(inner) = last_segment(inner).filter(|inner| inner.ident == "State") else {
                errors.at(
                    inner,
                    "the `Result` of a model holds a `State`: `Result<State<Out>, Error>`",
                );
                return None;
            };
            let error = match types.get(1) {
                Some(error) => compact(error),
                None => aliased_error(ty),
            };
            parse_state(inner, "Out", errors).map(|(data, _)| (data, Some(error)))
        }
        _ => {
            errors.at(peel(ty), legal);
            None
        }
    }
}

/// Returns the usual error type of a `Result` alias: `anyhow::Error` for `anyhow::Result`.
fn aliased_error(result: &Type) -> String {
    match peel(result) {
        Type::Path(path) => {
            let path: &Path = &path.path;
            let mut text =
                if path.leading_colon.is_some() { "::".to_owned() } else { String::new() };
            for segment in path.segments.iter().take(path.segments.len().saturating_sub(1)) {
                text.push_str(&compact(segment));
                text.push_str("::");
            }
            text + "Error"
        }
        _ => "Error".to_owned(),
    }
}

/// Parses `State<D>` or `State<D, E>`.
fn parse_state(
    segment: &PathSegment,
    example: &str,
    errors: &mut Errors,
) -> Option<(Type, Option<Type>)> {
    let legal = format!("`State<{example}>` or `State<{example}, Settings>`");
    let all = arguments(segment);
    let mut types = Vec::new();
    for argument in &all {
        match argument {
            GenericArgument::Type(ty) if is_owned(ty) && types.len() < 2 => types.push(ty.clone()),
            GenericArgument::Type(ty) if types.len() < 2 => {
                errors
                    .at(ty, format!("the types of a state must be owned and written out: {legal}"));
                return None;
            }
            other => {
                errors.at(
                    other,
                    format!("a state has a data type and optionally an environment type: {legal}"),
                );
                return None;
            }
        }
    }
    let mut types = types.into_iter();
    let Some(data) = types.next() else {
        errors.at(segment, format!("the data type of the state is missing: {legal}"));
        return None;
    };
    Some((data, types.next()))
}

fn is_owned(ty: &Type) -> bool {
    !matches!(
        peel(ty),
        Type::Reference(_)
            | Type::ImplTrait(_)
            | Type::Infer(_)
            | Type::TraitObject(_)
            | Type::Ptr(_)
    )
}

//! Questions about a type, answered by its tokens. The macros can't see through an alias.

use syn::{AngleBracketedGenericArguments, GenericArgument, PathArguments, PathSegment, Type};

/// Removes parentheses and the invisible group of a `$ty` fragment.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        other => other,
    }
}

/// Returns the last segment of a path: `Vec<u8>` of `std::vec::Vec<u8>`.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// Whether the type is a path that ends in `name`.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

/// Returns the generic arguments of a path's segment.
pub(crate) fn arguments(segment: &PathSegment) -> Vec<&GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(AngleBracketedGenericArguments { args, .. }) => {
            args.iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the types inside a type: `String` and `f64` of `BTreeMap<String, f64>`.
pub(crate) fn parts(ty: &Type) -> Vec<&Type> {
    match peel(ty) {
        Type::Array(array) => vec![&array.elem],
        Type::Slice(slice) => vec![&slice.elem],
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        other => last_segment(other)
            .map(arguments)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
    }
}

/// Finds an `Option` directly inside an `Option`, anywhere in the type; returns the inner one.
pub(crate) fn nested_option(ty: &Type) -> Option<&Type> {
    let inner = parts(ty);
    if is_named(ty, "Option")
        && let Some(found) = inner.iter().find(|part| is_named(part, "Option"))
    {
        return Some(found);
    }
    inner.into_iter().find_map(nested_option)
}

/// Whether a tolerance applies: the type is a float or a container of floats.
pub(crate) fn holds_floats(ty: &Type) -> bool {
    ["f32", "f64", "Value", "Number"].iter().any(|name| is_named(ty, name))
        || parts(ty).into_iter().any(holds_floats)
}

/// Whether the type certainly has no integers: it is text, a boolean, a float, or a container of
/// these.
pub(crate) fn holds_no_integer(ty: &Type) -> bool {
    let parts = parts(ty);
    if parts.is_empty() {
        return ["String", "bool", "f32", "f64"].iter().any(|name| is_named(ty, name));
    }
    parts.into_iter().all(holds_no_integer)
}

/// Whether the type is a list, perhaps inside an `Option` or `Box`.
pub(crate) fn is_list(ty: &Type) -> bool {
    if matches!(peel(ty), Type::Array(_) | Type::Slice(_)) {
        return true;
    }
    if is_named(ty, "Option") || is_named(ty, "Box") {
        return parts(ty).into_iter().any(is_list);
    }
    ["Vec", "VecDeque", "LinkedList", "Value"].iter().any(|list| is_named(ty, list))
}

/// Whether the type is a map, perhaps inside an `Option`, `Box` or list.
pub(crate) fn is_map(ty: &Type) -> bool {
    ["BTreeMap", "HashMap"].iter().any(|map| is_named(ty, map)) || parts(ty).into_iter().any(is_map)
}

/// Returns the type if there is exactly one, otherwise the tuple of all.
pub(crate) fn single_or_tuple(types: &[Type]) -> Type {
    match types {
        [one] => one.clone(),
        more => syn::parse_quote!((#(#more),*)),
    }
}

//! What the macros can tell of a type from how it is written. An alias hides what it stands for.

use syn::{AngleBracketedGenericArguments, GenericArgument, PathArguments, PathSegment, Type};

/// The type without parentheses and without the invisible group of a `$ty` fragment.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        other => other,
    }
}

/// The last segment of a plain path: `Vec<u8>` of `std::vec::Vec<u8>`.
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

/// What stands between the angle brackets of a path's segment.
pub(crate) fn arguments(segment: &PathSegment) -> Vec<&GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(AngleBracketedGenericArguments { args, .. }) => {
            args.iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The types a type is written with: `String` and `f64` of `BTreeMap<String, f64>`.
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

/// The inner one of two directly nested `Option`s, wherever in the type they stand.
pub(crate) fn nested_option(ty: &Type) -> Option<&Type> {
    let inner = parts(ty);
    if is_named(ty, "Option")
        && let Some(found) = inner.iter().find(|part| is_named(part, "Option"))
    {
        return Some(found);
    }
    inner.into_iter().find_map(nested_option)
}

/// Whether a tolerance means something: a float, or a container of floats.
pub(crate) fn holds_floats(ty: &Type) -> bool {
    is_named(ty, "f32") || is_named(ty, "f64") || parts(ty).into_iter().any(holds_floats)
}

/// Whether it is certain that no integer is in it: text, a boolean or a float, or a container of them.
pub(crate) fn holds_no_integer(ty: &Type) -> bool {
    let parts = parts(ty);
    if parts.is_empty() {
        return ["String", "bool", "f32", "f64"].iter().any(|name| is_named(ty, name));
    }
    parts.into_iter().all(holds_no_integer)
}

/// Whether the order of elements can be left out of account: a list, perhaps inside an `Option` or `Box`.
pub(crate) fn is_list(ty: &Type) -> bool {
    if matches!(peel(ty), Type::Array(_) | Type::Slice(_)) {
        return true;
    }
    if is_named(ty, "Option") || is_named(ty, "Box") {
        return parts(ty).into_iter().any(is_list);
    }
    ["Vec", "VecDeque", "LinkedList"].iter().any(|list| is_named(ty, list))
}

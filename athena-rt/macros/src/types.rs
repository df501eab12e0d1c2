//! Questions about a type, answered by its tokens.
//!
//! The macros can't see through an alias, and a type that is called `Vec` may not be that of std. What a type
//! certainly is can be said here; for the rest generated code asks the type, by the constants of `Part`.

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

/// Types that are what they are called.
const KNOWN: &[&str] = &[
    "bool", "char", "String", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8",
    "u16", "u32", "u64", "u128", "usize",
];

/// Containers that are known if what is in them is.
const CONTAINERS: &[&str] = &["Option", "Box", "Vec", "BTreeMap", "HashMap"];

/// The lengths of the tuples that are known.
const TUPLES: std::ops::RangeInclusive<usize> = 1..=8;

/// Whether the type may be another than its name says: an alias, or one of the user.
pub(crate) fn may_be_another(ty: &Type) -> bool {
    let is_container = matches!(peel(ty), Type::Array(_) | Type::Tuple(_))
        || CONTAINERS.iter().any(|name| is_named(ty, name));
    // No tuple of another length is a part of a message.
    let is_odd = matches!(peel(ty), Type::Tuple(tuple) if !TUPLES.contains(&tuple.elems.len()));
    // A float or a list is not a key.
    let is_keyed = is_named(ty, "BTreeMap") || is_named(ty, "HashMap");
    let has_odd_key = is_keyed && parts(ty).first().is_some_and(|key| !is_key(key));
    if is_container && !is_odd && !has_odd_key {
        return parts(ty).into_iter().any(may_be_another);
    }
    !KNOWN.iter().any(|name| is_named(ty, name))
}

fn is_key(ty: &Type) -> bool {
    is_scalar(ty) && !is_named(ty, "f32") && !is_named(ty, "f64")
}

/// Whether the type is a number, text or the like by its own name.
pub(crate) fn is_scalar(ty: &Type) -> bool {
    KNOWN.iter().any(|name| is_named(ty, name))
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
fn nested_option(ty: &Type) -> Option<&Type> {
    let inner = parts(ty);
    if is_named(ty, "Option")
        && let Some(found) = inner.iter().find(|part| is_named(part, "Option"))
    {
        return Some(found);
    }
    inner.into_iter().find_map(nested_option)
}

/// The error of an `Option` in an `Option`.
pub(crate) const AMBIGUOUS: &str = "`Some(None)` and `None` are the same here; an `Option<Option<T>>` is a field by itself: absent, null or a value";

/// Finds such an `Option` in a type that is what it is called.
pub(crate) fn certainly_nested_option(ty: &Type) -> Option<&Type> {
    if may_be_another(ty) { None } else { nested_option(ty) }
}

/// The same for the type of a field: finds an `Option` in an `Option` other than the one that a field may be.
pub(crate) fn ambiguous_option(ty: &Type) -> Option<&Type> {
    match parts(ty).as_slice() {
        [inner] if is_named(ty, "Option") && is_named(inner, "Option") => {
            let found = parts(inner).into_iter().find(|part| is_named(part, "Option"));
            found.or_else(|| certainly_nested_option(inner)).filter(|_| !may_be_another(ty))
        }
        _ => certainly_nested_option(ty),
    }
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

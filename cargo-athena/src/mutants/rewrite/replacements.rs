//! The constants that a function may return in place of its result, by its type: those of
//! cargo-mutants.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, Ident, Path, PathArguments, ReturnType, Type, TypeParamBound};

/// The constants for a return type.
pub(super) fn replacements(output: &ReturnType) -> Vec<TokenStream> {
    match output {
        ReturnType::Default => vec![quote! { () }],
        ReturnType::Type(_, kind) => of_type(kind),
    }
}

const UNSIGNED: [&str; 6] = ["u8", "u16", "u32", "u64", "u128", "usize"];
const SIGNED: [&str; 6] = ["i8", "i16", "i32", "i64", "i128", "isize"];
const CONTAINERS: [&str; 6] = ["Box", "Cell", "RefCell", "Arc", "Rc", "Mutex"];
const COLLECTIONS: [&str; 5] = ["BinaryHeap", "BTreeSet", "HashSet", "LinkedList", "VecDeque"];

fn of_type(kind: &Type) -> Vec<TokenStream> {
    match kind {
        Type::Path(path) => of_path(&path.path),
        Type::Array(array) => {
            let len = &array.len;
            of_type(&array.elem).iter().map(|value| quote! { [ #value; #len ] }).collect()
        }
        Type::Slice(slice) => leaked(&slice.elem),
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if reference.mutability.is_none() && path.path.is_ident("str") => {
                vec![quote! { "" }, quote! { "xyzzy" }]
            }
            Type::Slice(slice) => leaked(&slice.elem),
            inner => {
                of_type(inner).iter().map(|value| quote! { Box::leak(Box::new(#value)) }).collect()
            }
        },
        Type::Tuple(tuple) => {
            let mut rows: Vec<Vec<TokenStream>> = vec![Vec::new()];
            for element in &tuple.elems {
                let values = of_type(element);
                let longer = |row: &Vec<TokenStream>| {
                    let row = row.clone();
                    values.clone().into_iter().map(move |value| [row.clone(), vec![value]].concat())
                };
                rows = rows.iter().flat_map(longer).collect();
            }
            rows.iter().map(|row| quote! { ( #( #row ),* ) }).collect()
        }
        Type::ImplTrait(bounds) => {
            let Some(item) = bounds.bounds.iter().find_map(iterator_item) else { return vec![] };
            let one = of_type(item).into_iter().map(|value| quote! { ::std::iter::once(#value) });
            std::iter::once(quote! { ::std::iter::empty() }).chain(one).collect()
        }
        Type::Never(_) => vec![],
        _ => vec![quote! { Default::default() }],
    }
}

fn of_path(path: &Path) -> Vec<TokenStream> {
    let name = path.get_ident().map(ToString::to_string).unwrap_or_default();
    match name.as_str() {
        "bool" => return vec![quote! { true }, quote! { false }],
        "String" => return vec![quote! { String::new() }, quote! { "xyzzy".into() }],
        "str" => return vec![quote! { "" }, quote! { "xyzzy" }],
        "f32" | "f64" => return vec![quote! { 0.0 }, quote! { 1.0 }, quote! { -1.0 }],
        name if UNSIGNED.contains(&name) => return vec![quote! { 0 }, quote! { 1 }],
        name if SIGNED.contains(&name) => return vec![quote! { 0 }, quote! { 1 }, quote! { -1 }],
        _ => {}
    }
    let one = || quote! { 1.try_into().unwrap() };
    let minus_one = || quote! { (-1).try_into().unwrap() };
    if let Some(is_signed) = non_zero(path) {
        return if is_signed { vec![one(), minus_one()] } else { vec![one()] };
    }
    if last_is(path, "Result") {
        return match type_argument(path, "Result") {
            Some(ok) => of_type(ok).iter().map(|value| quote! { Ok(#value) }).collect(),
            None => vec![quote! { Ok(Default::default()) }],
        };
    }
    if last_is(path, "HttpResponse") {
        return vec![quote! { HttpResponse::Ok().finish() }];
    }
    if let Some(some) = type_argument(path, "Option") {
        let some = of_type(some).into_iter().map(|value| quote! { Some(#value) });
        return std::iter::once(quote! { None }).chain(some).collect();
    }
    if let Some(element) = type_argument(path, "Vec") {
        let one = of_type(element).into_iter().map(|value| quote! { vec![#value] });
        return std::iter::once(quote! { vec![] }).chain(one).collect();
    }
    if let Some(borrowed) = type_argument(path, "Cow") {
        let both = |value: TokenStream| {
            [quote! { Cow::Borrowed(#value) }, quote! { Cow::Owned(#value.to_owned()) }]
        };
        return of_type(borrowed).into_iter().flat_map(both).collect();
    }
    of_generic(path).unwrap_or_else(|| vec![quote! { Default::default() }])
}

/// The constants for a container, or for what looks like one.
fn of_generic(path: &Path) -> Option<Vec<TokenStream>> {
    let (name, arguments) = arguments(path)?;
    let is = |names: &[&str]| names.iter().any(|known| name == known);
    if is(&CONTAINERS)
        && let [GenericArgument::Type(inner)] = arguments[..]
    {
        return Some(of_type(inner).iter().map(|value| quote! { #name::new(#value) }).collect());
    }
    let empty = std::iter::once(quote! { #name::new() });
    if is(&COLLECTIONS)
        && let [GenericArgument::Type(inner)] = arguments[..]
    {
        let one = of_type(inner).into_iter().map(|value| quote! { #name::from_iter([#value]) });
        return Some(empty.chain(one).collect());
    }
    if is(&["BTreeMap", "HashMap"])
        && let [GenericArgument::Type(key), GenericArgument::Type(value)] = arguments[..]
    {
        let (keys, values) = (of_type(key), of_type(value));
        let pairs = keys.iter().flat_map(|key| values.iter().map(move |value| (key, value)));
        let one = pairs.map(|(key, value)| quote! { #name::from_iter([(#key, #value)]) });
        return Some(empty.chain(one).collect());
    }
    let mut types = arguments.iter().filter_map(|argument| match argument {
        GenericArgument::Type(kind) => Some(kind),
        _ => None,
    });
    let (Some(inner), None) = (types.next(), types.next()) else { return None };
    let all = of_type(inner).into_iter().flat_map(|value| {
        [
            quote! { #name::from_iter([#value]) },
            quote! { #name::new(#value) },
            quote! { #name::from(#value) },
        ]
    });
    Some(empty.chain(all).collect())
}

fn leaked(element: &Type) -> Vec<TokenStream> {
    let one = of_type(element).into_iter().map(|value| quote! { Vec::leak(vec![ #value ]) });
    std::iter::once(quote! { Vec::leak(Vec::new()) }).chain(one).collect()
}

/// Whether a type is never zero, and if so, whether it has a sign.
fn non_zero(path: &Path) -> Option<bool> {
    let last = path.segments.last()?.ident.to_string();
    if last == "NonZero" {
        let inner = type_argument(path, "NonZero")?;
        let is_unsigned = matches!(inner, Type::Path(path) if UNSIGNED.iter().any(|name| path.path.is_ident(name)));
        return Some(!is_unsigned);
    }
    let number = last.strip_prefix("NonZero")?.to_lowercase();
    let signed = SIGNED.contains(&number.as_str());
    (signed || UNSIGNED.contains(&number.as_str())).then_some(signed)
}

fn iterator_item(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let (name, arguments) = arguments(&bound.path)?;
    match arguments.first()? {
        GenericArgument::AssocType(item) if name == "Iterator" && item.ident == "Item" => {
            Some(&item.ty)
        }
        _ => None,
    }
}

fn last_is(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|last| last.ident == name)
}

/// The first type argument of a path that ends with this name.
fn type_argument<'a>(path: &'a Path, name: &str) -> Option<&'a Type> {
    let (last, arguments) = arguments(path)?;
    let first = arguments.first().filter(|_| last == name)?;
    match first {
        GenericArgument::Type(kind) => Some(kind),
        _ => arguments.iter().find_map(|argument| match argument {
            GenericArgument::Type(kind) => Some(kind),
            _ => None,
        }),
    }
}

fn arguments(path: &Path) -> Option<(&Ident, Vec<&GenericArgument>)> {
    let last = path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    Some((&last.ident, arguments.args.iter().collect()))
}

#[cfg(test)]
mod tests {
    use syn::parse_str;

    use super::super::pretty::pretty;
    use super::*;

    #[test]
    fn each_type_has_the_constants_of_cargo_mutants() {
        for (kind, expected) in [
            ("bool", "true; false"),
            ("i8", "0; 1; -1"),
            ("Result<(), E>", "Ok(())"),
            ("fmt::Result", "Ok(Default::default())"),
            ("Option<&'a str>", "None; Some(\"\"); Some(\"xyzzy\")"),
            ("(bool, u8)", "(true, 0); (true, 1); (false, 0); (false, 1)"),
            (
                "Cow<'a, str>",
                "Cow::Borrowed(\"\"); Cow::Owned(\"\".to_owned()); Cow::Borrowed(\"xyzzy\"); Cow::Owned(\"xyzzy\".to_owned())",
            ),
            ("&mut [u8]", "Vec::leak(Vec::new()); Vec::leak(vec![0]); Vec::leak(vec![1])"),
            ("&mut str", "Box::leak(Box::new(\"\")); Box::leak(Box::new(\"xyzzy\"))"),
            (
                "impl Iterator<Item = bool>",
                "::std::iter::empty(); ::std::iter::once(true); ::std::iter::once(false)",
            ),
            ("impl Display", ""),
            ("!", ""),
            (
                "State<Out>",
                "State::new(); State::from_iter([Default::default()]); State::new(Default::default()); State::from(Default::default())",
            ),
            (
                "HashMap<u8, ()>",
                "HashMap::new(); HashMap::from_iter([(0, ())]); HashMap::from_iter([(1, ())])",
            ),
            ("NonZeroI8", "1.try_into().unwrap(); (-1).try_into().unwrap()"),
            ("Box<dyn Fn()>", "Box::new(Default::default())"),
        ] {
            let kind: Type = parse_str(kind).unwrap();
            let found: Vec<_> = of_type(&kind).iter().map(pretty).collect();
            assert_eq!(found.join("; "), expected);
        }
    }
}

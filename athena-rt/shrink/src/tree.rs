//! Paths in a JSON value.

use serde_json::{Map, Value};

/// The index of a child at each level: fields in their order, elements by index.
pub(crate) type ValuePath = Vec<usize>;

/// The value at a path.
pub(crate) fn at<'a>(root: &'a Value, path: &[usize]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, &index| match value {
        Value::Array(items) => items.get(index),
        Value::Object(fields) => fields.values().nth(index),
        _ => None,
    })
}

/// Replaces the value at a path.
pub(crate) fn put(root: &mut Value, path: &[usize], new: Value) {
    let mut place = Some(root);
    for &index in path {
        place = place.and_then(|value| match value {
            Value::Array(items) => items.get_mut(index),
            Value::Object(fields) => fields.values_mut().nth(index),
            _ => None,
        });
    }
    if let Some(place) = place {
        *place = new;
    }
}

/// A copy with another value at a path.
pub(crate) fn with(root: &Value, path: &[usize], new: Value) -> Value {
    let mut root = root.clone();
    put(&mut root, path, new);
    root
}

/// The next path in depth-first order: a container comes before its contents.
pub(crate) fn next(root: &Value, path: &[usize]) -> Option<ValuePath> {
    let mut path = path.to_vec();
    if at(root, &path).is_some_and(|value| children(value) > 0) {
        path.push(0);
        return Some(path);
    }
    while let Some(index) = path.pop() {
        if at(root, &path).is_some_and(|value| index + 1 < children(value)) {
            path.push(index + 1);
            return Some(path);
        }
    }
    None
}

/// The number of direct children.
pub(crate) fn children(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    }
}

/// The number of parts that can be removed one by one: elements, fields, characters.
pub(crate) fn parts(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        _ => children(value),
    }
}

/// A copy without some of its parts.
pub(crate) fn remove_where(value: &Value, is_gone: impl Fn(usize) -> bool) -> Value {
    match value {
        Value::String(text) => {
            let kept = text.chars().enumerate().filter(|(at, _)| !is_gone(*at));
            Value::String(kept.map(|(_, c)| c).collect())
        }
        Value::Array(items) => {
            let kept = items.iter().enumerate().filter(|(at, _)| !is_gone(*at));
            Value::Array(kept.map(|(_, item)| item.clone()).collect())
        }
        Value::Object(fields) => {
            let kept = fields.iter().enumerate().filter(|(at, _)| !is_gone(*at));
            let kept = kept.map(|(_, (key, field))| (key.clone(), field.clone()));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

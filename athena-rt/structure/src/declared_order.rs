//! JSON objects whose members are written in the order in which a type declares them, whatever order
//! `serde_json` keeps.

use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value};

/// The member of an object that lists the others in their order. It is never written.
const ORDER: &str = "\0order";

/// Adds a member behind those that are there.
pub(crate) fn insert(members: &mut Map<String, Value>, name: &str, value: Value) {
    order(members).push(name.into());
    members.insert(name.to_owned(), value);
}

/// Adds a member before those that are there.
pub(crate) fn insert_first(members: &mut Map<String, Value>, name: &str, value: Value) {
    order(members).insert(0, name.into());
    members.insert(name.to_owned(), value);
}

/// Adds the members of another object in their order, behind those that are there.
pub(crate) fn extend(members: &mut Map<String, Value>, mut more: Map<String, Value>) {
    let Some(Value::Array(names)) = more.remove(ORDER) else { return members.extend(more) };
    order(members).extend(names);
    members.extend(more);
}

fn order(members: &mut Map<String, Value>) -> &mut Vec<Value> {
    let order = members.entry(ORDER).or_insert_with(|| Value::Array(Vec::new()));
    if !order.is_array() {
        *order = Value::Array(Vec::new());
    }
    match order {
        Value::Array(names) => names,
        _ => unreachable!("it was made an array"),
    }
}

/// Writes a JSON Schema or an [`example`](crate::example): fields in the order in which their type
/// declares them, all other members sorted.
///
/// ```
/// # fn schema() -> serde_json::Value { serde_json::json!({ "b": 1, "a": 2 }) }
/// use athena_structure::DeclaredOrder;
///
/// let text = serde_json::to_string(&DeclaredOrder(&schema()))?;
/// assert_eq!(text, r#"{"a":2,"b":1}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DeclaredOrder<'a>(pub &'a Value);

impl Serialize for DeclaredOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => serializer.collect_seq(items.iter().map(DeclaredOrder)),
            Value::Object(members) => {
                let order =
                    members.get(ORDER).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let place = |name: &str| order.iter().position(|one| one == name);
                let mut names: Vec<&String> =
                    members.keys().filter(|name| *name != ORDER).collect();
                names.sort_by_key(|name| (place(name).unwrap_or(usize::MAX), *name));
                let member = |name| (name, DeclaredOrder(&members[name]));
                serializer.collect_map(names.into_iter().map(member))
            }
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_written_in_their_order_and_others_sorted() {
        let mut inner = Map::new();
        insert(&mut inner, "y", 1.into());
        insert(&mut inner, "x", json!([{ "d": 1, "c": 2 }]));
        let mut outer = Map::new();
        insert(&mut outer, "b", 3.into());
        extend(&mut outer, inner);
        insert_first(&mut outer, "tag", "t".into());
        let text = serde_json::to_string(&DeclaredOrder(&Value::Object(outer))).unwrap();
        assert_eq!(text, r#"{"tag":"t","b":3,"y":1,"x":[{"c":2,"d":1}]}"#);
    }
}

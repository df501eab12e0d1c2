//! The names of types, kept: a type that a lock knows has the name it has there.
//!
//! Types of one name in several modules are told apart by numbers, and a new one may take the name of an
//! old one. Which type is which is known by what uses it: a model, or a field of a type that is known.

use std::collections::{BTreeMap, BTreeSet};

use athena_protocol::collect::{insert_all, sort_by};

use super::super::names::UniqueNames;
use super::super::schema::{Declaration, Member, Schema, Type};
use super::Scope;

/// The schema of now, each type under the name that the lock has for it.
pub(super) fn align(lock: &Schema, now: &Schema, scope: Scope<'_>) -> Schema {
    let mut known = Pairs { lock, now, names: BTreeMap::new() };
    known.pair_models(scope);
    let mut names = known.names;
    let of_others = lock.of_other_programs(scope);
    let mut taken: BTreeSet<&str> = insert_all(of_others.iter().copied());
    taken.extend(names.values().map(String::as_str));
    let mut unique = UniqueNames::new();
    for name in taken {
        unique.reserve(name);
    }
    let mut fresh: Vec<&Declaration> =
        now.types.iter().filter(|declared| !names.contains_key(&declared.name)).collect();
    sort_by(&mut fresh, |one, other| one.name.cmp(&other.name));
    for declared in fresh {
        let wanted = now.plain_name(&declared.name);
        let is_shared = of_others.contains(&wanted)
            && !names.values().any(|name| name == wanted)
            && lock.get(wanted).is_some_and(|old| is_same(lock, old, now, declared));
        // Without a use that tells, it keeps its name, `Item` or `Item3`, unless another type has that.
        let name = if is_shared {
            wanted.to_owned()
        } else {
            unique.reserve_one_of([wanted, &declared.name])
        };
        names.insert(declared.name.clone(), name);
    }
    now.renamed(&names)
}

/// The types of now that are found in the lock.
struct Pairs<'a> {
    lock: &'a Schema,
    now: &'a Schema,
    /// The name in the lock by the name of now.
    names: BTreeMap<String, String>,
}

impl Pairs<'_> {
    fn pair_models(&mut self, scope: Scope<'_>) {
        for old in &self.lock.types {
            for used in old.uses.iter().filter(|used| scope.linked.contains(&used.model)) {
                for (was, is_input) in [(used.input, true), (used.output, false)] {
                    let new = self.now.data_of(&used.model, is_input).filter(|_| was);
                    if let Some(new) = new {
                        self.pair(&old.name, new);
                    }
                }
            }
        }
    }

    /// Two types are one if they have one name, apart from numbers that tell types of one name apart.
    fn pair(&mut self, old: &str, new: &str) {
        let is_known = self.names.contains_key(new) || self.names.values().any(|name| name == old);
        if is_known || self.lock.plain_name(old) != self.now.plain_name(new) {
            return;
        }
        let (Some(old), Some(new)) = (self.lock.get(old), self.now.get(new)) else { return };
        self.names.insert(new.name.clone(), old.name.clone());
        for (old, new) in members(old, new) {
            if let (Some(old), Some(new)) = (&old.value, &new.value) {
                let (mut olds, mut news) = (Vec::new(), Vec::new());
                old.mentions(&mut olds);
                new.mentions(&mut news);
                for (old, new) in olds.into_iter().zip(news) {
                    self.pair(old, new);
                }
            }
        }
    }
}

/// The members that two types have in common, by number.
fn members<'a>(
    old: &'a Declaration,
    new: &'a Declaration,
) -> impl Iterator<Item = (&'a Member, &'a Member)> {
    old.members.iter().filter_map(|member| Some((member, new.numbered(member.number)?)))
}

/// Whether two types are alike to the last field, whatever the names of the types in them.
fn is_same(lock: &Schema, old: &Declaration, now: &Schema, new: &Declaration) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![(old, new)];
    while let Some((old, new)) = open.pop() {
        if !seen.insert((&old.name, &new.name)) {
            continue;
        }
        let is_alike = old.form == new.form
            && old.members.len() == new.members.len()
            && members(old, new).count() == old.members.len();
        if !is_alike {
            return false;
        }
        for (old, new) in members(old, new) {
            let is_alike = old.name == new.name
                && old.required == new.required
                && old.value.as_ref().map(shape) == new.value.as_ref().map(shape);
            if !is_alike {
                return false;
            }
            let (mut olds, mut news) = (Vec::new(), Vec::new());
            old.value.iter().for_each(|value| value.mentions(&mut olds));
            new.value.iter().for_each(|value| value.mentions(&mut news));
            let pairs = olds.into_iter().zip(news);
            open.extend(pairs.filter_map(|(old, new)| Some((lock.get(old)?, now.get(new)?))));
        }
    }
    true
}

/// A type with its names removed.
fn shape(value: &Type) -> Type {
    value.renamed(&|_| String::new())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::super::super::schema::{DeclarationKind, ModelUse};
    use super::super::super::tests::samples::{declared, field, required};
    use super::super::{Comparison, Rule, compare};
    use super::*;

    const CLOSED: DeclarationKind = DeclarationKind::Structure { open: false };

    fn data(name: &str, model: &str, members: Vec<Member>) -> Declaration {
        let uses = vec![ModelUse { model: model.into(), input: true, output: true }];
        Declaration { uses, ..declared(name, CLOSED, members) }
    }

    fn schema(types: Vec<Declaration>) -> Schema {
        Schema { package: "two".into(), types }
    }

    fn judge(lock: &Schema, now: &Schema, linked: &[&str], known: &[&str]) -> Comparison {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let (linked, known): (BTreeSet<String>, BTreeSet<String>) = (set(linked), set(known));
        compare(lock, now, Scope { linked: &linked, known: Some(&known) })
    }

    fn names(schema: &Schema) -> Vec<(&str, &str)> {
        let model = |one: &Declaration| one.uses.first().map(|used| used.model.clone());
        let pairs = schema.types.iter().filter_map(|one| Some((one.name.as_str(), model(one)?)));
        pairs.map(|(name, model)| (name, &*model.leak())).collect()
    }

    fn sample_of_b(name: &str) -> Declaration {
        data(name, "two::b::one", vec![required(field("a", 1, "i64"))])
    }

    fn sample_of_a(name: &str) -> Declaration {
        let members = vec![required(field("b", 1, "String")), required(field("c", 2, "bool"))];
        data(name, "two::a::two", members)
    }

    #[test]
    fn another_type_of_the_name_breaks_nothing_and_gets_another() {
        let lock = schema(vec![sample_of_b("Sample")]);
        let models = ["two::a::two", "two::b::one"];
        let now = schema(vec![sample_of_a("Sample"), sample_of_b("Sample2")]);
        let first = judge(&lock, &now, &models, &models);
        assert_eq!(first.findings, []);
        assert_eq!(names(&first.merged), [("Sample", "two::b::one"), ("Sample2", "two::a::two")]);
        // From then on each keeps its name.
        let again = judge(&first.merged, &now, &models, &models);
        assert!(again.is_same, "{again:?}");
        let alone =
            judge(&first.merged, &schema(vec![sample_of_a("Sample")]), &models[..1], &models);
        assert!(alone.is_same, "{alone:?}");
    }

    #[test]
    fn a_type_of_another_program_keeps_its_name() {
        let lock = schema(vec![sample_of_b("Sample")]);
        let models = ["two::a::two", "two::b::one"];
        let judged = judge(&lock, &schema(vec![sample_of_a("Sample")]), &models[..1], &models);
        assert_eq!(judged.findings, []);
        assert_eq!(names(&judged.merged), [("Sample", "two::b::one"), ("Sample2", "two::a::two")]);
    }

    #[test]
    fn a_type_that_two_programs_share_is_one() {
        let lock = schema(vec![sample_of_b("Sample")]);
        let shared = Declaration { uses: sample_of_a("").uses, ..sample_of_b("Sample") };
        let models = ["two::a::two", "two::b::one"];
        let judged = judge(&lock, &schema(vec![shared]), &models[..1], &models);
        assert_eq!(judged.findings, []);
        let [one] = &judged.merged.types[..] else { panic!("{:?}", judged.merged) };
        assert_eq!(one.uses.len(), 2);
    }

    #[test]
    fn a_change_is_still_seen_behind_another_type_of_the_name() {
        let lock = schema(vec![sample_of_b("Sample")]);
        let models = ["two::a::two", "two::b::one"];
        let changed = data("Sample2", "two::b::one", vec![required(field("a", 1, "String"))]);
        let judged = judge(&lock, &schema(vec![sample_of_a("Sample"), changed]), &models, &models);
        let places: Vec<_> = judged.findings.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["Sample.a"]);
    }

    #[test]
    fn the_types_in_a_type_keep_their_names_too() {
        let holder = |item: &str| {
            data("Holder", "two::b::one", vec![field("items", 1, &format!("Vec<{item}>"))])
        };
        let item = |name: &str| declared(name, CLOSED, vec![required(field("sku", 1, "String"))]);
        let lock = schema(vec![holder("Item"), item("Item")]);
        let other = declared("Item", CLOSED, vec![required(field("weight", 1, "f64"))]);
        let user = data("User", "two::a::two", vec![field("item", 1, "Item")]);
        let models = ["two::a::two", "two::b::one"];
        let now = schema(vec![user, other, holder("Item2"), item("Item2")]);
        let judged = judge(&lock, &now, &models, &models);
        assert_eq!(judged.findings, []);
        let member = |name: &str| judged.merged.get(name).unwrap().members[0].name.as_str();
        assert_eq!([member("Item"), member("Item2")], ["sku", "weight"]);
    }

    #[test]
    fn a_type_that_is_called_so_in_rust_is_another() {
        let lock = schema(vec![sample_of_b("Sample")]);
        let models = ["two::b::one"];
        let judged = judge(&lock, &schema(vec![sample_of_b("Sample2")]), &models, &models);
        let rules: Vec<_> = judged.findings.iter().map(|one| one.rule).collect();
        // Of the input and of the output.
        assert_eq!(rules, [Rule::ModelRetyped, Rule::ModelRetyped]);
    }
}

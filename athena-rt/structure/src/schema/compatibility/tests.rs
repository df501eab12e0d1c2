#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::super::schema::Type;
use super::super::tests::samples::{declared, defaulted, field, required, shop, unit};
use super::*;

fn judge(new: &Schema) -> Comparison {
    judge_against(&shop(), new)
}

fn judge_against(old: &Schema, new: &Schema) -> Comparison {
    let linked = ["shop::order".to_owned()].into();
    compare(old, new, Scope { linked: &linked, known: Some(&linked) })
}

fn changed(change: impl FnOnce(&mut Schema)) -> Schema {
    let mut new = shop();
    change(&mut new);
    new
}

fn declared_in<'a>(schema: &'a mut Schema, name: &str) -> &'a mut Declaration {
    schema.types.iter_mut().find(|declared| declared.name == name).unwrap()
}

fn order(schema: &mut Schema) -> &mut Declaration {
    declared_in(schema, "Order")
}

fn at<'a>(declared: &'a mut Declaration, name: &str) -> &'a mut Member {
    declared.members.iter_mut().find(|member| member.name == name).unwrap()
}

/// The places and rules that a change of the shop's order is against.
fn findings(change: impl FnOnce(&mut Schema)) -> Vec<(String, Rule)> {
    let found = judge(&changed(change)).findings;
    found.into_iter().map(|finding| (finding.place, finding.rule)).collect()
}

fn one(place: &str, rule: Rule) -> Vec<(String, Rule)> {
    vec![(place.to_owned(), rule)]
}

#[test]
fn what_is_as_it_was_is_the_same_whatever_its_docs() {
    let new = changed(|new| {
        order(new).docs = "Another word.".into();
        new.types.reverse();
    });
    let mut old = shop();
    old.types.sort_by(|one, other| one.name.cmp(&other.name));
    let comparison = judge_against(&old, &new);
    assert!(comparison.is_same && comparison.findings.is_empty() && comparison.notes.is_empty());
}

#[test]
fn a_type_that_no_model_uses_keeps_its_number() {
    let schema = changed(|new| {
        let mut third = order(new).clone();
        third.uses.clear();
        for name in ["Spare", "Spare3"] {
            new.types.push(Declaration { name: name.to_owned(), ..third.clone() });
        }
        let spare = Some(Type::Named("Spare3".to_owned()));
        declared_in(new, "Spare").members[0].value = spare;
    });
    assert_eq!(judge_against(&schema, &schema).findings, vec![]);
}

#[test]
fn a_field_that_is_gone_must_leave_its_number_and_its_name_reserved() {
    let remove = |numbers: &[u32], names: &[&str]| {
        findings(|new| {
            let order = order(new);
            order.members.retain(|member| member.name != "note");
            order.reserved = numbers.to_vec();
            order.reserved_names = names.iter().map(|name| (*name).to_owned()).collect();
        })
    };
    assert_eq!(remove(&[], &[]), one("Order.note", Rule::Removed));
    assert_eq!(remove(&[4], &[]), one("Order.note", Rule::Removed));
    assert_eq!(remove(&[], &["note"]), one("Order.note", Rule::Removed));
    assert_eq!(remove(&[4], &["note"]), vec![]);
}

#[test]
fn a_variant_that_is_gone_must_leave_its_number_and_its_name_reserved() {
    for (name, variant, number) in [("Kind", "Wholesale", 1), ("Payment", "Invoice", 3)] {
        let remove = |reserve: bool| {
            findings(|new| {
                let kind = declared_in(new, name);
                kind.members.retain(|member| member.name != variant);
                if reserve {
                    kind.reserved = vec![number];
                    kind.reserved_names = vec![variant.to_owned()];
                }
            })
        };
        assert_eq!(remove(false), one(&format!("{name}.{variant}"), Rule::Removed));
        assert_eq!(remove(true), vec![]);
    }
}

#[test]
fn a_field_put_in_between_renumbers_those_behind_it() {
    let found = judge(&changed(|new| {
        let order = order(new);
        for member in order.members.iter_mut().skip(2) {
            member.number += 1;
        }
        order.members.insert(2, defaulted(field("inserted", 3, "i64"), "0"));
    }))
    .findings;
    assert_eq!(found.len(), 8, "every field from `items` on");
    let text = found[0].to_string();
    assert_eq!(
        text,
        "  Order.items: number 3 -> number 4; 3 is `inserted` now (field-renumbered)\n    \
         breaks: stored messages, old readers\n    help: keep its number with #[field(3)] on \
         `items`; put new fields last, or number them from 12\n"
    );
}

#[test]
fn another_name_for_a_number_breaks_json() {
    let found = judge(&changed(|new| at(order(new), "note").name = "remark".into())).findings;
    assert_eq!((found[0].rule, found.len()), (Rule::Renamed, 1));
    assert!(found[0].breaks.json && !found[0].breaks.readers);
    assert!(found[0].help.contains("reserved(4, \"note\")"), "{}", found[0].help);
    assert!(found[0].to_string().contains("breaks: JSON, not the wire\n"), "{}", found[0]);
    let variant = findings(|new| at(declared_in(new, "Kind"), "Retail").name = "Shop".into());
    assert_eq!(variant, one("Kind.Retail", Rule::Renamed));
}

#[test]
fn a_key_in_json_is_kept_apart_from_the_name_in_rust() {
    let keyed = |name: &str, keys: &[&str]| {
        let (name, keys) = (name.to_owned(), keys.iter().map(|key| (*key).to_owned()).collect());
        changed(|new| {
            let note = at(order(new), "note");
            (note.name, note.keys) = (name, keys);
        })
    };
    let kept = judge(&keyed("remark", &["note"]));
    assert!(kept.findings.is_empty());
    assert_eq!(kept.notes, ["Order.note: `note` is `remark` now, `note` in JSON as before"]);
    let renamed = judge(&keyed("note", &["$note"])).findings;
    assert_eq!(
        (renamed[0].rule, renamed[0].breaks.to_string().as_str()),
        (Rule::Renamed, "JSON, not the wire")
    );
    let both = judge(&keyed("note", &["$note", "note"]));
    assert!(both.findings.is_empty());
    assert_eq!(both.notes, ["Order.note: `note` -> `$note` in JSON, existing readers reject it"]);
    let dropped = judge_against(&keyed("note", &["note", "remark"]), &shop()).findings;
    assert_eq!((dropped[0].rule, dropped.len()), (Rule::AliasRemoved, 1));
    let moved = keyed("remark", &["note"]);
    let moved = changed(|new| {
        *new = moved.clone();
        at(order(new), "remark").number = 99;
    });
    assert_eq!(judge(&moved).findings[0].rule, Rule::Renumbered);
}

/// From a type, to a type, and the rule that is broken, if any.
pub(in crate::schema) const TYPES: &[(&str, &str, Option<Rule>)] = &[
    ("u8", "u32", None),
    ("u8", "i16", None),
    ("u32", "u64", None),
    ("u32", "i64", None),
    ("i8", "i64", None),
    ("sint<i16>", "sint<i64>", None),
    ("fixed<u8>", "fixed<i32>", None),
    ("u32", "u8", Some(Rule::Narrowed)),
    ("u64", "u32", Some(Rule::Narrowed)),
    ("u32", "i32", Some(Rule::Narrowed)),
    ("u64", "i64", Some(Rule::Narrowed)),
    ("i64", "i32", Some(Rule::Narrowed)),
    ("i32", "u64", Some(Rule::Narrowed)),
    ("i64", "sint<i64>", Some(Rule::Retyped)),
    ("u32", "fixed<u32>", Some(Rule::Retyped)),
    ("fixed<u32>", "fixed<u64>", Some(Rule::Retyped)),
    ("i64", "f64", Some(Rule::Retyped)),
    ("f32", "f64", Some(Rule::Retyped)),
    ("f64", "f32", Some(Rule::Retyped)),
    ("bool", "u8", Some(Rule::Retyped)),
    ("String", "Vec<u8>", Some(Rule::Retyped)),
    ("Vec<u8>", "String", Some(Rule::Retyped)),
    ("Uuid", "String", None),
    ("String", "Uuid", Some(Rule::Narrowed)),
    ("Uuid", "Text<Url>", Some(Rule::Narrowed)),
    ("Text<Url>", "Uuid", Some(Rule::Narrowed)),
    ("Text<Date>", "String", None),
    ("String", "Text<Date>", Some(Rule::Narrowed)),
    ("Text<Date>", "Text<DateTime>", Some(Rule::Narrowed)),
    ("Text<Date>", "Timestamp", Some(Rule::Retyped)),
    ("Timestamp", "Text<OffsetDateTime>", Some(Rule::Retyped)),
    ("Text<Ipv6Addr>", "Text<IpAddr>", None),
    ("Text<IpAddr>", "Text<Ipv4Addr>", Some(Rule::Narrowed)),
    ("Text<SocketAddrV4>", "Text<SocketAddr>", None),
    ("Map<Uuid, u8>", "Map<String, u8>", None),
    ("Kind", "u32", Some(Rule::Retyped)),
    ("Kind", "String", Some(Rule::Retyped)),
    ("Item", "PaymentCard", Some(Rule::Retyped)),
    ("Duration", "f64", Some(Rule::Retyped)),
    ("i64", "Vec<i64>", Some(Rule::Repeated)),
    ("Vec<i64>", "i64", Some(Rule::Repeated)),
    ("Vec<i64>", "Option<Vec<i64>>", Some(Rule::Repeated)),
    ("Vec<i64>", "Box<Vec<i64>>", Some(Rule::Repeated)),
    ("Vec<i64>", "Map<String, i64>", Some(Rule::Repeated)),
    ("Vec<u32>", "Vec<u64>", None),
    ("Vec<u64>", "Vec<u32>", Some(Rule::Narrowed)),
    ("Vec<i64>", "Vec<Option<i64>>", Some(Rule::Retyped)),
    ("Vec<Vec<u8>>", "Vec<Vec<u16>>", Some(Rule::Retyped)),
    ("[f64; 3]", "Vec<f64>", None),
    ("Vec<f64>", "[f64; 3]", Some(Rule::Narrowed)),
    ("[f64; 3]", "[f64; 4]", Some(Rule::Narrowed)),
    ("[u8; 4]", "Vec<u8>", None),
    ("Vec<u8>", "[u8; 4]", Some(Rule::Narrowed)),
    ("Map<String, u32>", "Map<String, u64>", None),
    ("Map<u32, u32>", "Map<u64, u32>", None),
    ("Map<String, u64>", "Map<String, u32>", Some(Rule::Narrowed)),
    ("Map<String, Vec<u8>>", "Map<String, Vec<u16>>", Some(Rule::Retyped)),
    ("(u8, String)", "(u16, String)", None),
    ("(u8, String)", "(u8, Option<String>)", None),
    ("(u8, Option<String>)", "(u8, String)", Some(Rule::Required)),
    ("(u8, String)", "(u8, String, bool)", Some(Rule::Retyped)),
    ("(u8, String)", "(String, u8)", Some(Rule::Retyped)),
    ("Option<u8>", "Option<u16>", None),
    ("Option<u16>", "Option<u8>", Some(Rule::Narrowed)),
    ("Option<Vec<u16>>", "Option<Vec<u32>>", None),
    ("Box<Vec<u16>>", "Option<Vec<u16>>", None),
];

#[test]
fn types_are_compatible_as_the_table_says() {
    for (from, to, expected) in TYPES {
        let with = |kind: &str| {
            changed(|new| at(order(new), "note").value = Some(Type::parse(kind).unwrap()))
        };
        let comparison = judge_against(&with(from), &with(to));
        let found: Vec<Rule> = comparison.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(found.first(), expected.as_ref(), "{from} to {to}");
        if expected.is_none() {
            assert_eq!(comparison.notes.len(), 1, "{from} to {to}: {:?}", comparison.notes);
        }
    }
}

#[test]
fn what_messages_may_lack_must_not_become_required() {
    let require = findings(|new| {
        let note = at(order(new), "note");
        *note = required(field("note", 4, "String"));
    });
    assert_eq!(require, one("Order.note", Rule::Required));
    let undefault =
        findings(|new| *at(order(new), "version") = required(field("version", 2, "i64")));
    assert_eq!(undefault, one("Order.version", Rule::Required));
    let default = judge(&changed(|new| {
        *at(order(new), "note") = defaulted(field("note", 4, "String"), "\"none\"");
    }));
    assert_eq!(default.findings, vec![]);
    let relax = judge(&changed(|new| at(order(new), "small").required = false));
    assert_eq!(relax.findings, vec![]);
    assert_eq!(relax.notes, ["Order.small: u8, required -> u8, existing readers require it"]);
}

#[test]
fn a_new_field_must_have_a_value_when_it_is_absent() {
    let add = |member: Member| findings(|new| order(new).members.push(member));
    assert_eq!(add(required(field("more", 11, "u8"))), one("Order.more", Rule::NewRequired));
    assert_eq!(add(field("more", 11, "Option<u8>")), vec![]);
    assert_eq!(add(field("more", 11, "Vec<Item>")), vec![]);
    assert_eq!(add(defaulted(field("more", 11, "u8"), "1")), vec![]);
    assert_eq!(findings(|new| declared_in(new, "Kind").members.push(unit("Other", 2))), vec![]);
}

#[test]
fn another_default_is_noted() {
    let comparison = judge(&changed(|new| at(order(new), "version").default = Some("3".into())));
    assert_eq!(comparison.findings, vec![]);
    assert_eq!(comparison.notes, ["Order.version: i64 = 2 -> i64 = 3"]);
    assert!(!comparison.is_same);
}

#[test]
fn what_is_reserved_stays_so() {
    let mut old = shop();
    order(&mut old).reserved = vec![20, 21];
    order(&mut old).reserved_names = vec!["old".into()];
    let found = judge_against(&old, &shop()).findings;
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|finding| finding.rule == Rule::ReservedDropped));
    let mut new = old.clone();
    order(&mut new).reserved = vec![21];
    order(&mut new).members.push(field("again", 20, "Option<u8>"));
    let found = judge_against(&old, &new).findings;
    assert_eq!((found.len(), found[0].new.as_str()), (1, "used by `again`"));
}

#[test]
fn a_type_stays_what_it_is() {
    let form =
        |name: &str, form: DeclarationKind| findings(|new| declared_in(new, name).form = form);
    assert_eq!(form("Kind", DeclarationKind::Choice), one("Kind", Rule::FormChanged));
    assert_eq!(
        form("Payment", DeclarationKind::Structure { open: false }),
        one("Payment", Rule::FormChanged)
    );
    assert_eq!(form("Item", DeclarationKind::Structure { open: true }), vec![]);
    let mut open = shop();
    declared_in(&mut open, "Item").form = DeclarationKind::Structure { open: true };
    assert_eq!(judge_against(&open, &shop()).findings[0].rule, Rule::Closed);
    let choice = findings(|new| at(declared_in(new, "Payment"), "Invoice").value = None);
    assert_eq!(choice, one("Payment.Invoice", Rule::Retyped));
}

#[test]
fn a_model_keeps_its_message() {
    let retyped = findings(|new| {
        let order = order(new);
        order.name = "Purchase".into();
    });
    let model = |side: &str| (format!("{side} of shop::order"), Rule::ModelRetyped);
    assert_eq!(retyped, [model("input"), model("output")]);
    let dropped = findings(|new| new.types.retain(|declared| declared.name != "Order"));
    assert_eq!(dropped, one("Order", Rule::MessageDropped));
    // A type that only the removed field used is not a message of a model.
    let nested = findings(|new| {
        new.types.retain(|declared| declared.name != "Item");
        let order = order(new);
        order.members.retain(|member| member.name != "items");
        order.reserved = vec![3];
        order.reserved_names = vec!["items".into()];
    });
    assert_eq!(nested, vec![]);
}

#[test]
fn a_package_keeps_its_name() {
    assert_eq!(findings(|new| new.package = "store".into()), one("package", Rule::PackageRenamed));
}

#[test]
fn what_another_program_links_is_neither_judged_nor_lost() {
    let used = |model: &str| ModelUse { model: model.to_owned(), input: true, output: false };
    let mut old = shop();
    order(&mut old).uses.push(used("shop::other"));
    let mut refund = declared(
        "Refund",
        DeclarationKind::Structure { open: false },
        vec![field("why", 1, "Why")],
    );
    refund.uses.push(used("shop::refund"));
    old.types.push(refund);
    old.types.push(declared("Why", DeclarationKind::Enumeration, vec![unit("Broken", 0)]));
    old.types.sort_by(|one, other| one.name.cmp(&other.name));
    let linked: BTreeSet<String> = ["shop::order".to_owned()].into();
    let all = ["shop::order", "shop::other", "shop::refund"].map(str::to_owned).into();
    for known in [None, Some(&all)] {
        let comparison = compare(&old, &shop(), Scope { linked: &linked, known });
        assert_eq!(comparison.findings, vec![]);
        assert!(comparison.is_same, "{:?}", comparison.merged);
    }
    let comparison = compare(&old, &shop(), Scope { linked: &linked, known: Some(&linked) });
    assert_eq!(comparison.findings.len(), 1);
    assert_eq!(comparison.findings[0].rule, Rule::MessageDropped);
    let gone = comparison.notes.iter().filter(|note| *note == "the model shop::other is gone");
    assert_eq!(gone.count(), 1, "{:?}", comparison.notes);
    assert!(comparison.merged.get("Why").is_none());
}

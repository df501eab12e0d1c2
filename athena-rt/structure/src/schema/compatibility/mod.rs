//! Whether a change of types breaks anyone: messages that are stored, readers that are deployed,
//! or JSON.
//!
//! The floor is what buf calls `WIRE_JSON`; beyond it a change may lose no value, a field may not
//! become required, and no message may be removed. What passes all the same: a wider integer, though
//! ProtoJSON writes 64 bits as text, since we read numbers in either form; another default, which
//! is noted, since whatever is not an `Option` is always written.
//!
//! | rule | what changed |
//! |---|---|
//! | `field-removed` | a field or variant is gone, its number or its name not reserved |
//! | `field-renumbered` | a name has another number, for one because a field was put in before it |
//! | `field-renamed` | a number has another key in JSON; no finding if the old one is an alias |
//! | `layout-changed` | an enum has another tag in JSON, or the members of a field moved into the object around it or out of it |
//! | `alias-removed` | another key that was read is refused |
//! | `field-retyped` | another type, on the wire or in JSON |
//! | `field-narrowed` | a type that lacks some values of the old one |
//! | `field-repeated` | a value became a list or a map, or the other way round |
//! | `field-required` | a field that messages may lack became one they must have |
//! | `new-field-required` | a new field that messages must have |
//! | `form-changed` | a struct became an enum, an enum got or lost data |
//! | `closed` | unknown fields, which passed, are refused |
//! | `reserved-dropped` | a number or name is not reserved any more |
//! | `model-retyped` | a model accepts or returns another message |
//! | `message-dropped` | the message of a model was removed |
//! | `package-renamed` | every message is called by another full name |

mod align;
mod finding;
mod values;

use std::collections::BTreeSet;

use athena_protocol::collect::sort_by;

use super::schema::{Declaration, DeclarationKind, Member, ModelUse, Schema, Type, VariantLayout};
pub(super) use finding::Finding;
use finding::{Breaks, Rule};
use values::{Change, field_values, record_values};

/// The models whose messages are compared.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Models that the new schema was made from.
    pub linked: &'a BTreeSet<String>,
    /// All models; if `None`, a model that isn't linked is assumed to be in another program.
    pub known: Option<&'a BTreeSet<String>>,
}

/// The result of comparing the lock with the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    pub findings: Vec<Finding>,
    /// Changes that break nobody.
    pub notes: Vec<String>,
    /// The new content of the lock: the new schema, and the types of other programs.
    pub merged: Schema,
    /// Whether the lock says that already.
    pub is_same: bool,
}

/// Compares a lock with the schema of now. A type has the name that it has in the lock, whatever other
/// types of its name there are by now.
pub fn compare(lock: &Schema, now: &Schema, scope: Scope<'_>) -> Comparison {
    let now = &align::align(lock, now, scope);
    let mut report = FindingCollector::default();
    if lock.package != now.package {
        let help = format!("move the lock to the package `{}`, or start a new one", lock.package);
        report.add(
            "package",
            Rule::PackageRenamed,
            &lock.package,
            &now.package,
            Breaks::WIRE,
            help,
        );
    }
    report.models(lock, now, scope);
    for old in &lock.types {
        if let Some(new) = now.get(&old.name) {
            report.declared(old, new);
        }
    }
    for new in now.types.iter().filter(|new| lock.get(&new.name).is_none()) {
        report.notes.push(format!("{} is new", new.name));
    }
    let merged = merge(lock, now, scope);
    let is_same = merged.matches_ignoring_docs(lock);
    Comparison { findings: report.findings, notes: report.notes, merged, is_same }
}

impl Scope<'_> {
    /// Whether a model of the lock is linked by another program.
    fn is_in_other_program(&self, model: &str) -> bool {
        !self.linked.contains(model) && self.known.is_none_or(|known| known.contains(model))
    }
}

impl Schema {
    /// The names of the types that models of other programs are made of.
    fn of_other_programs(&self, scope: Scope<'_>) -> Vec<&str> {
        let elsewhere = |used: &ModelUse| scope.is_in_other_program(&used.model);
        let roots = self.types.iter().filter(|declared| declared.uses.iter().any(elsewhere));
        self.reachable(roots.map(|declared| declared.name.as_str()))
    }
}

/// The new schema, and the types in the lock that models of other programs use.
fn merge(lock: &Schema, now: &Schema, scope: Scope<'_>) -> Schema {
    let elsewhere = |used: &&ModelUse| scope.is_in_other_program(&used.model);
    let kept = lock.of_other_programs(scope);
    let mut merged = now.clone();
    for old in lock.types.iter().filter(|old| kept.contains(&old.name.as_str())) {
        let others: Vec<ModelUse> = old.uses.iter().filter(elsewhere).cloned().collect();
        match merged.types.iter_mut().find(|new| new.name == old.name) {
            Some(new) => {
                new.uses.extend(others);
                sort_by(&mut new.uses, Ord::cmp);
            }
            None => merged.types.push(Declaration { uses: others, ..old.clone() }),
        }
    }
    sort_by(&mut merged.types, |one, other| one.name.cmp(&other.name));
    merged
}

#[derive(Default)]
struct FindingCollector {
    findings: Vec<Finding>,
    notes: Vec<String>,
}

impl FindingCollector {
    fn add(&mut self, place: &str, rule: Rule, old: &str, new: &str, breaks: Breaks, help: String) {
        let (old, new) = (old.to_owned(), new.to_owned());
        self.findings.push(Finding { place: place.to_owned(), rule, old, new, breaks, help });
    }

    fn models(&mut self, lock: &Schema, now: &Schema, scope: Scope<'_>) {
        for old in &lock.types {
            let mut is_in_other_program = false;
            let mut is_retyped = false;
            for used in &old.uses {
                is_in_other_program |= scope.is_in_other_program(&used.model);
                for (way, side) in [(true, "input"), (false, "output")] {
                    let was = if way { used.input } else { used.output };
                    let is = now.data_of(&used.model, way).filter(|_| was);
                    if let Some(new) = is.filter(|new| *new != old.name) {
                        is_retyped = true;
                        let help = format!(
                            "change the type back to {}, or add another model next to {}",
                            old.name, used.model
                        );
                        let place = format!("{side} of {}", used.model);
                        self.add(&place, Rule::ModelRetyped, &old.name, new, Breaks::ALL, help);
                    }
                }
                if scope.known.is_some_and(|known| !known.contains(&used.model)) {
                    // It may have one type on both sides.
                    let note = format!("the model {} is gone", used.model);
                    if !self.notes.contains(&note) {
                        self.notes.push(note);
                    }
                }
            }
            let is_dropped = !old.uses.is_empty() && now.get(&old.name).is_none();
            if is_dropped && !is_in_other_program && !is_retyped {
                let users: Vec<&str> = old.uses.iter().map(|used| used.model.as_str()).collect();
                let help = format!("keep {} and a model that uses it", old.name);
                let was = format!("data of {}", users.join(", "));
                self.add(&old.name, Rule::MessageDropped, &was, "gone", Breaks::ALL, help);
            }
        }
    }

    fn declared(&mut self, old: &Declaration, new: &Declaration) {
        let name = &old.name;
        let is_same_form = match (old.form, new.form) {
            (
                DeclarationKind::Structure { open: true },
                DeclarationKind::Structure { open: false },
            ) => {
                let help = "keep #[structure(open)]".to_owned();
                self.add(name, Rule::Closed, "open", "closed", Breaks::STORED_JSON, help);
                true
            }
            (DeclarationKind::Structure { .. }, DeclarationKind::Structure { .. }) => true,
            (old, new) => old == new,
        };
        if !is_same_form {
            let help = format!("keep {name} as it is, and declare another type next to it");
            let (old, new) = (old.form.to_string(), new.form.to_string());
            return self.add(name, Rule::FormChanged, &old, &new, Breaks::ALL, help);
        }
        if old.layout != new.layout {
            let shown = |layout: &VariantLayout| match layout {
                VariantLayout::External => "no tag".to_owned(),
                other => other.to_string(),
            };
            let help = "keep serde's `tag`, `content` and `untagged` as they are".to_owned();
            let (old, new) = (shown(&old.layout), shown(&new.layout));
            self.add(name, Rule::LayoutChanged, &old, &new, Breaks::JSON, help);
        }
        self.reserved(old, new);
        for member in &old.members {
            self.member(old, new, member);
        }
        for member in &new.members {
            let place = format!("{name}.{}", member.name);
            let is_new = old.numbered(member.number).is_none() && old.counterpart(member).is_none();
            if is_new && member.required {
                let help = format!("make `{}` an Option, or give it a #[default(..)]", member.name);
                let shown = shown(member);
                self.add(&place, Rule::NewRequired, "none", &shown, Breaks::STORED_JSON, help);
            } else if is_new && !matches!(new.form, DeclarationKind::Structure { .. }) {
                self.notes.push(format!("{place} is new: existing readers reject it"));
            } else if is_new {
                self.notes.push(format!("{place} is new"));
            }
        }
    }

    fn reserved(&mut self, old: &Declaration, new: &Declaration) {
        let numbers = old.reserved.iter().filter(|number| !new.reserved.contains(number));
        let numbers = numbers.map(|number| (number.to_string(), new.numbered(*number)));
        let names = old.reserved_names.iter().filter(|name| !new.reserved_names.contains(name));
        let names = names.map(|name| (format!("{name:?}"), new.member(name)));
        for (word, taken) in numbers.chain(names) {
            let help = format!("keep it: #[structure(reserved({word}))] on {}", old.name);
            let now = match taken {
                Some(member) => format!("used by `{}`", member.name),
                None => "free".to_owned(),
            };
            let place = format!("{} reserved {word}", old.name);
            self.add(&place, Rule::ReservedDropped, "reserved", &now, Breaks::ALL, help);
        }
    }

    fn member(&mut self, old_type: &Declaration, new_type: &Declaration, old: &Member) {
        let place = format!("{}.{}", old_type.name, old.name);
        let renumbered = new_type.counterpart(old).filter(|new| new.number != old.number);
        if let Some(new) = renumbered {
            let taken = match new_type.numbered(old.number) {
                Some(other) => {
                    format!("number {}; {} is `{}` now", new.number, old.number, other.name)
                }
                None => format!("number {}", new.number),
            };
            let help = format!(
                "keep its number with #[field({})] on `{}`; put new fields last, or number them from {}",
                old.number,
                old.name,
                free(old_type, new_type)
            );
            let was = format!("number {}", old.number);
            return self.add(&place, Rule::Renumbered, &was, &taken, Breaks::WIRE, help);
        }
        let Some(new) = new_type.numbered(old.number) else {
            return self.removed(&place, old_type, new_type, old);
        };
        self.keys(&place, old_type, new_type, (old, new));
        self.values(&place, old_type.form, old, new);
    }

    /// Keys in JSON. The name in Rust is that of the `.proto` file, which is not in messages.
    fn keys(
        &mut self,
        place: &str,
        old_type: &Declaration,
        new_type: &Declaration,
        (old, new): (&Member, &Member),
    ) {
        let (was, is) = (format!("`{}`", old.key()), format!("`{}`", new.key()));
        if old.key() == new.key() {
            if old.name != new.name {
                let (before, now) = (&old.name, &new.name);
                self.notes
                    .push(format!("{place}: `{before}` is `{now}` now, {was} in JSON as before"));
            }
        } else if new.aliases().iter().any(|alias| alias == old.key()) {
            self.notes.push(format!("{place}: {was} -> {is} in JSON, existing readers reject it"));
        } else {
            let help = format!(
                "keep the key with #[serde(rename = {:?})] on `{}`; or read it still with #[serde(alias = {:?})]; \
                 for another field, add #[structure(reserved({}, {:?}))] and #[field({})]",
                old.key(),
                new.name,
                old.key(),
                old.number,
                old.name,
                free(old_type, new_type),
            );
            self.add(place, Rule::Renamed, &was, &is, Breaks::JSON, help);
        }
        if old.flatten != new.flatten {
            let shown = |flatten| if flatten { "flattened" } else { "an object" };
            let help = format!("keep `flatten` on `{}` as it is", new.name);
            let (was, is) = (shown(old.flatten), shown(new.flatten));
            self.add(place, Rule::LayoutChanged, was, is, Breaks::JSON, help);
        }
        if old.other && !new.other {
            let help = format!("keep #[serde(other)] on `{}`", new.name);
            self.add(place, Rule::AliasRemoved, "any name is read", "refused", Breaks::JSON, help);
        }
        for alias in old.aliases() {
            if new.key() != alias && !new.aliases().contains(alias) {
                let help = format!("keep #[serde(alias = {alias:?})] on `{}`", new.name);
                let was = format!("`{alias}` is read");
                self.add(place, Rule::AliasRemoved, &was, "refused", Breaks::JSON, help);
            }
        }
    }

    fn removed(
        &mut self,
        place: &str,
        old_type: &Declaration,
        new_type: &Declaration,
        old: &Member,
    ) {
        let has_number = new_type.reserved.contains(&old.number);
        let has_name = new_type.reserved_names.contains(&old.name);
        if has_number && has_name {
            let refuse = if old.required { ": existing readers require it" } else { "" };
            return self.notes.push(format!("{place} is gone{refuse}"));
        }
        let missing = match (has_number, has_name) {
            (false, false) => format!("gone, {} and {:?} not reserved", old.number, old.name),
            (false, true) => format!("gone, {} not reserved", old.number),
            _ => format!("gone, {:?} not reserved", old.name),
        };
        let help = format!(
            "bring it back, or add #[structure(reserved({}, {:?}))] to {}",
            old.number, old.name, old_type.name
        );
        self.add(place, Rule::Removed, &shown(old), &missing, Breaks::ALL, help);
    }

    fn values(&mut self, place: &str, form: DeclarationKind, old: &Member, new: &Member) {
        let change = match (&old.value, &new.value) {
            (Some(old), Some(new)) if form == DeclarationKind::Choice => record_values(old, new),
            (Some(old), Some(new)) => field_values(old, new),
            (None, None) => Change::Same,
            _ => Change::Breaks(Rule::Retyped, Breaks::ALL),
        };
        let (was, is) = (shown(old), shown(new));
        if let Change::Breaks(rule, breaks) = change {
            let help = format!(
                "keep the type, and add a new field of another name next to `{}`",
                old.name
            );
            return self.add(place, rule, &was, &is, breaks, help);
        }
        if new.required && !old.required {
            let help = format!("keep `{}` an Option, or give it a #[default(..)]", old.name);
            return self.add(place, Rule::Required, &was, &is, Breaks::STORED_JSON, help);
        }
        if change == Change::Widens {
            self.notes.push(format!(
                "{place}: {was} -> {is}, existing readers reject values out of range"
            ));
        } else if old.required && !new.required {
            self.notes.push(format!("{place}: {was} -> {is}, existing readers require it"));
        } else if was != is {
            self.notes.push(format!("{place}: {was} -> {is}"));
        }
    }
}

/// A member as a finding shows it.
fn shown(member: &Member) -> String {
    let value = member.value.as_ref().map_or_else(|| "no data".to_owned(), Type::to_string);
    match &member.default {
        Some(default) => format!("{value} = {default}"),
        None if member.required => format!("{value}, required"),
        None => value,
    }
}

/// A number that neither has used.
fn free(old: &Declaration, new: &Declaration) -> u32 {
    let numbers = old.members.iter().chain(&new.members).map(|member| member.number);
    let reserved = old.reserved.iter().chain(&new.reserved).copied();
    let next = numbers.chain(reserved).max().unwrap_or(0).saturating_add(1);
    // Protocol Buffers keeps these for itself.
    if (19_000..20_000).contains(&next) { 20_000 } else { next }
}

#[cfg(all(test, feature = "conformance"))]
pub(super) use tests::TYPES;

#[cfg(test)]
mod tests;

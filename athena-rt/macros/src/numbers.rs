//! Field and variant numbers, as Protocol Buffers has them.
//!
//! `#[field(n)]` sets one. The others, in declaration order, get the lowest numbers that are
//! neither set nor reserved, so that setting the number of one field renumbers no other.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use syn::{Ident, LitInt, LitStr};

use crate::args::StructureArgs;
use crate::errors::Errors;
use crate::text::name;

/// The numbers a field can have.
pub(crate) const FIELDS: RangeInclusive<u32> = 1..=536_870_911;

/// The numbers a variant without data can have, in an enum of such variants only.
pub(crate) const UNITS: RangeInclusive<u32> = 0..=2_147_483_647;

/// The range that Protocol Buffers keeps for itself.
const IMPLEMENTATION: RangeInclusive<u32> = 19_000..=19_999;

/// What may not be used any more.
#[derive(Default)]
pub(crate) struct Reserved {
    pub(crate) numbers: Vec<u32>,
    pub(crate) names: Vec<String>,
}

impl Reserved {
    /// The reserved numbers and names, once each.
    pub(crate) fn new(
        args: &StructureArgs,
        legal: &RangeInclusive<u32>,
        errors: &mut Errors,
    ) -> Self {
        let mut numbers = BTreeSet::new();
        for literal in &args.reserved {
            if let Some(number) = in_range(literal, legal, errors)
                && !numbers.insert(number)
            {
                errors.at(literal, format!("{number} is reserved twice; keep one"));
            }
        }
        let mut names: BTreeSet<String> = BTreeSet::new();
        for literal in &args.reserved_names {
            if !names.insert(literal.value()) {
                errors.at(literal, format!("`{}` is reserved twice; keep one", literal.value()));
            }
        }
        Self { numbers: numbers.into_iter().collect(), names: names.into_iter().collect() }
    }

    /// Notes an error where `ident` is a name that is reserved.
    pub(crate) fn check_name(&self, ident: &Ident, literals: &[LitStr], errors: &mut Errors) {
        let name = name(ident);
        if self.names.contains(&name) {
            errors.at(
                ident,
                format!(
                    "`{name}` is reserved: recorded messages may hold it with another meaning; choose another name"
                ),
            );
            for literal in literals.iter().filter(|literal| literal.value() == name) {
                errors.at(literal, format!("`{name}` is reserved here"));
            }
        }
    }
}

/// The number of each named thing, given those that were set.
pub(crate) fn assign(
    wanted: &[(&Ident, Option<&LitInt>)],
    legal: &RangeInclusive<u32>,
    reserved: &Reserved,
    errors: &mut Errors,
) -> Vec<u32> {
    let mut taken: BTreeMap<u32, (&Ident, &LitInt)> = BTreeMap::new();
    let mut set: Vec<Option<u32>> = Vec::new();
    for (ident, literal) in wanted {
        let number = literal.and_then(|literal| in_range(literal, legal, errors));
        if let (Some(number), Some(literal)) = (number, literal) {
            if let Some((first, first_literal)) = taken.get(&number) {
                let (this, first) = (name(ident), name(first));
                errors.at(
                    literal,
                    format!("number {number} of `{this}` is already that of `{first}`"),
                );
                errors.at(
                    *first_literal,
                    format!("number {number} is first used here, by `{first}`"),
                );
            } else if reserved.numbers.contains(&number) {
                errors.at(
                    literal,
                    format!("number {number} is reserved: old messages may hold it with another meaning; choose another"),
                );
            } else {
                taken.insert(number, (ident, literal));
            }
        }
        set.push(number);
    }
    let mut free = legal.clone().filter(|number| {
        !taken.contains_key(number)
            && !reserved.numbers.contains(number)
            && !IMPLEMENTATION.contains(number)
    });
    set.into_iter().map(|number| number.or_else(|| free.next()).unwrap_or_default()).collect()
}

/// The number of a literal, if it is legal.
pub(crate) fn in_range(
    literal: &LitInt,
    legal: &RangeInclusive<u32>,
    errors: &mut Errors,
) -> Option<u32> {
    let number = literal.base10_parse::<u32>().ok().filter(|number| legal.contains(number));
    match number {
        None => errors
            .at(literal, format!("a number here is between {} and {}", legal.start(), legal.end())),
        Some(number) if legal == &FIELDS && IMPLEMENTATION.contains(&number) => {
            errors.at(
                literal,
                "Protocol Buffers keeps 19000 to 19999 for itself; choose another number",
            );
            return None;
        }
        Some(_) => {}
    }
    number
}

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

#[cfg(test)]
mod tests {
    use quote::format_ident;

    use super::*;

    fn numbers(set: &[Option<u32>], reserved: &[u32]) -> Vec<u32> {
        let mut errors = Errors::default();
        let idents: Vec<Ident> = (0..set.len()).map(|index| format_ident!("f{}", index)).collect();
        let literals: Vec<Option<LitInt>> = set
            .iter()
            .map(|number| {
                number
                    .map(|number| LitInt::new(&number.to_string(), proc_macro2::Span::call_site()))
            })
            .collect();
        let wanted: Vec<_> = idents.iter().zip(literals.iter().map(Option::as_ref)).collect();
        let reserved = Reserved { numbers: reserved.to_vec(), names: Vec::new() };
        let numbers = assign(&wanted, &FIELDS, &reserved, &mut errors);
        assert!(errors.is_empty());
        numbers
    }

    #[test]
    fn a_field_with_a_number_of_its_own_renumbers_no_other() {
        assert_eq!(numbers(&[None, None, None], &[]), [1, 2, 3]);
        assert_eq!(numbers(&[None, Some(4), None, None], &[]), [1, 4, 2, 3]);
    }

    #[test]
    fn a_reserved_number_keeps_its_place_when_its_field_is_gone() {
        assert_eq!(numbers(&[None, None], &[2]), [1, 3]);
    }

    #[test]
    fn numbers_that_protocol_buffers_keeps_for_itself_are_passed_over() {
        assert_eq!(numbers(&vec![None; 19_000], &[])[18_998..], [18_999, 20_000]);
    }
}

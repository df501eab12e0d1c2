//! The numbers of fields and variants in Protocol Buffers.
//!
//! `#[field(n)]` sets a number. The other fields, in declaration order, get the lowest numbers that
//! are neither set nor reserved, so setting one number does not change the others.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use syn::{Ident, LitInt, LitStr};

use crate::args::StructureArgs;
use crate::errors::Errors;
use crate::text::name;

/// The legal numbers of a field.
pub(crate) const FIELDS: RangeInclusive<u32> = 1..=536_870_911;

/// The legal numbers of a variant, in a unit-only enum.
pub(crate) const UNITS: RangeInclusive<u32> = 0..=2_147_483_647;

/// The range that Protocol Buffers reserves for its implementations.
const IMPLEMENTATION: RangeInclusive<u32> = 19_000..=19_999;

/// Numbers and names that may not be used again.
#[derive(Default)]
pub(crate) struct Reserved {
    pub(crate) numbers: Vec<u32>,
    pub(crate) names: Vec<String>,
}

impl Reserved {
    /// Collects the reserved numbers and names, each once.
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
                errors.at(literal, format!("{number} is reserved twice; remove one"));
            }
        }
        let mut names: BTreeSet<String> = BTreeSet::new();
        for literal in &args.reserved_names {
            if !names.insert(literal.value()) {
                errors.at(literal, format!("`{}` is reserved twice; remove one", literal.value()));
            }
        }
        Self { numbers: numbers.into_iter().collect(), names: names.into_iter().collect() }
    }

    /// Reports `ident` if its name is reserved.
    pub(crate) fn check_name(&self, ident: &Ident, literals: &[LitStr], errors: &mut Errors) {
        let name = name(ident);
        if self.names.contains(&name) {
            errors.at(
                ident,
                format!(
                    "`{name}` is reserved: recorded messages may contain it with another meaning; choose another name"
                ),
            );
            for literal in literals.iter().filter(|literal| literal.value() == name) {
                errors.at(literal, format!("`{name}` is reserved here"));
            }
        }
    }
}

/// Returns the number of each field or variant; `wanted` has the numbers that were set.
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
                    format!("number {number} of `{this}` is already used by `{first}`"),
                );
                errors.at(*first_literal, format!("`{first}` uses number {number} here"));
            } else if reserved.numbers.contains(&number) {
                errors.at(
                    literal,
                    format!("number {number} is reserved: old messages may contain it with another meaning; choose another"),
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

/// Returns the number of a literal, and reports it if it is not legal.
pub(crate) fn in_range(
    literal: &LitInt,
    legal: &RangeInclusive<u32>,
    errors: &mut Errors,
) -> Option<u32> {
    let number = literal.base10_parse::<u32>().ok().filter(|number| legal.contains(number));
    match number {
        None => errors.at(
            literal,
            format!("the number must be between {} and {}", legal.start(), legal.end()),
        ),
        Some(number) if legal == &FIELDS && IMPLEMENTATION.contains(&number) => {
            errors.at(literal, "Protocol Buffers reserves 19000 to 19999; choose another number");
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
    fn setting_a_fields_number_does_not_change_the_others() {
        assert_eq!(numbers(&[None, None, None], &[]), [1, 2, 3]);
        assert_eq!(numbers(&[None, Some(4), None, None], &[]), [1, 4, 2, 3]);
    }

    #[test]
    fn a_reserved_number_is_not_used_again() {
        assert_eq!(numbers(&[None, None], &[2]), [1, 3]);
    }

    #[test]
    fn numbers_that_protocol_buffers_reserves_are_skipped() {
        assert_eq!(numbers(&vec![None; 19_000], &[])[18_998..], [18_999, 20_000]);
    }
}

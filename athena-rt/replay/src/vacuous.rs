//! Finds comparisons that can't fail: a case of such a model asserts less than it seems to.

use std::collections::BTreeSet;

use athena_core::model::Source;
use athena_core::registry::Entry;
use athena_core::stdio::print_stderr;
use athena_structure::description::{Definition, Shape, Shapes, Tolerance, TypeDescription};

/// A part of an outcome whose comparison can't fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VacuousComparison {
    /// A JSON pointer with `*` for each index and key; empty for the whole outcome.
    pub path: String,
    pub reason: String,
}

impl std::fmt::Display for VacuousComparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.reason)
    }
}

/// The comparisons of a model's outcomes that can't fail.
pub fn vacuous(described: &TypeDescription, source: &Source) -> Vec<VacuousComparison> {
    let mut search =
        TypeSearch { shapes: &described.shapes, seen: BTreeSet::new(), found: Vec::new() };
    if !search.can_fail(&described.shape, None) {
        let is_empty = match described.definition() {
            Some(Definition::Structure(structure)) => structure.fields.is_empty(),
            _ => false,
        };
        // Whether it is an error is the outcome of a model that checks its input.
        if is_empty && source.error.is_some() {
            return Vec::new();
        }
        let what = if is_empty {
            "the outcome has no field"
        } else {
            "every field of the outcome is #[volatile] or has a tolerance that covers any value"
        };
        let rest = match (source.error, source.many) {
            (Some(_), _) => "whether it is an error",
            (None, true) => "the number of messages",
            (None, false) => "that the model returns",
        };
        let reason = format!("{what}: a case asserts no more than {rest}");
        return vec![VacuousComparison { path: String::new(), reason }];
    }
    search.seen.clear();
    search.tolerances(&described.shape, None, String::new());
    search.found
}

/// A line per comparison of a model that can't fail.
pub fn notes(entry: &Entry) -> Vec<String> {
    let found = vacuous(&entry.model.output_type(), &entry.model.source());
    found.iter().map(|one| format!("{}: {one}", entry.id)).collect()
}

/// Prints the notes of models that were recorded.
pub(crate) fn print_notes<'a>(entries: impl IntoIterator<Item = &'a Entry>) {
    let mut printed = BTreeSet::new();
    for entry in entries {
        if printed.insert(&entry.id) {
            for note in notes(entry) {
                print_stderr(&format!("note: {note}"));
            }
        }
    }
}

/// Whether a tolerance covers any value of a float that anybody may mean.
fn covers_any(tolerance: &Tolerance, bits: u8) -> bool {
    // A relative one of 1 covers any two numbers of one sign; a binade lies between a number and its
    // double.
    let (largest, binade) =
        if bits == 32 { (f64::from(f32::MAX), 1 << 23) } else { (1e18, 1 << 52) };
    tolerance.abs.is_some_and(|abs| abs >= largest)
        || tolerance.rel.is_some_and(|rel| rel >= 1.0)
        || tolerance.ulps.is_some_and(|ulps| ulps >= binade)
}

struct TypeSearch<'a> {
    shapes: &'a Shapes,
    /// Definitions that are looked at, or were: a type may contain itself.
    seen: BTreeSet<&'static str>,
    found: Vec<VacuousComparison>,
}

impl TypeSearch<'_> {
    /// Whether two values of the type can differ in what is compared.
    fn can_fail(&mut self, shape: &Shape, tolerance: Option<&Tolerance>) -> bool {
        match shape {
            Shape::Float { bits } => !tolerance.is_some_and(|one| covers_any(one, *bits)),
            Shape::Array(inner, length) => *length > 0 && self.can_fail(inner, tolerance),
            Shape::Boxed(inner) => self.can_fail(inner, tolerance),
            Shape::Tuple(items) => items.iter().any(|item| self.can_fail(item, tolerance)),
            Shape::Named(key) => {
                if !self.seen.insert(key) {
                    return false;
                }
                match self.shapes.get(key) {
                    Some(Definition::Structure(structure)) => {
                        structure.fields.iter().any(|field| {
                            !field.volatile && self.can_fail(&field.shape, field.tolerance.as_ref())
                        })
                    }
                    Some(Definition::Enumeration(shape)) => match &shape.variants[..] {
                        [only] => only.data.as_ref().is_some_and(|data| self.can_fail(data, None)),
                        variants => !variants.is_empty(),
                    },
                    None => true,
                }
            }
            _ => true,
        }
    }

    /// Finds tolerances that cover any value.
    fn tolerances(&mut self, shape: &Shape, tolerance: Option<&Tolerance>, path: String) {
        match (shape, tolerance) {
            (Shape::Float { bits }, Some(tolerance)) if covers_any(tolerance, *bits) => {
                let reason =
                    format!("#[tolerance({tolerance})] covers any value, so none is compared");
                self.found.push(VacuousComparison { path, reason });
            }
            (Shape::Option(inner) | Shape::Boxed(inner), _) => {
                self.tolerances(inner, tolerance, path);
            }
            (
                Shape::List(inner)
                | Shape::Set(inner)
                | Shape::Array(inner, _)
                | Shape::Map(_, inner),
                _,
            ) => {
                self.tolerances(inner, tolerance, path + "/*");
            }
            (Shape::Tuple(items), _) => {
                for (at, item) in items.iter().enumerate() {
                    self.tolerances(item, tolerance, format!("{path}/{at}"));
                }
            }
            (Shape::Named(key), _) if self.seen.insert(key) => match self.shapes.get(key) {
                Some(Definition::Structure(structure)) => {
                    for field in structure.fields.iter().filter(|field| !field.volatile) {
                        let path = format!("{path}/{}", field.name);
                        self.tolerances(&field.shape, field.tolerance.as_ref(), path);
                    }
                }
                Some(Definition::Enumeration(shape)) => {
                    for variant in &shape.variants {
                        if let Some(data) = &variant.data {
                            self.tolerances(data, None, format!("{path}/{}", variant.name));
                        }
                    }
                }
                None => {}
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use athena_structure::description::{Field, StructureShape};

    use super::*;

    fn source(many: bool, error: Option<&'static str>) -> Source {
        Source {
            function: "f",
            module: "m",
            package: "p",
            version: "0.1.0",
            pinned: None,
            file: "src/lib.rs",
            line: 1,
            docs: "",
            many,
            error,
        }
    }

    fn structure(fields: Vec<Field>) -> TypeDescription {
        TypeDescription::new(|shapes| {
            shapes.structure("Out", |_| StructureShape {
                name: "Out",
                docs: "",
                open: false,
                reserved: &[],
                reserved_names: &[],
                fields,
            })
        })
    }

    fn found(fields: Vec<Field>) -> Vec<String> {
        let found = vacuous(&structure(fields), &source(false, None));
        found.iter().map(ToString::to_string).collect()
    }

    fn float(name: &'static str) -> Field {
        Field::new(name, 1, Shape::Float { bits: 64 })
    }

    #[test]
    fn an_outcome_of_which_nothing_is_compared_is_found() {
        for fields in [
            vec![],
            vec![Field::new("at", 1, Shape::Text).volatile()],
            vec![
                Field::new("at", 1, Shape::Text).volatile(),
                float("x").tolerance(None, Some(1e9), None),
            ],
        ] {
            let found = found(fields);
            assert!(found.len() == 1 && found[0].contains("no more than that"), "{found:?}");
        }
        assert_eq!(vacuous(&structure(vec![]), &source(false, Some("E"))), []);
        let many = vacuous(&structure(vec![]), &source(true, None));
        assert!(many[0].reason.contains("the number of messages"));
    }

    #[test]
    fn a_tolerance_that_covers_any_value_is_found() {
        let text = || Field::new("text", 2, Shape::Text);
        for (abs, rel, ulps) in [
            (None, Some(1.0), None),
            (Some(0.1), Some(1e9), None),
            (Some(1e300), None, None),
            (None, None, Some(u64::MAX)),
        ] {
            let found = found(vec![text(), float("x").tolerance(abs, rel, ulps)]);
            assert!(found.len() == 1 && found[0].starts_with("/x: #[tolerance("), "{found:?}");
        }
        let list = Shape::List(Box::new(Shape::Float { bits: 32 }));
        let list = Field::new("list", 1, list).tolerance(Some(1e39), None, None);
        assert!(found(vec![list])[0].starts_with("/list/*: "));
    }

    #[test]
    fn what_is_compared_is_not_reported() {
        for fields in [
            vec![float("x").tolerance(Some(1e9), Some(0.5), Some(1000))],
            vec![Field::new("at", 1, Shape::Text).volatile(), Field::new("b", 2, Shape::Bool)],
            vec![Field::new("list", 1, Shape::List(Box::new(Shape::Text)))],
        ] {
            assert_eq!(found(fields), Vec::<String>::new());
        }
    }
}

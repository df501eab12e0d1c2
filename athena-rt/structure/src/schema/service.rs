//! The gRPC services of models: one service per model, with one method.

use super::lower::lower;
use super::names::{UniqueNames, ascii};
use super::schema::Schema;

/// The service of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The model's id.
    #[cfg_attr(not(feature = "descriptors"), allow(dead_code, reason = "asked for by gRPC alone"))]
    pub model: String,
    pub name: String,
    /// The names of the messages it accepts and returns.
    pub(super) input: String,
    pub(super) output: String,
    /// Whether it may return several messages for one.
    pub(super) many: bool,
}

impl Service {
    /// The method of every service.
    pub const METHOD: &str = "Run";
}

/// The services of models. Each model is its package, its id, and whether it may return several messages for one.
///
/// A service is called by the model's path in its package: `earthquakes::energy` is
/// `EnergyService`. If that is the name of a message or of another service, the first number
/// from 2 that makes it free is appended.
pub fn services<'a>(
    schema: &Schema,
    models: impl Iterator<Item = (&'a str, &'a str, bool)>,
) -> Vec<Service> {
    let mut names = UniqueNames::new();
    for declared in &lower(schema).types {
        names.reserve(&declared.name);
    }
    let service = |(package, model, many): (&'a str, &'a str, bool)| {
        let path = model.strip_prefix(package).and_then(|rest| rest.strip_prefix("::"));
        Some(Service {
            model: model.to_owned(),
            name: names.reserve(&format!("{}Service", camel(path.unwrap_or(model)))),
            input: schema.data_of(model, true)?.to_owned(),
            output: schema.data_of(model, false)?.to_owned(),
            many,
        })
    };
    models.filter_map(service).collect()
}

/// `tax::apply_rate` as `TaxApplyRate`.
fn camel(path: &str) -> String {
    let words = path.split(|letter: char| !letter.is_alphanumeric());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    ascii(&words.filter_map(capital).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::super::tests::samples::shop;
    use super::*;

    #[test]
    fn a_service_is_called_by_the_path_of_its_model() {
        for (path, name) in [
            ("energy", "Energy"),
            ("tax::apply_rate", "TaxApplyRate"),
            ("r2_d2", "R2D2"),
            ("gr\u{f6}\u{df}e", "Gr_uf6__udf_e"),
        ] {
            assert_eq!(camel(path), name);
        }
    }

    #[test]
    fn a_service_takes_no_name_of_a_message() {
        let mut schema = shop();
        let one = services(&schema, [("shop", "shop::order", false)].into_iter());
        assert_eq!((one.len(), one[0].name.as_str()), (1, "OrderService"));
        schema.types[1].name = "OrderService".to_owned();
        let other = services(&schema, [("shop", "shop::order", false)].into_iter());
        assert_eq!(other[0].name, "OrderService2");
    }
}

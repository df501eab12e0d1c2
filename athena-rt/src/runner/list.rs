//! Models as `list` shows them.

use std::path::Path;

use athena_protocol::{FieldInfo, LABEL, ModelId, ModelInfo, TypeInfo, VariableInfo};

use athena_cases::index::Index;
use athena_cases::suite::SuiteIndex;
use athena_core::registry::Registry;
use athena_structure::description::{
    Definition, Field, Shape, Shapes, Tolerance, TypeDescription, with_arguments,
};
use athena_structure::schema::type_name;

/// Describes every model, with the number of its cases.
pub(super) fn describe(registry: &Registry, fixtures: &Path) -> Vec<ModelInfo> {
    let roots: Vec<&str> =
        registry.entries().iter().map(|entry| ModelId::new(&entry.id).package()).collect();
    let index = Index::read(fixtures, Some(&roots));
    registry
        .entries()
        .iter()
        .map(|entry| {
            let source = entry.model.source();
            let cases = index.folders.get(&entry.id).map_or(0, |folder| {
                let suites = folder.suites.iter().map(|stem| {
                    let path = stem.suite_file(&folder.path);
                    SuiteIndex::read(&path).map_or(0, |lines| lines.len())
                });
                folder.cases.len() + suites.sum::<usize>()
            });
            ModelInfo {
                id: entry.id.clone(),
                package: source.package.to_owned(),
                docs: source.docs.to_owned(),
                file: source.file.to_owned(),
                line: source.line,
                input: type_info(&entry.model.input_type()),
                output: type_info(&entry.model.output_type()),
                many: source.many,
                error: source.error.map(str::to_owned),
                environment: variables(&entry.model.variables()),
                cases: cases as u64,
            }
        })
        .collect()
}

fn variables(declared: &[athena_core::environment::Variable]) -> Vec<VariableInfo> {
    declared
        .iter()
        .map(|variable| VariableInfo {
            name: variable.name.to_owned(),
            kind: variable.kind.to_owned(),
            docs: variable.docs.to_owned(),
            required: variable.required,
            default: variable.default.clone().filter(|_| !variable.secret),
            secret: variable.secret,
        })
        .collect()
}

fn type_info(described: &TypeDescription) -> TypeInfo {
    let TypeDescription { shape, shapes, .. } = described;
    let Shape::Named(root) = shape else {
        let nested =
            shapes.iter().map(|(key, definition)| named(shapes, definition, key)).collect();
        return TypeInfo { name: type_name(described), nested, ..TypeInfo::default() };
    };
    let mut infos = shapes.iter().map(|(key, definition)| (key, named(shapes, definition, key)));
    let mut first = TypeInfo::default();
    let mut nested = Vec::new();
    for (key, info) in infos.by_ref() {
        if key == *root { first = info } else { nested.push(info) }
    }
    TypeInfo { nested, ..first }
}

/// The attributes of a field that say how it is compared and shown.
fn marks(field: &Field) -> Vec<String> {
    let tolerance = field.tolerance.map(|Tolerance { abs, rel, ulps, .. }| {
        let limits = [
            abs.map(|abs| format!("abs = {abs}")),
            rel.map(|rel| format!("rel = {rel}")),
            ulps.map(|ulps| format!("ulps = {ulps}")),
        ];
        format!("tolerance({})", limits.into_iter().flatten().collect::<Vec<_>>().join(", "))
    });
    let flags = [
        (field.volatile, "volatile"),
        (field.unordered, "unordered"),
        (field.secret, "secret"),
        (field.label, LABEL),
    ];
    let flags = flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name.to_owned());
    let examples =
        (!field.examples.is_empty()).then(|| format!("example({})", field.examples.join(", ")));
    tolerance.into_iter().chain(flags).chain(examples).collect()
}

fn shape_name(shapes: &Shapes, shape: &Shape) -> String {
    type_name(&TypeDescription::new(|all| {
        shapes.clone_into(all);
        shape.clone()
    }))
}

fn named(shapes: &Shapes, definition: &Definition, key: &str) -> TypeInfo {
    let (name, docs, fields) = match definition {
        Definition::Structure(structure) => {
            let fields = structure.fields.iter().map(|field| FieldInfo {
                name: field.name.to_owned(),
                kind: field.kind.to_owned(),
                docs: field.docs.to_owned(),
                required: field.required,
                default: field.default.clone(),
                marks: marks(field),
            });
            (structure.name, structure.docs, fields.collect())
        }
        Definition::Enumeration(shape) => {
            let variants = shape.variants.iter().map(|variant| FieldInfo {
                name: variant.name.to_owned(),
                kind: variant
                    .data
                    .as_ref()
                    .map(|data| shape_name(shapes, data))
                    .unwrap_or_default(),
                docs: variant.docs.to_owned(),
                ..FieldInfo::default()
            });
            (shape.name, shape.docs, variants.collect())
        }
    };
    TypeInfo { name: with_arguments(name, key), docs: docs.to_owned(), fields, nested: Vec::new() }
}

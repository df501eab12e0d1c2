//! Types as data: one type, and the named types that it contains.

pub use super::located::{FlatPart, Located};
use super::part::Part;
pub use super::shape::{
    Definition, Encoding, EnumShape, Field, Shape, Shapes, StructureShape, Tagging, Tolerance,
    Variant,
};
pub use super::type_label::with_arguments;

/// A type and the named types that it contains: what schemas, comparisons and coverage are made from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TypeDescription {
    /// The type itself.
    pub shape: Shape,
    /// The definitions of the structures and enums in it.
    pub shapes: Shapes,
}

impl TypeDescription {
    /// Describes what `describe` returns, with the definitions that it enters.
    pub fn new(describe: impl FnOnce(&mut Shapes) -> Shape) -> Self {
        let mut shapes = Shapes::default();
        let shape = describe(&mut shapes);
        Self { shape, shapes }
    }

    /// Describes a type.
    pub fn for_type<T: Part>() -> Self {
        Self::new(T::shape)
    }

    /// The definition of the type itself; `None` if it is not a structure or an enum.
    pub fn definition(&self) -> Option<&Definition> {
        match &self.shape {
            Shape::Named(key) => self.shapes.get(key),
            _ => None,
        }
    }

    /// The key of the field whose value tells messages apart, if the type names one.
    pub fn label(&self) -> Option<&'static str> {
        match self.definition() {
            Some(Definition::Structure(structure)) => {
                structure.fields.iter().find(|field| field.label).map(|field| field.name)
            }
            _ => None,
        }
    }
}

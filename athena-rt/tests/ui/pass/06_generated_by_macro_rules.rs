//! Fragments of `macro_rules!` are wrapped in invisible groups.
use athena_rt::prelude::*;

macro_rules! declare {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[$field_meta:meta])* $field:ident: $ty:ty = $default:expr, $number:literal, $doc:expr;)*
        }
    ) => {
        #[structure]
        $(#[$meta])*
        $vis struct $name {
            $(
                #[doc = $doc]
                $(#[$field_meta])*
                #[field($number)]
                #[default($default)]
                $field: $ty,
            )*
        }
    };
}

declare! {
    /// Declared by a macro.
    #[derive(PartialOrd)]
    pub struct Sample {
        #[tolerance(abs = 0.5)]
        number: f64 = 1.5, 4, "A number.";
        #[unordered]
        list: Vec<u32> = vec![1, 2], 3, "A list.";
        text: String = "text", 2, "Some text.";
        maybe: Option<i64> = -1, 1, "Perhaps.";
        #[volatile]
        nested: Option<Vec<(i64, String)>> = None, 9, "Nested.";
    }
}

macro_rules! models {
    ($($name:ident: $input:ty, $output:ty => $value:expr;)*) => {$(
        #[model]
        fn $name(state: State<$input>) -> $output {
            $value(state)
        }
    )*};
}

models! {
    same: Sample, State<Sample> => |state| state;
    fails: Sample, Result<State<Sample>, String> => Ok;
    many: Sample, impl Iterator<Item = State<Sample>> => std::iter::once;
}

macro_rules! environment {
    ($prefix:literal, $name:ident: $ty:ty = $default:expr) => {
        #[environment(prefix = $prefix)]
        struct Settings {
            #[default($default)]
            $name: $ty,
        }
    };
}

environment!("APP_", seed: Option<i64> = 7);

macro_rules! kinds {
    ($($kind:ident = $number:literal),*) => {
        #[structure]
        enum Kind { $($kind = $number),* }
    };
}

kinds!(Retail = 3, Trade = 5);

fn main() {
    use athena_rt::Environment as _;
    use athena_rt::__private::{Definition, TypeDescription};

    let read: Sample = serde_json::from_str("{}").unwrap();
    assert_eq!((read.number, read.text.as_str(), read.maybe), (1.5, "text", Some(-1)));
    assert_eq!(read.list, [1, 2]);

    let shapes = TypeDescription::for_type::<Sample>().shapes;
    let (_, Definition::Structure(shape)) = shapes.iter().next().unwrap() else {
        panic!("a structure")
    };
    let fields: Vec<_> =
        shape.fields.iter().map(|field| (field.name, field.number, field.kind, field.docs)).collect();
    assert_eq!(shape.docs, "Declared by a macro.");
    assert_eq!(fields, [
        ("number", 4, "f64", "A number."),
        ("list", 3, "Vec<u32>", "A list."),
        ("text", 2, "String", "Some text."),
        ("maybe", 1, "Option<i64>", "Perhaps."),
        ("nested", 9, "Option<Vec<(i64, String)>>", "Nested."),
    ]);
    assert_eq!(Settings::variables()[0].name, "APP_SEED");
    assert_eq!(Settings::read(vec![]).unwrap().seed, Some(7));

    let shapes = TypeDescription::for_type::<Kind>().shapes;
    let (_, Definition::Enumeration(shape)) = shapes.iter().next().unwrap() else {
        panic!("an enum")
    };
    let numbers: Vec<_> = shape.variants.iter().map(|variant| variant.number).collect();
    assert_eq!(numbers, [3, 5]);
}

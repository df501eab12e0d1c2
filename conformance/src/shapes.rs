//! Structures of every form, each with random values.

// The types and names of the fields are tested; they need no documentation.
#![allow(missing_docs, clippy::pub_underscore_fields)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::marker::PhantomData;
use std::time::Duration;

use athena_rt::Timestamp;
use athena_rt::prelude::*;

use crate::random::{Any, Random};

/// Declares structures and their random values.
macro_rules! shapes {
    ($(
        $(#[$on_type:meta])*
        struct $name:ident { $( $(#[$on_field:meta])* $field:ident: $type:ty, )* }
    )*) => {$(
        $(#[$on_type])*
        #[structure]
        pub struct $name { $( $(#[$on_field])* pub $field: $type, )* }

        impl Any for $name {
            fn any(random: &mut Random) -> Self {
                let _ = &random;
                Self { $($field: Any::any(random)),* }
            }
        }
    )*};
}

shapes! {
    struct Integers {
        tiny: i8, small: i16, middle: i32, large: i64, size: isize,
        tiny_natural: u8, small_natural: u16, middle_natural: u32, large_natural: u64, natural_size: usize,
    }

    struct Encodings {
        #[field(3, sint)] zigzag_tiny: i8,
        #[field(sint)] zigzag: i32,
        #[field(sint)] zigzag_large: i64,
        #[field(fixed)] four: u32,
        #[field(fixed)] four_signed: i16,
        #[field(fixed)] eight: u64,
        #[field(fixed)] eight_signed: i64,
        #[field(20_000, fixed)] list: Vec<i32>,
        #[field(sint)] option: Option<i64>,
        #[field(sint)] map: BTreeMap<i32, i64>,
        #[field(sint)] nested: Vec<Vec<i32>>,
    }

    struct Others {
        yes: bool, single: f32, double: f64, text: String, bytes: Vec<u8>, hash: [u8; 4],
    }

    struct Lists {
        flags: Vec<bool>, tiny: Vec<i8>, numbers: Vec<u64>, singles: Vec<f32>, doubles: Vec<f64>,
        texts: Vec<String>, blobs: Vec<Vec<u8>>, kinds: Vec<CustomerKind>, others: Vec<Others>,
        three: [i64; 3], pairs: [(u8, String); 2],
    }

    struct Options {
        flag: Option<bool>, number: Option<i64>, text: Option<String>, bytes: Option<Vec<u8>>,
        kind: Option<CustomerKind>, payment: Option<Payment>, other: Option<Others>, list: Option<Vec<u32>>,
        map: Option<BTreeMap<String, bool>>, pair: Option<(i32, Option<f64>)>,
    }

    struct Maps {
        by_text: BTreeMap<String, i64>, by_number: BTreeMap<i32, String>, by_natural: HashMap<u64, Vec<u8>>,
        by_flag: BTreeMap<bool, f64>, of_kinds: BTreeMap<u8, CustomerKind>, of_late_kinds: BTreeMap<String, Late>,
        of_messages: BTreeMap<i64, Others>, of_lists: BTreeMap<String, Vec<i32>>,
        of_maps: HashMap<String, BTreeMap<u32, bool>>, of_options: BTreeMap<String, Option<i32>>,
    }

    struct Nested {
        lists: Vec<Vec<f64>>, deep: Vec<Vec<Vec<String>>>, options: Vec<Option<i64>>,
        maps: Vec<BTreeMap<String, u8>>, tuples: Vec<(bool, Vec<u8>)>, one: (Others,), boxed: Box<Vec<i32>>,
    }

    struct Times {
        took: Duration, at: Timestamp, maybe: Option<Duration>, all: Vec<Timestamp>,
        by_name: BTreeMap<String, Duration>, between: (Timestamp, Timestamp),
    }

    struct Tree {
        value: i32, left: Option<Box<Tree>>, right: Option<Box<Tree>>, others: Vec<Tree>,
    }

    struct Defaulted {
        #[default(2)] number: i64,
        #[default(-0.5)] float: f64,
        #[default("none")] text: String,
        #[default(true)] flag: bool,
        #[default(CustomerKind::Trade)] kind: CustomerKind,
        #[default(vec![1, 2])] list: Vec<i32>,
        #[default(Some(7))] option: Option<u8>,
        #[default(vec![255, 0])] bytes: Vec<u8>,
        #[default((1, "two".to_owned()))] pair: (i32, String),
        #[default(Late::First)] late: Late,
    }

    struct Choices {
        payment: Payment, kind: CustomerKind, id: Id, place: Position, late: Vec<Late>, payments: BTreeMap<String, Payment>,
    }

    struct Flattened {
        before: String,
        #[oneof] payment: Option<Payment>,
        #[field(30)] after: Option<i32>,
        #[oneof] reply: Option<Reply>,
    }

    #[allow(non_snake_case)]
    struct Names {
        plain: i32, two_words: i32, _leading: i32, trailing_: i32, double__under: i32, digit_1: i32,
        r#type: i32, Capital: i32, größe: i32, alreadyCamel: i32,
    }

    struct Empty {}

    struct Newtypes {
        id: Id, named: Named, level: Level, label: Label, of_kind: OfKind, of_message: OfMessage, generic: Generic<i32>,
        nested: Generic<Id>, boxed: Box<Id>, place: Position,
        maybe: Option<Id>, maybe_label: Option<Label>, maybe_message: Option<OfMessage>,
        ids: Vec<Id>, named_list: Vec<Named>, levels: Vec<Level>, labels: Vec<Label>, kinds: Vec<OfKind>,
        messages: Vec<OfMessage>, generics: Vec<Generic<i32>>, two: [Id; 2], pairs: Vec<(Id, Label)>,
        by_id: BTreeMap<Id, Id>, by_label: BTreeMap<Label, OfMessage>, by_level: BTreeMap<Level, OfKind>,
        by_named: BTreeMap<Named, Vec<Level>>, by_text: BTreeMap<String, Generic<Vec<i32>>>,
        set: BTreeSet<Label>, levels_once: BTreeSet<Level>,
        #[field(sint)] zigzag: Generic<i32>,
        #[default(Id(7))] defaulted: Id,
    }
}

/// A unit-only enum.
#[structure]
#[derive(Copy, Eq)]
pub enum CustomerKind {
    Retail,
    Trade,
    SplitMode,
    #[field(500)]
    HTTPServer,
}

/// An enum whose first number is not 0.
#[structure]
#[derive(Copy, Eq)]
pub enum Late {
    First = 3,
    Second = 7,
}

/// An enum with data, of every form.
#[structure]
pub enum Payment {
    #[field(10)]
    Cash,
    #[field(11)]
    Invoice(u64),
    #[field(12)]
    Card {
        number: String,
        #[default(3)]
        digits: u8,
        kind: Option<CustomerKind>,
    },
    #[field(13)]
    Pair(i32, Vec<u8>),
    #[field(14)]
    Lines(Vec<i32>),
    #[field(15)]
    Split(Box<Payment>),
}

/// Another enum with data.
#[structure]
pub enum Reply {
    #[field(20)]
    Text(String),
    #[field(21)]
    Nothing,
}

/// Declares structs that are written as their content.
macro_rules! newtypes {
    ($($(#[$on_type:meta])* $name:ident($($type:tt)*);)*) => {$(
        #[structure]
        $(#[$on_type])*
        pub struct $name(pub $($type)*);

        impl Any for $name {
            fn any(random: &mut Random) -> Self {
                Self(Any::any(random))
            }
        }
    )*};
}

newtypes! {
    #[derive(Eq, PartialOrd, Ord)] Id(u64);
    #[derive(Eq, PartialOrd, Ord)] Level(u8);
    #[derive(Eq, PartialOrd, Ord)] Label(String);
    OfKind(CustomerKind);
    OfMessage(Others);
    // Whole messages.
    Ids(Vec<Id>);
    Labels(BTreeMap<String, Label>);
    Again(OfMessage);
    OnHeap(Box<Others>);
}

/// Is its content, which has a name.
#[structure]
#[derive(Eq, PartialOrd, Ord)]
#[serde(transparent)]
pub struct Named {
    pub value: i64,
    /// Not in messages.
    pub of: PhantomData<Others>,
}

impl Any for Named {
    fn any(random: &mut Random) -> Self {
        Self { value: Any::any(random), of: PhantomData }
    }
}

/// Is its content, which is a parameter.
#[structure]
pub struct Generic<T>(pub T);

impl<T: Any> Any for Generic<T> {
    fn any(random: &mut Random) -> Self {
        Self(Any::any(random))
    }
}

/// A tuple.
#[structure]
pub struct Position(pub f64, pub Option<String>);

impl Any for CustomerKind {
    fn any(random: &mut Random) -> Self {
        [Self::Retail, Self::Trade, Self::SplitMode, Self::HTTPServer]
            [usize::from(u8::any(random) % 4)]
    }
}

impl Any for Late {
    fn any(random: &mut Random) -> Self {
        if Any::any(random) { Self::First } else { Self::Second }
    }
}

impl Any for Payment {
    fn any(random: &mut Random) -> Self {
        match random.below(6) {
            0 => Self::Cash,
            1 => Self::Invoice(Any::any(random)),
            2 => Self::Card {
                number: Any::any(random),
                digits: Any::any(random),
                kind: Any::any(random),
            },
            3 => Self::Pair(Any::any(random), Any::any(random)),
            4 => Self::Lines(Any::any(random)),
            // Not `Any::any`: the recursion might not end.
            _ => Self::Split(Box::new(Self::Invoice(Any::any(random)))),
        }
    }
}

impl Any for Reply {
    fn any(random: &mut Random) -> Self {
        if Any::any(random) { Self::Text(Any::any(random)) } else { Self::Nothing }
    }
}

impl Any for Position {
    fn any(random: &mut Random) -> Self {
        Self(Any::any(random), Any::any(random))
    }
}

/// Calls `$with!` for each of the structures.
#[macro_export]
macro_rules! each_shape {
    ($with:ident) => {
        $with! {
            Integers Encodings Others Lists Options Maps Nested Times Tree Defaulted Choices Flattened Names Empty Payment
            Newtypes
        }
    };
}

macro_rules! all {
    ($($name:ident)*) => {
        /// All structures, so that the schema of one model contains them.
        #[allow(non_snake_case)]
        #[structure]
        pub struct All { $( pub $name: Option<$name>, )* }
    };
}
each_shape!(all);

/// A model of all structures: the other implementations use its schema.
#[model]
fn all(state: State<All>) -> State<All> {
    state
}

/// Calls `$with!` for each type that is a message as a whole, with the name of the message.
#[macro_export]
macro_rules! each_whole_message {
    ($with:ident) => {
        $with! { id: Id, level: Level, label: Label, of_kind: OfKind, ids: Ids, labels: Labels, again: Again, on_heap: OnHeap,
            named: Named, generic: Generic<Vec<Label>>, position: Position }
    };
}

macro_rules! models {
    ($($name:ident: $type:ty),*) => {$(
        #[model]
        fn $name(state: State<$type>) -> State<$type> {
            state
        }
    )*};
}
each_whole_message!(models);

//! `TestAllTypesProto3` as a structure. Fields of other types are preserved as unknown: the wrappers, `FieldMask`, `Struct`,
//! `Any`, `Value` and `NullValue`.

// The names of the suite are tested.
#![allow(non_snake_case, non_camel_case_types, missing_docs)]

use std::collections::BTreeMap;

use athena_rt::structure;
use athena_rt::structure::wire::UnknownFields;

use super::carried::{
    Aliased, Empty, Foreign, ForeignMessage, Implicit, Int32, Moment, Nested, Open, SInt32, Span,
    UInt32,
};

#[structure]
pub struct TestAllTypesProto3 {
    #[field(1)]
    optional_int32: Implicit<Int32>,
    #[field(2)]
    optional_int64: Implicit<i64>,
    #[field(3)]
    optional_uint32: Implicit<UInt32>,
    #[field(4)]
    optional_uint64: Implicit<u64>,
    #[field(5, sint)]
    optional_sint32: Implicit<SInt32>,
    #[field(6, sint)]
    optional_sint64: Implicit<i64>,
    #[field(7, fixed)]
    optional_fixed32: Implicit<u32>,
    #[field(8, fixed)]
    optional_fixed64: Implicit<u64>,
    #[field(9, fixed)]
    optional_sfixed32: Implicit<i32>,
    #[field(10, fixed)]
    optional_sfixed64: Implicit<i64>,
    #[field(11)]
    optional_float: Implicit<f32>,
    #[field(12)]
    optional_double: Implicit<f64>,
    #[field(13)]
    optional_bool: Implicit<bool>,
    #[field(14)]
    optional_string: Implicit<String>,
    #[field(15)]
    optional_bytes: Implicit<Vec<u8>>,
    #[field(18)]
    optional_nested_message: Option<NestedProto3>,
    #[field(19)]
    optional_foreign_message: Option<ForeignMessage>,
    #[field(21)]
    optional_nested_enum: Implicit<Open<Nested>>,
    #[field(22)]
    optional_foreign_enum: Implicit<Open<Foreign>>,
    #[field(23)]
    optional_aliased_enum: Implicit<Open<Aliased>>,
    #[field(24)]
    optional_string_piece: Implicit<String>,
    #[field(25)]
    optional_cord: Implicit<String>,
    #[field(27)]
    recursive_message: Option<Box<TestAllTypesProto3>>,
    #[field(31)]
    repeated_int32: Vec<Int32>,
    #[field(32)]
    repeated_int64: Vec<i64>,
    #[field(33)]
    repeated_uint32: Vec<UInt32>,
    #[field(34)]
    repeated_uint64: Vec<u64>,
    #[field(35, sint)]
    repeated_sint32: Vec<SInt32>,
    #[field(36, sint)]
    repeated_sint64: Vec<i64>,
    #[field(37, fixed)]
    repeated_fixed32: Vec<u32>,
    #[field(38, fixed)]
    repeated_fixed64: Vec<u64>,
    #[field(39, fixed)]
    repeated_sfixed32: Vec<i32>,
    #[field(40, fixed)]
    repeated_sfixed64: Vec<i64>,
    #[field(41)]
    repeated_float: Vec<f32>,
    #[field(42)]
    repeated_double: Vec<f64>,
    #[field(43)]
    repeated_bool: Vec<bool>,
    #[field(44)]
    repeated_string: Vec<String>,
    #[field(45)]
    repeated_bytes: Vec<Vec<u8>>,
    #[field(48)]
    repeated_nested_message: Vec<NestedProto3>,
    #[field(49)]
    repeated_foreign_message: Vec<ForeignMessage>,
    #[field(51)]
    repeated_nested_enum: Vec<Open<Nested>>,
    #[field(52)]
    repeated_foreign_enum: Vec<Open<Foreign>>,
    #[field(54)]
    repeated_string_piece: Vec<String>,
    #[field(55)]
    repeated_cord: Vec<String>,
    #[field(75)]
    packed_int32: Vec<Int32>,
    #[field(76)]
    packed_int64: Vec<i64>,
    #[field(77)]
    packed_uint32: Vec<UInt32>,
    #[field(78)]
    packed_uint64: Vec<u64>,
    #[field(79, sint)]
    packed_sint32: Vec<SInt32>,
    #[field(80, sint)]
    packed_sint64: Vec<i64>,
    #[field(81, fixed)]
    packed_fixed32: Vec<u32>,
    #[field(82, fixed)]
    packed_fixed64: Vec<u64>,
    #[field(83, fixed)]
    packed_sfixed32: Vec<i32>,
    #[field(84, fixed)]
    packed_sfixed64: Vec<i64>,
    #[field(85)]
    packed_float: Vec<f32>,
    #[field(86)]
    packed_double: Vec<f64>,
    #[field(87)]
    packed_bool: Vec<bool>,
    #[field(88)]
    packed_nested_enum: Vec<Open<Nested>>,
    #[field(89)]
    unpacked_int32: Vec<Int32>,
    #[field(90)]
    unpacked_int64: Vec<i64>,
    #[field(91)]
    unpacked_uint32: Vec<UInt32>,
    #[field(92)]
    unpacked_uint64: Vec<u64>,
    #[field(93, sint)]
    unpacked_sint32: Vec<SInt32>,
    #[field(94, sint)]
    unpacked_sint64: Vec<i64>,
    #[field(95, fixed)]
    unpacked_fixed32: Vec<u32>,
    #[field(96, fixed)]
    unpacked_fixed64: Vec<u64>,
    #[field(97, fixed)]
    unpacked_sfixed32: Vec<i32>,
    #[field(98, fixed)]
    unpacked_sfixed64: Vec<i64>,
    #[field(99)]
    unpacked_float: Vec<f32>,
    #[field(100)]
    unpacked_double: Vec<f64>,
    #[field(101)]
    unpacked_bool: Vec<bool>,
    #[field(102)]
    unpacked_nested_enum: Vec<Open<Nested>>,
    #[field(56)]
    map_int32_int32: BTreeMap<i32, Int32>,
    #[field(57)]
    map_int64_int64: BTreeMap<i64, i64>,
    #[field(58)]
    map_uint32_uint32: BTreeMap<u32, UInt32>,
    #[field(59)]
    map_uint64_uint64: BTreeMap<u64, u64>,
    #[field(60, sint)]
    map_sint32_sint32: BTreeMap<i32, i32>,
    #[field(61, sint)]
    map_sint64_sint64: BTreeMap<i64, i64>,
    #[field(62, fixed)]
    map_fixed32_fixed32: BTreeMap<u32, u32>,
    #[field(63, fixed)]
    map_fixed64_fixed64: BTreeMap<u64, u64>,
    #[field(64, fixed)]
    map_sfixed32_sfixed32: BTreeMap<i32, i32>,
    #[field(65, fixed)]
    map_sfixed64_sfixed64: BTreeMap<i64, i64>,
    #[field(66)]
    map_int32_float: BTreeMap<i32, f32>,
    #[field(67)]
    map_int32_double: BTreeMap<i32, f64>,
    #[field(68)]
    map_bool_bool: BTreeMap<bool, bool>,
    #[field(69)]
    map_string_string: BTreeMap<String, String>,
    #[field(70)]
    map_string_bytes: BTreeMap<String, Vec<u8>>,
    #[field(71)]
    map_string_nested_message: BTreeMap<String, NestedProto3>,
    #[field(72)]
    map_string_foreign_message: BTreeMap<String, ForeignMessage>,
    #[field(73)]
    map_string_nested_enum: BTreeMap<String, Open<Nested>>,
    #[field(74)]
    map_string_foreign_enum: BTreeMap<String, Open<Foreign>>,
    #[oneof]
    oneof_field: Option<OneofProto3>,
    #[field(301)]
    optional_duration: Option<Span>,
    #[field(302)]
    optional_timestamp: Option<Moment>,
    #[field(308)]
    optional_empty: Option<Empty>,
    #[field(311)]
    repeated_duration: Vec<Span>,
    #[field(312)]
    repeated_timestamp: Vec<Moment>,
    #[field(318)]
    repeated_empty: Vec<Empty>,
    #[field(401)]
    fieldname1: Implicit<Int32>,
    #[field(402)]
    field_name2: Implicit<Int32>,
    #[field(403)]
    _field_name3: Implicit<Int32>,
    #[field(404)]
    field__name4_: Implicit<Int32>,
    #[field(405)]
    field0name5: Implicit<Int32>,
    #[field(406)]
    field_0_name6: Implicit<Int32>,
    #[field(407)]
    fieldName7: Implicit<Int32>,
    #[field(408)]
    FieldName8: Implicit<Int32>,
    #[field(409)]
    field_Name9: Implicit<Int32>,
    #[field(410)]
    Field_Name10: Implicit<Int32>,
    #[field(411)]
    FIELD_NAME11: Implicit<Int32>,
    #[field(412)]
    FIELD_name12: Implicit<Int32>,
    #[field(413)]
    __field_name13: Implicit<Int32>,
    #[field(414)]
    __Field_name14: Implicit<Int32>,
    #[field(415)]
    field__name15: Implicit<Int32>,
    #[field(416)]
    field__Name16: Implicit<Int32>,
    #[field(417)]
    field_name17__: Implicit<Int32>,
    #[field(418)]
    Field_name18__: Implicit<Int32>,
    #[unknown]
    pub rest: UnknownFields,
}

#[structure]
pub enum OneofProto3 {
    #[field(111)]
    oneof_uint32(UInt32),
    #[field(112)]
    oneof_nested_message(NestedProto3),
    #[field(113)]
    oneof_string(String),
    #[field(114)]
    oneof_bytes(Vec<u8>),
    #[field(115)]
    oneof_bool(bool),
    #[field(116)]
    oneof_uint64(u64),
    #[field(117)]
    oneof_float(f32),
    #[field(118)]
    oneof_double(f64),
    #[field(119)]
    oneof_enum(Open<Nested>),
}

#[structure]
pub struct NestedProto3 {
    #[field(1)]
    a: Option<Int32>,
    #[field(2)]
    corecursive: Option<Box<TestAllTypesProto3>>,
}

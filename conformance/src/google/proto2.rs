//! `TestAllTypesProto2` as a structure. Fields of other types are preserved as unknown: groups, the message set and
//! extensions.

// The names of the suite are tested.
#![allow(non_snake_case, non_camel_case_types, missing_docs)]

use std::collections::BTreeMap;

use athena_rt::structure;
use athena_rt::structure::wire::UnknownFields;

use super::carried::{Foreign, ForeignMessage, Int32, Nested, Open, SInt32, UInt32};

#[structure]
pub struct TestAllTypesProto2 {
    #[field(1)]
    optional_int32: Option<Int32>,
    #[field(2)]
    optional_int64: Option<i64>,
    #[field(3)]
    optional_uint32: Option<UInt32>,
    #[field(4)]
    optional_uint64: Option<u64>,
    #[field(5, sint)]
    optional_sint32: Option<SInt32>,
    #[field(6, sint)]
    optional_sint64: Option<i64>,
    #[field(7, fixed)]
    optional_fixed32: Option<u32>,
    #[field(8, fixed)]
    optional_fixed64: Option<u64>,
    #[field(9, fixed)]
    optional_sfixed32: Option<i32>,
    #[field(10, fixed)]
    optional_sfixed64: Option<i64>,
    #[field(11)]
    optional_float: Option<f32>,
    #[field(12)]
    optional_double: Option<f64>,
    #[field(13)]
    optional_bool: Option<bool>,
    #[field(14)]
    optional_string: Option<String>,
    #[field(15)]
    optional_bytes: Option<Vec<u8>>,
    #[field(18)]
    optional_nested_message: Option<NestedProto2>,
    #[field(19)]
    optional_foreign_message: Option<ForeignMessage>,
    #[field(21)]
    optional_nested_enum: Option<Open<Nested>>,
    #[field(22)]
    optional_foreign_enum: Option<Open<Foreign>>,
    #[field(24)]
    optional_string_piece: Option<String>,
    #[field(25)]
    optional_cord: Option<String>,
    #[field(27)]
    recursive_message: Option<Box<TestAllTypesProto2>>,
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
    repeated_nested_message: Vec<NestedProto2>,
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
    #[field(104)]
    map_int32_bool: BTreeMap<i32, bool>,
    #[field(66)]
    map_int32_float: BTreeMap<i32, f32>,
    #[field(67)]
    map_int32_double: BTreeMap<i32, f64>,
    #[field(103)]
    map_int32_nested_message: BTreeMap<i32, NestedProto2>,
    #[field(68)]
    map_bool_bool: BTreeMap<bool, bool>,
    #[field(69)]
    map_string_string: BTreeMap<String, String>,
    #[field(70)]
    map_string_bytes: BTreeMap<String, Vec<u8>>,
    #[field(71)]
    map_string_nested_message: BTreeMap<String, NestedProto2>,
    #[field(72)]
    map_string_foreign_message: BTreeMap<String, ForeignMessage>,
    #[field(73)]
    map_string_nested_enum: BTreeMap<String, Open<Nested>>,
    #[field(74)]
    map_string_foreign_enum: BTreeMap<String, Open<Foreign>>,
    #[oneof]
    oneof_field: Option<OneofProto2>,
    #[field(241)]
    default_int32: Option<Int32>,
    #[field(242)]
    default_int64: Option<i64>,
    #[field(243)]
    default_uint32: Option<UInt32>,
    #[field(244)]
    default_uint64: Option<u64>,
    #[field(245, sint)]
    default_sint32: Option<SInt32>,
    #[field(246, sint)]
    default_sint64: Option<i64>,
    #[field(247, fixed)]
    default_fixed32: Option<u32>,
    #[field(248, fixed)]
    default_fixed64: Option<u64>,
    #[field(249, fixed)]
    default_sfixed32: Option<i32>,
    #[field(250, fixed)]
    default_sfixed64: Option<i64>,
    #[field(251)]
    default_float: Option<f32>,
    #[field(252)]
    default_double: Option<f64>,
    #[field(253)]
    default_bool: Option<bool>,
    #[field(254)]
    default_string: Option<String>,
    #[field(255)]
    default_bytes: Option<Vec<u8>>,
    #[field(401)]
    fieldname1: Option<Int32>,
    #[field(402)]
    field_name2: Option<Int32>,
    #[field(403)]
    _field_name3: Option<Int32>,
    #[field(404)]
    field__name4_: Option<Int32>,
    #[field(405)]
    field0name5: Option<Int32>,
    #[field(406)]
    field_0_name6: Option<Int32>,
    #[field(407)]
    fieldName7: Option<Int32>,
    #[field(408)]
    FieldName8: Option<Int32>,
    #[field(409)]
    field_Name9: Option<Int32>,
    #[field(410)]
    Field_Name10: Option<Int32>,
    #[field(411)]
    FIELD_NAME11: Option<Int32>,
    #[field(412)]
    FIELD_name12: Option<Int32>,
    #[field(413)]
    __field_name13: Option<Int32>,
    #[field(414)]
    __Field_name14: Option<Int32>,
    #[field(415)]
    field__name15: Option<Int32>,
    #[field(416)]
    field__Name16: Option<Int32>,
    #[field(417)]
    field_name17__: Option<Int32>,
    #[field(418)]
    Field_name18__: Option<Int32>,
    #[unknown]
    pub rest: UnknownFields,
}

#[structure]
pub enum OneofProto2 {
    #[field(111)]
    oneof_uint32(UInt32),
    #[field(112)]
    oneof_nested_message(NestedProto2),
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
pub struct NestedProto2 {
    #[field(1)]
    a: Option<Int32>,
    #[field(2)]
    corecursive: Option<Box<TestAllTypesProto2>>,
}

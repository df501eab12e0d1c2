#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::import;

fn imported(proto: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.proto");
    std::fs::write(&path, proto).unwrap();
    import(&[path], &[]).map_err(|error| error.to_line())
}

#[test]
fn everything_a_message_can_have_is_imported() {
    let text = imported(
        r#"syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";

// A line of an order.
message Line { string sku = 1; uint32 quantity = 4; }

// An order.
//
// With lines.
message Order {
  reserved 9, 20 to 21;
  reserved "old";
  int64 id = 1; // its number
  repeated Line lines = 2;
  map<string, sint32> stock = 3;
  map<fixed32, sfixed64> seals = 15;
  oneof payment {
    // By card.
    string card = 5;
    bool cash = 6;
    Order swap = 12;
  }
  State state = 7;
  enum State { STATE_UNSPECIFIED = 0; STATE_OPEN = 1; }
  optional double total = 8;
  google.protobuf.Timestamp placed = 10;
  Order parent = 11;
  bytes type = 13;
  fixed64 stamp = 14;
}
"#,
    )
    .unwrap();
    assert_eq!(text, include_str!("golden.txt"));
}

#[test]
fn lists_of_bytes_and_of_messages_that_recurse_are_lists() {
    let text = imported(
        "syntax = \"proto3\"; message A { repeated bytes raw = 1; repeated A more = 2; sint32 c = 3; }",
    )
    .unwrap();
    assert!(text.contains("pub raw: Vec<Vec<u8>>,\n"), "{text}");
    assert!(text.contains("pub more: Vec<A>,\n"), "{text}");
    assert!(text.contains("#[field(3, sint, implicit)]\n    #[default(0)]\n"), "{text}");
}

#[test]
fn what_can_not_be_imported_is_named() {
    let negative = "syntax = \"proto2\"; enum Level { LOW = -1; HIGH = 1; }";
    let error = imported(&negative.replace("LOW", "\nLOW")).unwrap_err();
    assert!(error.starts_with("shop.proto:2: Level: the number -1 of `LOW`"), "{error}");
    let group = "syntax = \"proto2\"; message A { optional group B = 1 { optional int32 c = 2; } }";
    let error = imported(&group.replace("optional group", "\n\noptional group")).unwrap_err();
    assert!(error.starts_with("shop.proto:3: .A: the group"), "{error}");
    let broken = "syntax = \"proto3\"; message A { int32 a = ; }";
    assert!(imported(broken).unwrap_err().contains("shop.proto"));
    let unknown = "syntax = \"proto3\"; message A { Missing a = 1; }";
    assert!(imported(unknown).unwrap_err().contains("Missing"));
}

#[test]
fn features_of_editions_that_mean_something_else_are_refused_with_their_line() {
    let path = std::path::Path::new("shop.proto");
    let refused = |text: &str| super::compile::check_features(path, text).unwrap_err().to_line();
    for (line, name) in [
        ("option features.field_presence = IMPLICIT;", "features.field_presence = IMPLICIT"),
        ("int32 a = 1 [features.field_presence=LEGACY_REQUIRED];", "LEGACY_REQUIRED"),
        ("A b = 2 [features.message_encoding = DELIMITED];", "DELIMITED"),
        ("option features.(pb.cpp).string_type = VIEW;", "features."),
        ("option features = { field_presence: IMPLICIT };", "a block of features"),
    ] {
        let error = refused(&format!("edition = \"2023\";\n{line}\n"));
        assert!(error.contains("shop.proto:2: ") && error.contains(name), "{error}");
    }
    let same = "option features.enum_type = CLOSED; // features.field_presence = IMPLICIT\n\
                int32 a = 1 [features.field_presence = EXPLICIT, features.repeated_field_encoding = EXPANDED];";
    super::compile::check_features(path, same).unwrap();
}

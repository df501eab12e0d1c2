//! `cargo athena schema`, and the lock of schemas that `record` writes and `test` compares.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use protox::prost_reflect::{DynamicMessage, MapKey};

use crate::support::{LIBRARY, Project, TEST_TARGET, manifest};

const FIELD: &str = "    pub value: i64,\n";

/// A package with one case and its lock. Each test has its own: they share what is built.
fn locked(name: &str) -> Project {
    let project = Project::library(name);
    project.athena(&["record", "double", "--case", "three", "-m", "{\"value\":3}"]).exits(0);
    project
}

#[test]
fn a_schema_is_printed_in_each_format_and_nothing_else_is() {
    let project = Project::library("printed");
    let printed = project.athena(&["schema", "double"]);
    printed.exits(0);
    assert!(
        printed.out.contains("optional int64 value = 1 [default = 1]; // i64 = 1\n"),
        "{}",
        printed.out
    );
    assert!(printed.out.contains("// What is doubled.\n"), "{}", printed.out);
    let printed = project.athena(&["schema", "printed::double", "--format", "json-schema"]);
    let schema: serde_json::Value = serde_json::from_str(&printed.exits(0).out).unwrap();
    assert_eq!(schema["$defs"]["Number"]["properties"]["value"]["default"], 1);
    let printed = project.athena(&["schema", "double", "--format", "text"]);
    assert!(printed.exits(0).out.contains("1  value: i64 = 1  -- What is doubled."));
    project.athena(&["schema", "no_such"]).exits(2);
    // Without a name, all models of the program: a service each.
    let more = "\n#[model]\nfn same(state: State<Number>) -> State<Number> {\n    state\n}\n";
    project.write("src/lib.rs", &format!("{LIBRARY}{more}"));
    let all = project.athena(&["schema"]);
    assert!(all.exits(0).out.contains("service SameService {"), "{}", all.out);
    project.athena(&["schema", "--format", "json-schema"]).exits(2);
}

#[test]
fn a_compatible_change_passes_says_so_and_is_renewed_by_record() {
    let project = locked("compatible");
    let path = "fixtures/compatible/schema.proto";
    let lock = project.read(path);
    project.athena(&["test", "--locked-schema"]).exits(0).never_says("is out of date");
    project.edit("src/lib.rs", FIELD, "    pub value: i64,\n    pub more: Option<u8>,\n");
    let replay = project.athena(&["test"]);
    replay.exits(0).says("is out of date").says("Number.more is new");
    assert!(replay.err.contains("is out of date"), "{}", replay.err);
    let last: Vec<&str> = replay.out.lines().rev().take(2).collect();
    assert_eq!(last, ["1 case: 1 passed, 0 failed", "schema: 1 checked, 0 failed"]);
    project
        .athena(&["test", "--locked-schema"])
        .exits(1)
        .says("schema::compatible")
        .says("1 case: 1 passed, 0 failed");
    assert_eq!(project.read(path), lock, "test writes nothing");
    project.athena(&["record", "--rerecord"]).exits(0).says("changed the schema");
    assert!(project.read(path).contains("optional uint32 more = 2; // Option<u8>"));
    project.athena(&["test", "--locked-schema"]).exits(0);
    project.edit("src/lib.rs", "/// A number.", "/// Some number.");
    project.athena(&["test", "--locked-schema"]).exits(0);
}

#[test]
fn a_breaking_change_fails_and_is_not_laundered_by_recording() {
    let project = locked("breaking");
    let path = "fixtures/breaking/schema.proto";
    let lock = project.read(path);
    project.edit("src/lib.rs", FIELD, "    pub value: i32,\n");
    let replay = project.athena(&["test"]);
    replay
        .exits(1)
        .says("schema::breaking")
        .says("Number.value: i64 = 1 -> i32 = 1 (field-narrowed)")
        .says("breaks: stored messages, JSON")
        .says("--accept-breaking")
        .says("schema: 1 checked, 1 failed");
    assert_eq!(replay.out.lines().last(), Some("1 case: 1 passed, 0 failed"));
    project.athena(&["test", "three"]).exits(0).never_says("schema:");
    project.athena(&["test", "schema::"]).exits(1).says("field-narrowed");
    project.athena(&["test", "--exact", "schema::breaking"]).exits(1).says("field-narrowed");

    let record = ["record", "double", "--case", "four", "-m", "{\"value\":4}"];
    project.athena(&record).exits(1).says("field-narrowed").says("--accept-breaking");
    project.athena(&["record", "--rerecord"]).exits(1).says("field-narrowed");
    assert_eq!(project.read(path), lock);
    assert!(!project.has("fixtures/breaking/double/four.json"));
    project.athena(&[&record[..], &["--accept-breaking"]].concat()).exits(0);
    assert!(project.has("fixtures/breaking/double/four.json"));
    project.athena(&["test", "--locked-schema"]).exits(0);
}

#[test]
fn a_lock_that_can_not_be_read_is_a_broken_file() {
    let project = locked("broken_lock");
    let path = "fixtures/broken_lock/schema.proto";
    let lock = project.read(path);
    project.write(path, &lock.replace("message Number", "<<<<<<< HEAD\nmessage Number"));
    project.athena(&["test"]).exits(2).says("schema.proto:").says("a conflict marker");
    let case = ["record", "double", "--case", "five"];
    project.athena(&case).exits(2).says("a conflict marker");
    project.write(path, &lock.replace("int64 value", "int32 value"));
    project.athena(&["test"]).exits(2).says("edited by hand");
    std::fs::remove_file(project.path(path)).unwrap();
    project.athena(&["test"]).exits(0).says("no schema is recorded");
    project.athena(&["test", "--locked-schema"]).exits(1);
    project.athena(&case).exits(0).says("recorded the schema");
    assert_eq!(project.read(path), lock);
}

#[test]
fn plain_cargo_test_checks_the_lock_as_well() {
    let project = locked("plainly");
    project.cargo(&["test"]).exits(0).says("schema::plainly");
    project.edit("src/lib.rs", FIELD, "    #[field(2)]\n    pub value: i64,\n");
    project.cargo(&["test"]).exits(101).says("field-renumbered");
    project.cargo(&["test", "--test", "athena", "--", "--exact", "schema::plainly"]).exits(101);
}

#[test]
fn models_of_several_runners_share_a_lock_and_none_is_taken_for_gone() {
    let one = |name: &str| {
        let text = LIBRARY.replace("fn double", &format!("fn {name}")).replace("Number", name);
        format!("#![allow(non_camel_case_types)]\n{text}\nathena_rt::main!();\n")
    };
    let project = Project::new()
        .file("Cargo.toml", &manifest("shared", "", ""))
        .file("src/bin/first.rs", &one("first"))
        .file("src/bin/second.rs", &one("second"));
    project.athena(&["record", "first", "--case", "one"]).exits(0);
    project.athena(&["record", "second", "--case", "one"]).exits(0);
    let lock = project.read("fixtures/shared/schema.proto");
    assert!(lock.contains("message first {") && lock.contains("message second {"), "{lock}");
    project.athena(&["test", "--locked-schema"]).exits(0).says("schema: 2 checked, 0 failed");
    project.athena(&["test", "--bin", "first", "--locked-schema"]).exits(0);
    std::fs::remove_file(project.path("src/bin/second.rs")).unwrap();
    std::fs::remove_dir_all(project.path("fixtures/shared/second")).unwrap();
    project.athena(&["test"]).exits(1).says("second").says("message-dropped");
    project.athena(&["record", "first", "--case", "one"]).exits(1);
    project.athena(&["record", "first", "--case", "one", "--accept-breaking"]).exits(0);
    project.athena(&["test", "--locked-schema"]).exits(0);
    assert!(!project.read("fixtures/shared/schema.proto").contains("second"));
}

#[test]
fn a_runner_that_links_all_models_checks_the_package_alone() {
    let project = Project::library("alone")
        .file("src/main.rs", "use alone as _;\nathena_rt::main!(alone);\n");
    assert!(project.read("Cargo.toml").contains(TEST_TARGET.trim()));
    project.athena(&["record", "double", "--case", "one"]).exits(0);
    project.athena(&["test"]).exits(0).says("schema: 1 checked, 0 failed");
}

/// A structure with every type in every place, and a message of it.
const EVERYTHING: &str = "use std::collections::BTreeMap;
use std::time::Duration;

use athena_rt::Timestamp;
use athena_rt::prelude::*;

#[structure]
pub enum Mode { #[field(3)] Both, #[field(0)] One, #[field(1)] Other }

#[structure]
pub enum Choice { Nothing, Many(Vec<f64>), Pair(i64, Mode), Fields { at: Option<u8>, mode: Mode } }

#[structure]
pub struct Id(u64);

#[structure]
pub struct Everything {
    flag: bool, tiny: i8, small: u16, #[field(sint)] zigzag: i32, #[field(fixed)] fixed: u64,
    #[field(fixed)] fixed_list: Vec<i32>, single: f32, double: f64, text: String, bytes: Vec<u8>,
    #[default(vec![7, 8])] numbers: Vec<i64>,
    #[default(5)] maybe: Option<i64>,
    four: [u8; 4], three: [f64; 3], lists: Vec<Vec<f64>>, options: Vec<Option<u8>>, list: Option<Vec<String>>,
    by_number: BTreeMap<u64, Vec<i64>>, by_flag: BTreeMap<bool, BTreeMap<String, f64>>, modes: BTreeMap<String, Mode>,
    mode_list: Vec<Mode>, pair: (i64, String), triples: Vec<(i64, Option<f32>, Vec<u8>)>, boxed: Box<Vec<i64>>,
    took: Duration, at: Timestamp, times: Vec<Timestamp>, choice: Choice, choices: Vec<Choice>, id: Id,
    inner: Option<Box<Everything>>, #[field(40)] r#type: String, größe: i64,
}

#[model]
fn pass(state: State<Everything>) -> State<Everything> { state }

athena_rt::main!();
";

const PLAIN: &str = r#"{"flag":true,"tiny":-8,"small":65535,"zigzag":-5,"fixed":18446744073709551615,"fixed_list":[-1,2],"single":0.5,"double":-2.5e+300,"text":"Zoë","bytes":"AP8=","numbers":[],"maybe":null,"four":"AQIDBA==","three":[1.0,2.0,3.0],"lists":[[1.5],[],[2.5,3.5]],"options":[1,null,0],"list":[],"by_number":{"7":[1,-1],"9":[]},"by_flag":{"true":{"a":1.5}},"modes":{"a":"Both","b":"One"},"mode_list":["Both","One","Other"],"pair":[-7,"x"],"triples":[[1,null,"AQ=="],[2,0.5,""]],"boxed":[],"took":"1.500s","at":"2026-11-22T19:00:00Z","times":["1970-01-01T00:00:00Z"],"choice":{"Pair":[3,"Other"]},"choices":["Nothing",{"Many":[]},{"Many":[1.0]},{"Fields":{"at":1,"mode":"Both"}}],"id":12,"type":"t","größe":1"#;

/// protoc in a folder.
fn protoc(project: &Project, arguments: &[&str], stdin: &str) -> Vec<u8> {
    let done = std::process::Command::new("protoc")
        .args(arguments)
        .current_dir(project.path(""))
        .stdin(std::fs::File::open(project.path(stdin)).unwrap())
        .output()
        .expect("protoc is needed: apt-get install -y protobuf-compiler");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

#[test]
fn protoc_reads_and_writes_every_type_by_the_schema_as_we_do() {
    let project = Project::new()
        .file("Cargo.toml", &manifest("everything", "", ""))
        .file("src/main.rs", EVERYTHING)
        .file("plain.json", &format!("{PLAIN}}}"))
        .file("message.json", &format!("{PLAIN},\"inner\":{PLAIN}}}}}"));
    let schema = project.athena(&["schema", "pass"]);
    project.write("schema.proto", &schema.exits(0).out);
    for message in ["plain.json", "message.json"] {
        let json = project.athena(&["run", "pass", "-m", message]);
        json.exits(0);
        let run = ["run", "pass", "-m", message, "--output-format", "protobuf"];
        std::fs::write(project.path("message.bin"), project.athena_bytes(&run)).unwrap();
        let text =
            protoc(&project, &["--decode=everything.Everything", "schema.proto"], "message.bin");
        std::fs::write(project.path("message.txt"), &text).unwrap();
        let shown = String::from_utf8_lossy(&text);
        assert!(
            !shown.lines().any(|line| line.trim().starts_with(|c: char| c.is_ascii_digit())),
            "{shown}"
        );
        let back =
            protoc(&project, &["--encode=everything.Everything", "schema.proto"], "message.txt");
        std::fs::write(project.path("back.bin"), back).unwrap();
        let run = ["run", "pass", "-m", "back.bin", "--input-format", "protobuf"];
        project.athena(&run).exits(0).prints(&json.out);
    }
}

#[test]
fn types_of_one_name_in_two_modules_or_two_programs_are_two() {
    let module = |name: &str, field: &str, model: &str| {
        format!(
            "mod {name} {{ use athena_rt::prelude::*; #[structure] struct Sample {{ {field} }} \
             #[model] fn {model}(state: State<Sample>) -> State<Sample> {{ state }} }}\n"
        )
    };
    let (one, two) = (module("b", "a: i64", "one"), module("a", "b: String, c: bool", "two"));
    let end = "athena_rt::main!();\n";
    let project = Project::new()
        .file("Cargo.toml", &manifest("modules", "", ""))
        .file("src/main.rs", &format!("{one}{end}"));
    project.athena(&["record", "one", "--case", "x", "-m", "{\"a\":1}"]).exits(0);
    project.write("src/main.rs", &format!("{two}{one}{end}"));
    project.athena(&["test"]).exits(0);
    project.athena(&["record", "two", "--case", "y", "-m", "{\"b\":\"x\",\"c\":true}"]).exits(0);
    let lock = project.read("fixtures/modules/schema.proto");
    assert!(lock.contains("message Sample { // model: modules::b::one (in, out)"), "{lock}");
    assert!(lock.contains("message Sample2 { // model: modules::a::two (in, out)"), "{lock}");
    project.athena(&["test", "--locked-schema"]).exits(0);
    // Another program of the package has a type of that name.
    let example = module("c", "d: f64", "three");
    project.write("examples/show.rs", &format!("{example}{end}"));
    project.athena(&["record", "three", "--case", "z", "-m", "{\"d\":1.5}"]).exits(0);
    project.athena(&["test", "--locked-schema"]).exits(0);
    project.edit("src/main.rs", "a: i64", "a: String");
    project.athena(&["test"]).exits(1).says("Sample.a").says("field-retyped");
}

#[test]
fn a_proto_file_becomes_structures_whose_bytes_others_read() {
    let proto = "syntax = \"proto3\";
package shop;
// A line.
message Line { string sku = 1; uint32 quantity = 4; }
message Order {
  int64 id = 1;
  repeated Line lines = 2;
  map<string, int32> stock = 3;
  oneof payment { string card = 5; bool cash = 6; }
  State state = 7;
  enum State { STATE_UNSPECIFIED = 0; STATE_OPEN = 1; }
  optional double total = 9;
  Order parent = 10;
}
";
    let main = "use athena_rt::prelude::*;\nmod order;\n\
                #[model] fn same(state: State<order::Order>) -> State<order::Order> { state }\n\
                athena_rt::main!();\n";
    let project = Project::new()
        .file("Cargo.toml", &manifest("imported", "", ""))
        .file("shop.proto", proto)
        .file("src/main.rs", main);
    let import = ["schema", "import", "shop.proto", "--out", "src/order.rs"];
    project.athena(&import).exits(0).says("wrote src/order.rs");
    project.athena(&import).exits(2).says("src/order.rs exists");
    let message = "{\"id\":7,\"lines\":[{\"sku\":\"a\",\"quantity\":2}],\"stock\":{\"a\":-1},\
                   \"payment\":{\"Card\":\"x\"},\"state\":\"Open\",\"total\":1.5,\"parent\":{\"id\":6}}";
    let bytes =
        project.athena_bytes(&["run", "same", "-m", message, "--output-format", "protobuf"]);
    std::fs::write(project.path("order.bin"), &bytes).unwrap();
    let back = ["run", "same", "-m", "order.bin", "--input-format", "protobuf"];
    project.athena(&back).exits(0).says("\"stock\":{\"a\":-1},\"payment\":{\"Card\":\"x\"}");
    // Another reader finds the same by the original file.
    let set = protox::compile([project.path("shop.proto")], [project.path("")]).unwrap();
    let pool = protox::prost_reflect::DescriptorPool::from_file_descriptor_set(set).unwrap();
    let order = pool.get_message_by_name("shop.Order").unwrap();
    let read = DynamicMessage::decode(order, &bytes[..]).unwrap();
    let field = |message: &DynamicMessage, name: &str| {
        message.get_field_by_name(name).unwrap().into_owned()
    };
    let line = field(&read, "lines").as_list().unwrap()[0].as_message().unwrap().clone();
    assert_eq!(field(&line, "quantity").as_u32(), Some(2));
    let stock = field(&read, "stock");
    assert_eq!(stock.as_map().unwrap()[&MapKey::String("a".into())].as_i32(), Some(-1));
    assert_eq!(field(&read, "card").as_str(), Some("x"));
    assert_eq!(field(&read, "state").as_enum_number(), Some(1));
    assert_eq!(field(&read, "total").as_f64(), Some(1.5));
    let parent = field(&read, "parent");
    assert_eq!(field(parent.as_message().unwrap(), "id").as_i64(), Some(6));
}

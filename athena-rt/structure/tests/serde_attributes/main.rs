//! serde's attributes mean what they mean to serde, and everything else follows from them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "not every test uses each form")]
#[path = "../forms/mod.rs"]
mod forms;
mod twins;

use athena_rt::prelude::*;
use athena_rt::structure::{json, to_proto_json};
use athena_structure::schema::{SchemaBuilder, json_schema, parse, proto, text};
use athena_structure::{Part, redact};
use serde::{Deserialize, Serialize};

use self::forms::{gives_back, refused};

#[structure]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Package {
    name: String,
    #[serde(rename = "$schema", alias = "schema")]
    schema: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dev_dependencies: Vec<String>,
    #[serde(default = "one")]
    lock_version: u32,
    #[serde(default)]
    home_page: Option<String>,
    #[serde(default)]
    kind: Kind,
    #[secret]
    #[serde(alias = "password")]
    token: Option<String>,
}

fn one() -> u32 {
    1
}

#[derive(Serialize, Deserialize, Clone, Default)]
#[structure]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
enum Kind {
    #[default]
    PlainText,
    #[serde(rename = "md", alias = "markdown")]
    Markdown,
}

/// The derives stand above this line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[structure]
#[serde(rename_all = "snake_case", rename_all_fields = "kebab-case")]
enum Shipping {
    PickUp,
    #[serde(alias = "mail")]
    ByMail {
        post_code: String,
    },
    #[serde(rename_all = "UPPERCASE")]
    Courier {
        post_code: String,
    },
}

#[structure]
#[serde(default)]
struct Settings {
    retries: u32,
    shipping: Shipping,
    limit: Option<u8>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { retries: 3, shipping: Shipping::PickUp, limit: Some(7) }
    }
}

fn schema<T: Part>(name: &str) -> athena_structure::schema::Schema {
    let mut builder = SchemaBuilder::default();
    builder.model(name, T::shape, T::shape);
    builder.build("any")
}

const PACKAGE: &str =
    r#"{"name":"a","$schema":"s","devDependencies":["b"],"lockVersion":2,"kind":"md","token":"x"}"#;

#[test]
fn keys_are_those_that_serde_writes() {
    let package: Package = gives_back(PACKAGE);
    assert_eq!((package.lock_version, package.kind), (2, Kind::Markdown));
    let short: Package = json::decode(r#"{"name":"a","schema":"s","kind":"markdown"}"#).unwrap();
    assert_eq!((short.lock_version, short.home_page.is_none()), (1, true));
    assert_eq!(
        json::encode(&short).unwrap(),
        r#"{"name":"a","$schema":"s","lockVersion":1,"kind":"md"}"#
    );
    assert_eq!(
        to_proto_json(&short).unwrap(),
        r#"{"name":"a","$schema":"s","lockVersion":1,"kind":"KIND_MARKDOWN"}"#
    );
}

#[test]
fn variants_and_their_fields_are_renamed_whatever_derives_stand_above() {
    gives_back::<Shipping>(r#""pick_up""#);
    gives_back::<Shipping>(r#"{"by_mail":{"post-code":"1"}}"#);
    let shipping: Shipping = gives_back(r#"{"courier":{"POST_CODE":"1"}}"#);
    assert_eq!(serde_json::to_string(&shipping).unwrap(), r#"{"courier":{"POST_CODE":"1"}}"#);
    assert!(json::decode::<Shipping>(r#"{"mail":{"post-code":"1"}}"#).is_ok());
    // serde's own derive skips what it does not know; a message does not.
    let extra = r#"{"courier":{"POST_CODE":"1","more":2}}"#;
    assert!(serde_json::from_str::<Shipping>(extra).is_ok());
    assert_eq!(refused::<Shipping>(extra).pointer, "/courier/more");
}

#[test]
fn a_default_of_the_item_is_that_of_its_fields() {
    let settings: Settings = json::decode("{}").unwrap();
    assert_eq!(settings, Settings::default());
    gives_back::<Settings>(r#"{"retries":3,"shipping":"pick_up","limit":null}"#);
}

#[test]
fn errors_name_the_keys_of_json() {
    let unknown = refused::<Package>(r#"{"name":"a","$schema":"s","lockversion":2}"#);
    assert_eq!(unknown.reason, "unknown field `lockversion`, did you mean `lockVersion`?");
    let missing = refused::<Package>(r#"{"name":"a"}"#);
    assert_eq!(missing.reason, "missing field `$schema`");
    let twice = refused::<Package>(r#"{"name":"a","$schema":"s","schema":"t"}"#);
    assert_eq!(twice.reason, "duplicate field `$schema`");
    let wrong = refused::<Package>(r#"{"name":"a","$schema":"s","devDependencies":[1]}"#);
    assert_eq!(wrong.pointer, "/devDependencies/0");
    let variant = refused::<Package>(r#"{"name":"a","$schema":"s","kind":"PLAIN_TEXT"}"#);
    assert_eq!(
        variant.reason,
        "unknown variant `PLAIN_TEXT`, did you mean `PLAIN-TEXT`? known: `PLAIN-TEXT`, `md`"
    );
}

#[test]
fn a_secret_is_hidden_under_each_of_its_keys() {
    let described = athena_structure::description::TypeDescription::for_type::<Package>();
    let hidden = redact(r#"{"name":"a","$schema":"s","password":"hush"}"#, &described).unwrap();
    assert!(!hidden.contains("hush"), "{hidden}");
}

#[test]
fn the_lock_keeps_the_keys_beside_the_names() {
    for schema in [schema::<Package>("any::a"), schema::<Shipping>("any::b")] {
        assert_eq!(parse(&proto(&schema)).unwrap(), schema);
    }
    let lock = proto(&schema::<Package>("any::a"));
    for line in [
        r#"  optional string schema = 2 [json_name = "$schema"]; // String as "$schema", "schema", required"#,
        r#"  repeated string dev_dependencies = 3; // Vec<String> as "devDependencies" = []"#,
        r#"  KIND_PLAIN_TEXT = 0; // PlainText as "PLAIN-TEXT""#,
    ] {
        assert!(lock.lines().any(|written| written == line), "{line}\n{lock}");
    }
    assert!(text(&schema::<Package>("any::a")).contains("$schema or schema: String (required)"));
}

#[test]
fn the_json_schema_has_every_key() {
    let schema = json_schema(&schema::<Package>("any::a"), "any::a");
    let package = &schema["$defs"]["Package"];
    for key in ["$schema", "schema", "devDependencies", "token", "password"] {
        assert!(package["properties"].get(key).is_some(), "{key} in {package}");
    }
    assert_eq!(package["required"], serde_json::json!(["name"]));
    assert_eq!(
        package["allOf"][0]["anyOf"],
        serde_json::json!([{"required": ["$schema"]}, {"required": ["schema"]}])
    );
    assert_eq!(
        schema["$defs"]["Kind"]["enum"],
        serde_json::json!(["PLAIN-TEXT", "md", "markdown"])
    );
}

#[structure]
struct Contact {
    mail: String,
    home_phone: Option<String>,
}

/// It has a flattened field itself.
#[structure]
struct Person {
    first: String,
    #[serde(flatten)]
    contact: Contact,
}

#[structure]
struct Meeting {
    id: u8,
    #[serde(flatten)]
    host: Person,
    #[serde(flatten)]
    place: Place,
}

#[structure]
struct Place {
    room: u8,
}

#[structure]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Notice {
    Mail { to: String },
}

#[structure]
struct Open {
    id: u8,
    #[serde(flatten)]
    host: Option<Box<Person>>,
    #[serde(flatten)]
    shipping: Option<Shipping>,
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, u8>,
}

#[structure]
struct Noticed {
    id: u8,
    #[serde(flatten)]
    notice: Option<Notice>,
}

#[test]
fn a_flattened_structure_takes_the_members_of_those_that_are_flattened_into_it_and_no_others() {
    gives_back::<Meeting>(r#"{"id":1,"first":"a","mail":"m","room":3}"#);
    let mixed = r#"{"room":3,"mail":"m","homePhone":"7","id":1,"first":"a"}"#;
    let meeting: Meeting = json::decode(mixed).unwrap();
    assert_eq!(meeting.host.contact.home_phone.as_deref(), Some("7"));
    let error = refused::<Meeting>(r#"{"id":1,"first":"a","mail":"m","room":3,"more":1}"#);
    assert!(error.reason.starts_with("unknown field `more`"), "{error}");
    assert_eq!(error.pointer, "/more");
}

#[test]
fn an_optional_structure_is_a_value_if_one_of_its_members_is_there() {
    let open: Open = gives_back(r#"{"id":1,"x":2}"#);
    assert!(open.host.is_none() && open.shipping.is_none() && open.rest.len() == 1);
    gives_back::<Open>(r#"{"id":1}"#);
    gives_back::<Open>(r#"{"id":1,"first":"a","mail":"m","x":2}"#);
    let open: Open = gives_back(r#"{"id":1,"by_mail":{"post-code":"1"},"x":2}"#);
    assert!(matches!(open.shipping, Some(Shipping::ByMail { .. })));
    // Whoever gives a part of it means it.
    assert_eq!(refused::<Open>(r#"{"id":1,"first":"a"}"#).reason, "missing field `mail`");
    gives_back::<Noticed>(r#"{"id":1}"#);
    gives_back::<Noticed>(r#"{"id":1,"kind":"mail","to":"x"}"#);
    let error = refused::<Noticed>(r#"{"id":1,"to":"x"}"#);
    assert!(error.reason.starts_with("unknown field `to`"), "{error}");
}

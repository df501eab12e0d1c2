//! package.json, an order, JSON Feed, ICD codes, times, trees.

use std::collections::BTreeMap;

use athena_rt::prelude::*;
use serde_json::Value;

use super::comes_back;

#[structure]
#[serde(untagged)]
enum Person {
    Text(String),
    Parts { name: String, email: Option<String>, url: Option<String> },
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Package {
    name: String,
    version: String,
    author: Option<Person>,
    dev_dependencies: Option<BTreeMap<String, String>>,
    scripts: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[test]
fn package_json() {
    comes_back::<Package>(include_str!("package.json"));
}

#[structure]
#[serde(rename_all = "lowercase")]
enum Side {
    Buy,
    Sell,
    #[serde(other)]
    Unknown,
}

/// A price with its digits.
#[derive(Clone, Debug, PartialEq)]
struct Price(i64, usize);

impl std::str::FromStr for Price {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        Ok(Self(text.replace('.', "").parse()?, places))
    }
}

impl std::fmt::Display for Price {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scale = 10_i64.pow(u32::try_from(self.1).unwrap_or_default());
        write!(f, "{}.{:0width$}", self.0 / scale, self.0 % scale, width = self.1)
    }
}

#[structure]
struct Order {
    id: String,
    side: Side,
    #[field(text)]
    price: Price,
    qty: u32,
    fix: BTreeMap<u16, String>,
}

#[test]
fn an_order_with_decimals() {
    comes_back::<Order>(include_str!("order.json"));
}

#[structure]
struct Feed {
    version: String,
    title: String,
    home_page_url: Option<String>,
    feed_url: Option<String>,
    items: Vec<Item>,
}

#[structure]
struct Item {
    id: String,
    content_text: Option<String>,
    url: Option<String>,
    date_published: Option<String>,
    tags: Vec<String>,
    attachments: Vec<Attachment>,
}

#[structure]
struct Attachment {
    url: String,
    mime_type: String,
    size_in_bytes: Option<u64>,
    duration_in_seconds: Option<u32>,
}

#[test]
fn json_feed() {
    comes_back::<Feed>(include_str!("jsonfeed.json"));
}

#[structure]
struct Release {
    release: String,
    codes: BTreeMap<String, Code>,
    by_chapter: BTreeMap<u8, Vec<String>>,
}

#[structure]
struct Code {
    desc: String,
    billable: bool,
}

#[test]
fn icd_codes() {
    comes_back::<Release>(include_str!("icd.json"));
}

#[structure]
struct Times {
    floating: String,
    zoned: String,
    utc: athena_rt::Timestamp,
    date: String,
    duration: String,
    exdates: Vec<String>,
    props: Vec<(String, BTreeMap<String, String>, String, String)>,
}

#[test]
fn times() {
    comes_back::<Times>(include_str!("times.json"));
}

#[structure]
struct Trees {
    comment: Comment,
    expr: Expr,
}

#[structure]
struct Comment {
    id: u64,
    text: String,
    replies: Vec<Comment>,
}

#[structure]
enum Expr {
    Num(f64),
    Neg(Box<Expr>),
    Add(Vec<Expr>),
    Call { name: String, args: Vec<Expr> },
}

#[test]
fn trees() {
    comes_back::<Trees>(include_str!("tree.json"));
}

#[structure]
#[serde(untagged)]
enum Scalar {
    Flag(bool),
    Whole(i64),
    Real(f64),
    Text(String),
    Items { items: Vec<Scalar> },
    Any(Value),
}

#[test]
fn what_is_untagged_is_of_the_variant_that_has_it() {
    for text in [
        r#"["007","1e2","12345678901234567890","true","",7,1.0,-0.0,1.5,true]"#,
        r#"[{},{"items":[]},{"items":["1",1]},{"items":[{"items":["2"]}]},{"item":"1"},null]"#,
    ] {
        let message: Vec<Scalar> = athena_rt::structure::json::decode(text).unwrap();
        let written = athena_rt::structure::json::encode(&message).unwrap();
        assert_eq!(written, text);
    }
}

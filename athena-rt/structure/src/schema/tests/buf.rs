//! Our verdicts beside those of buf, the real one, which pip installs: what its `WIRE_JSON` rules reject we
//! reject, save for what is listed here with a reason.
//!
//! Needs `python3` with pip and the network once: `cargo test -p athena-structure --features conformance buf`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::compatibility::TYPES;
use super::super::schema::{Declaration, DeclarationKind, Member, Schema, Type};
use super::super::{Scope, compare, proto};
use super::samples::{declared, defaulted, field, required, shop, unit};

/// The changes that buf rejects and we accept.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("u32 to u64", WIDER),
    ("u32 to i64", WIDER),
    ("i8 to i64", WIDER),
    ("sint<i16> to sint<i64>", WIDER),
    ("Vec<u32> to Vec<u64>", WIDER),
    ("Map<String, u32> to Map<String, u64>", WIDER),
    ("Map<u32, u32> to Map<u64, u32>", WIDER),
    ("(u8, String) to (u16, String)", STRUCTURAL),
    ("(u8, String) to (u8, Option<String>)", STRUCTURAL),
    ("Option<Vec<u16>> to Option<Vec<u32>>", STRUCTURAL),
    ("another default", "what is not an `Option` is always written; it is noted"),
    ("a default is new", "what is not an `Option` is always written; it is noted"),
];
const WIDER: &str = "ProtoJSON writes 64 bits as text, and we read numbers in either form";
const STRUCTURAL: &str = "the message is named after its parts; its fields are compared";

type Mutation = (String, Schema, Schema);

fn order(schema: &mut Schema) -> &mut Declaration {
    &mut schema.types[0]
}

fn typed(kind: &str) -> Schema {
    let mut schema = shop();
    order(&mut schema).members[3].value = Some(Type::parse(kind).unwrap());
    schema
}

fn mutations() -> Vec<Mutation> {
    let types =
        TYPES.iter().map(|(from, to, _)| (format!("{from} to {to}"), typed(from), typed(to)));
    types.chain(of_fields()).chain(of_types()).collect()
}

fn of_fields() -> Vec<Mutation> {
    let mut all = Vec::new();
    let mut add = |name: &str, change: &dyn Fn(&mut Schema)| {
        let mut new = shop();
        change(&mut new);
        all.push((name.to_owned(), shop(), new));
    };
    add("nothing", &|_| ());
    add("a field is gone", &|new| {
        order(new).members.remove(3);
    });
    add("a field is gone, its number reserved", &|new| {
        order(new).members.remove(3);
        order(new).reserved = vec![4];
    });
    add("a field is gone, its name reserved", &|new| {
        order(new).members.remove(3);
        order(new).reserved_names = vec!["note".into()];
    });
    add("a field is gone, both reserved", &|new| {
        order(new).members.remove(3);
        order(new).reserved = vec![4];
        order(new).reserved_names = vec!["note".into()];
    });
    add("a field is renumbered", &|new| order(new).members[3].number = 40);
    add("two fields swap numbers", &|new| {
        order(new).members[3].number = 5;
        order(new).members[4].number = 4;
    });
    add("a field is put in between", &|new| {
        for member in order(new).members.iter_mut().skip(3) {
            member.number += 1;
        }
        order(new).members.insert(3, defaulted(field("inserted", 4, "i64"), "0"));
    });
    add("a field is renamed", &|new| order(new).members[3].name = "remark".into());
    add("another default", &|new| order(new).members[1].default = Some("3".into()));
    add("no default", &|new| {
        order(new).members[1] = required(field("version", 2, "i64"));
    });
    add("a default is new", &|new| {
        order(new).members[3] = defaulted(field("note", 4, "String"), "\"none\"");
    });
    add("a new option", &|new| order(new).members.push(field("more", 11, "Option<u8>")));
    add("a new list", &|new| order(new).members.push(field("more", 11, "Vec<Item>")));
    add("a new required field", &|new| {
        order(new).members.push(required(field("more", 11, "u8")));
    });
    add("a field is required", &|new| order(new).members[3] = required(field("note", 4, "String")));
    add("a field is required no more", &|new| order(new).members[8].required = false);
    all
}

fn of_types() -> Vec<Mutation> {
    let mut all = Vec::new();
    let mut add = |name: &str, change: &dyn Fn(&mut Schema)| {
        let mut new = shop();
        change(&mut new);
        all.push((name.to_owned(), shop(), new));
    };
    add("a value of an enum is gone", &|new| {
        new.types[2].members.pop();
    });
    add("a value of an enum is gone, both reserved", &|new| {
        new.types[2].members.pop();
        new.types[2].reserved = vec![1];
        new.types[2].reserved_names = vec!["Wholesale".into()];
    });
    add("a value of an enum is renamed", &|new| new.types[2].members[1].name = "Bulk".into());
    add("a value of an enum is renumbered", &|new| new.types[2].members[1].number = 2);
    add("a value of an enum is new", &|new| new.types[2].members.push(unit("Other", 2)));
    add("a variant is gone", &|new| {
        new.types[3].members.pop();
    });
    add("a variant is gone, both reserved", &|new| {
        new.types[3].members.pop();
        new.types[3].reserved = vec![3];
        new.types[3].reserved_names = vec!["Invoice".into()];
    });
    add("a variant is renamed", &|new| new.types[3].members[1].name = "Plastic".into());
    add("a variant is new", &|new| new.types[3].members.push(unit("Barter", 4)));
    add("a variant holds another type", &|new| {
        new.types[3].members[2] = field("Invoice", 3, "String");
    });
    add("a variant holds a wider type", &|new| {
        new.types[3].members[2] = field("Invoice", 3, "Item");
    });
    add("the variants become fields", &|new| {
        new.types[3].form = DeclarationKind::Structure { open: false };
        new.types[3].members = vec![field("Card", 2, "PaymentCard"), field("Invoice", 3, "u32")];
    });
    add("the fields become variants", &|new| new.types[1].form = DeclarationKind::Choice);
    add("an enum gets data", &|new| {
        new.types[2].form = DeclarationKind::Choice;
        new.types[2].members = vec![unit("Retail", 1), field("Wholesale", 2, "u32")];
    });
    add("a type is renamed", &|new| {
        new.types[1].name = "Line".into();
        order(new).members[2].value = Some(Type::parse("Vec<Line>").unwrap());
    });
    add("the message of a model is renamed", &|new| order(new).name = "Purchase".into());
    add("a new type", &|new| {
        let extra: Member = field("at", 1, "Timestamp");
        new.types.push(declared("Extra", DeclarationKind::Structure { open: false }, vec![extra]));
        order(new).members.push(field("extra", 11, "Option<Extra>"));
    });
    let mut reserved = shop();
    order(&mut reserved).reserved = vec![20];
    all.push(("a number is reserved no more".into(), reserved.clone(), shop()));
    let mut again = shop();
    order(&mut again).members.push(field("again", 20, "Option<u8>"));
    all.push(("a reserved number is used".into(), reserved, again));
    let mut reserved = shop();
    order(&mut reserved).reserved_names = vec!["old".into()];
    all.push(("a name is reserved no more".into(), reserved, shop()));
    let mut package = shop();
    package.package = "store".into();
    all.push(("the package is renamed".into(), shop(), package));
    all
}

#[test]
fn what_buf_rejects_we_reject_save_what_is_listed() {
    let buf = buf();
    let mutations = mutations();
    assert!(mutations.len() >= 40);
    let mut wrong = Vec::new();
    let mut excepted = Vec::new();
    let mut rejected = (0, 0);
    for (name, old, new) in &mutations {
        let linked = ["shop::order".to_owned()].into();
        let ours = compare(old, new, Scope { linked: &linked, known: Some(&linked) });
        let (ours, theirs) = (ours.findings.is_empty(), verdict(&buf, old, new));
        rejected.0 += usize::from(!ours);
        rejected.1 += usize::from(theirs.is_err());
        if let (true, Err(reason)) = (ours, theirs) {
            excepted.push(name.as_str());
            if !EXCEPTIONS.iter().any(|(known, _)| known == name) {
                wrong.push(format!("{name}: {reason}"));
            }
        }
    }
    println!(
        "{} changes: {} rejected by us, {} by buf, {} of these passed with a reason",
        mutations.len(),
        rejected.0,
        rejected.1,
        excepted.len()
    );
    assert!(wrong.is_empty(), "buf rejects, we don't:\n{}", wrong.join("\n"));
    let stale: Vec<&str> =
        EXCEPTIONS.iter().map(|(name, _)| *name).filter(|name| !excepted.contains(name)).collect();
    assert!(stale.is_empty(), "no exception any more: {stale:?}");
}

/// The verdict of buf on a change.
fn verdict(buf: &Path, old: &Schema, new: &Schema) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, schema) in [("old", old), ("new", new)] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        std::fs::write(folder.path().join(name).join("schema.proto"), proto(schema)).unwrap();
    }
    let config = r#"{"version":"v2","breaking":{"use":["WIRE_JSON"]}}"#;
    let done = Command::new(buf)
        .args([
            "breaking",
            ".",
            "--against",
            "../old",
            "--config",
            config,
            "--against-config",
            config,
        ])
        .current_dir(folder.path().join("new"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).trim().to_owned();
    match done.status.code() {
        Some(0) => Ok(()),
        // A breaking change.
        Some(100) if said.contains("schema.proto") && !said.contains("COMPILE") => Err(said),
        code => panic!("buf: {code:?} {said} {}", String::from_utf8_lossy(&done.stderr)),
    }
}

/// The program, installed beside what is built.
fn buf() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    let folder = exe.ancestors().nth(2).unwrap().join("conformance/buf-1.75.0");
    let program = folder.join("bin/buf");
    if !program.is_file() {
        let installed = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--target"])
            .arg(&folder)
            .arg("buf-bin==1.75.0")
            .status()
            .expect("python3 is needed: apt-get install -y python3-pip");
        assert!(installed.success(), "pip can't install buf-bin 1.75.0");
    }
    program
}

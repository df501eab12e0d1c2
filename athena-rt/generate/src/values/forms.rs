//! Bytes, any JSON, and types that are text in a message, of which some are known by their name.

use serde_json::{Map, Value, json};

use super::{Room, ValueGenerator};

/// Texts of the types that are known.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "IpAddr",
        &[
            "0.0.0.0",
            "127.0.0.1",
            "10.0.0.1",
            "192.168.1.255",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "2001:db8::ff",
        ],
    ),
    (
        "Ipv4Addr",
        &[
            "0.0.0.0",
            "127.0.0.1",
            "10.0.0.1",
            "192.168.1.255",
            "169.254.0.1",
            "224.0.0.1",
            "255.255.255.255",
        ],
    ),
    (
        "Ipv6Addr",
        &["::", "::1", "fe80::1", "fc00::1", "ff02::1", "2001:db8::ff", "::ffff:10.0.0.1"],
    ),
    ("Date", &["1970-01-01", "2000-02-29", "2026-11-29", "2026-12-31", "0001-01-01", "9999-12-31"]),
    ("Time", &["00:00:00", "12:30:45", "12:00:00.5", "23:59:59", "23:59:59.999999999"]),
    (
        "DateTime",
        &[
            "1970-01-01T00:00:00",
            "2000-02-29T12:30:45",
            "2026-12-31T23:59:59.5",
            "0001-01-01T00:00:00",
            "9999-12-31T23:59:59",
        ],
    ),
    (
        "OffsetDateTime",
        &[
            "1970-01-01T00:00:00Z",
            "2000-02-29T12:30:45+01:00",
            "2026-12-31T23:59:59.5-09:30",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ],
    ),
    (
        "SignedDuration",
        &["PT0S", "PT1S", "-PT1S", "PT0.000000001S", "PT1M", "PT1H30M", "PT24H", "-PT25H"],
    ),
    ("Span", &["PT0S", "P1D", "-P1D", "P1M", "P1W", "PT1H30M", "P1Y2M3DT4H5M6.5S"]),
    // The hour that summer time leaves out, and the one that is there twice.
    (
        "Zoned",
        &[
            "1970-01-01T00:00:00+00:00[UTC]",
            "2026-03-29T03:00:00+02:00[Europe/Berlin]",
            "2026-10-25T02:30:00+02:00[Europe/Berlin]",
            "2026-10-25T02:30:00+01:00[Europe/Berlin]",
            "2000-02-29T12:30:45-05:00[America/New_York]",
        ],
    ),
    ("SocketAddr", &["0.0.0.0:0", "127.0.0.1:80", "10.0.0.1:65535", "[::1]:443"]),
    ("SocketAddrV4", &["0.0.0.0:0", "127.0.0.1:80", "10.0.0.1:65535"]),
    ("SocketAddrV6", &["[::]:0", "[::1]:443", "[2001:db8::ff]:65535"]),
    (
        "Decimal",
        &[
            "0",
            "1",
            "-1",
            "0.1",
            "0.5",
            "10",
            "100.00",
            "1.005",
            "99.99",
            "-0.01",
            "1000000",
            "79228162514264337593543950335",
            "0.0000000000000000000000000001",
        ],
    ),
    (
        "Url",
        &[
            "http://a.example/",
            "https://a.example/b/c?d=e#f",
            "file:///a",
            "http://u:p@a.example:8080/",
            "mailto:a@a.example",
            "http://[::1]/",
        ],
    ),
    (
        "Version",
        &[
            "0.0.0",
            "1.0.0",
            "0.1.0",
            "1.2.3",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-rc.1+build.5",
            "1.0.0+build",
            "10.20.30",
            "18446744073709551615.0.0",
        ],
    ),
];

/// Texts that a type of another crate may be read from.
const ANY: &[&str] = &[
    "",
    "a",
    "0",
    "1",
    "-1",
    "1.0",
    "1.0.0",
    "0.5",
    "true",
    "a-b",
    "a.b",
    "a/b",
    "a:b",
    "a_b",
    "A",
    "AB",
    "ABC",
    "en",
    "en-US",
    "USD",
    "2000-02-29",
    "12:30:45",
    "2000-02-29T12:30:45",
    "2000-02-29T12:30:45Z",
    "1s",
    "PT1S",
    "P1D",
    "1h",
    "UTC",
    "Europe/Berlin",
    "+01:00",
    "#ff0000",
    "00",
    "ff",
    "00ff",
    "a@a.example",
    "a.example",
    "http://a.example/",
    "127.0.0.1",
    "::1",
    "00000000-0000-0000-0000-000000000000",
    "/",
    "/a",
    "*",
    "1-2",
    "1..2",
    "[]",
    "{}",
    "10%",
    "1KB",
    "text/plain",
    ".*",
];

/// How many texts of a type are remembered.
const REMEMBERED: usize = 500;

impl ValueGenerator<'_> {
    /// Texts that a type may be read from, the simplest first.
    pub(super) fn form_texts(&self, name: &str) -> Vec<Value> {
        if name == "char" {
            let letter = |c: &char| Value::from(c.to_string());
            return ['a', '0'].iter().chain(&self.pools.chars).map(letter).collect();
        }
        let mut texts = self.forms.get(name).cloned().unwrap_or_default();
        let known = KNOWN.iter().find(|(known, _)| *known == name);
        if let Some((_, known)) = known {
            texts.extend(known.iter().copied().map(Value::from));
        } else {
            texts.extend(ANY.iter().copied().map(Value::from));
            texts.extend(self.pools.texts.iter().map(|text| Value::from(text.as_str())));
        }
        texts
    }

    /// Remembers a text that a type was read from.
    pub(super) fn remember_form(&mut self, name: &'static str, text: &Value) {
        let known = self.forms.entry(name).or_default();
        if known.len() < REMEMBERED && !known.contains(text) {
            known.push(text.clone());
        }
    }

    pub(super) fn fresh_form(&mut self, name: &'static str) -> Value {
        if name == "char" {
            return self.character().to_string().into();
        }
        let is_known = KNOWN.iter().any(|(known, _)| *known == name);
        let learned = self.forms.get(name).map_or(&[][..], Vec::as_slice);
        if !learned.is_empty() && (!is_known || self.random.one_in(2)) {
            return self.random.pick(learned).cloned().unwrap_or_default();
        }
        let texts = self.form_texts(name);
        self.random.pick(&texts).cloned().unwrap_or_default()
    }

    pub(super) fn mutate_form(&mut self, name: &'static str, value: &Value) -> Value {
        match value.as_str().filter(|_| name != "char" && !self.random.one_in(3)) {
            // What can't be read is not run, and texts of another type rarely can be.
            Some(text) => {
                let related = std::mem::take(&mut self.related);
                let changed = self.mutate_text(text);
                self.related = related;
                changed.into()
            }
            None => self.fresh_form(name),
        }
    }

    /// Bytes as base64.
    pub(super) fn fresh_bytes(&mut self) -> Value {
        if self.random.one_in(2) {
            return athena_structure::base64(self.fresh_text().as_bytes()).into();
        }
        let length = [0, 1, 2, 3, 4, 8, 16][self.random.below(7)];
        self.bytes_of(length)
    }

    /// Bytes of a fixed length.
    pub(super) fn bytes_of(&mut self, length: usize) -> Value {
        let fill = self.random.below(4);
        let bytes: Vec<u8> = (0..length)
            .map(|at| match fill {
                0 => 0,
                1 => 0xff,
                2 => u8::try_from(at % 256).unwrap_or(0),
                _ => self.random.next_u64().to_le_bytes()[0],
            })
            .collect();
        athena_structure::base64(&bytes).into()
    }

    pub(super) fn fresh_json(&mut self, mut room: Room) -> Value {
        let is_deep = !room.enter();
        match self.random.below(if is_deep { 5 } else { 9 }) {
            0 => Value::Null,
            1 => Value::Bool(self.random.one_in(2)),
            2 => self.fresh_integer(64, true),
            3 => self.fresh_float(64),
            4 => self.fresh_text().into(),
            5 | 6 => {
                let count = self.random.below(4);
                (0..count).map(|_| self.fresh_json(room)).collect::<Vec<_>>().into()
            }
            _ => {
                let count = self.random.below(4);
                let members = (0..count).map(|_| (self.fresh_text(), self.fresh_json(room)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    /// One value of each kind of JSON.
    pub(super) fn json_kinds() -> Vec<Value> {
        vec![
            Value::Null,
            json!(false),
            json!(true),
            json!(0),
            json!(1),
            json!(-1),
            json!(0.5),
            json!(""),
            json!("a"),
            json!([]),
            json!([0]),
            json!([0, 0]),
            json!(["a"]),
            json!({}),
            json!({"a": 0}),
            json!({"a": {"b": []}}),
        ]
    }

    pub(super) fn mutate_json(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) if !items.is_empty() && !self.random.one_in(8) => {
                let at = self.random.below(items.len());
                match self.random.below(3) {
                    0 => drop(items.remove(at)),
                    1 => items.insert(at, items[at].clone()),
                    _ => self.mutate_json(&mut items[at]),
                }
            }
            Value::Object(members) if !members.is_empty() && !self.random.one_in(8) => {
                let at = self.random.below(members.len());
                let Some(key) = members.keys().nth(at).cloned() else { return };
                match self.random.below(4) {
                    0 => drop(members.remove(&key)),
                    1 => {
                        let (key, new) = (self.fresh_text(), self.fresh_json(Room::new()));
                        members.insert(key, new);
                    }
                    _ => {
                        if let Some(member) = members.get_mut(&key) {
                            self.mutate_json(member);
                        }
                    }
                }
            }
            Value::String(text) if !self.random.one_in(4) => *text = self.mutate_text(text),
            Value::Number(_) if !self.random.one_in(4) => {
                *value = self.mutate_integer(64, true, value);
            }
            _ => *value = self.fresh_json(Room::new()),
        }
    }
}

//! JSON as text: laid out again without changing a number, a string or the order of keys.

/// The maximum indentation in levels: 100,000 levels would take gigabytes.
const DEEPEST: usize = 128;

/// Valid JSON without white space between tokens.
pub fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(space) = first_space(rest) {
        out.push_str(&rest[..space]);
        let spaces = rest[space..].bytes().take_while(|byte| is_space(*byte)).count();
        rest = &rest[space + spaces..];
    }
    out.push_str(rest);
    out
}

/// Whether valid JSON has no white space between tokens.
pub fn is_compact(json: &str) -> bool {
    first_space(json).is_none()
}

/// Where the first white space is that stands between tokens. The text begins outside of a string.
fn first_space(json: &str) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            _ if is_space(byte) => return Some(at),
            b'"' => at = string_end(bytes, at),
            _ => at += 1,
        }
    }
    None
}

/// The white space of JSON.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Where the string that starts here ends, behind its second quotation mark.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// Where the value that starts here ends, in valid JSON. In other text somewhere behind its start.
pub fn value_end(json: &str, start: usize) -> usize {
    let bytes = json.as_bytes();
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
                continue;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b',' | b':' => {
                at += 1;
                continue;
            }
            _ => {
                at += 1;
                while at < bytes.len() && !is_end_of_scalar(bytes[at]) {
                    at += 1;
                }
            }
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Valid JSON laid out over lines, by two spaces a level, the first line at `level`. Empty
/// objects and lists stay on one line.
pub fn pretty(json: &str, level: usize, out: &mut String) {
    let mut depth = level;
    let mut opened = false;
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        for _ in 0..depth.min(DEEPEST) {
            out.push_str("  ");
        }
    };
    tokens(json, |token| match token {
        "}" | "]" => {
            depth -= 1;
            if !opened {
                line(out, depth);
            }
            opened = false;
            out.push_str(token);
        }
        "," => {
            out.push(',');
            line(out, depth);
        }
        ":" => out.push_str(": "),
        _ => {
            if opened {
                line(out, depth);
            }
            opened = matches!(token, "{" | "[");
            if opened {
                depth += 1;
            }
            out.push_str(token);
        }
    });
}

/// Whether two valid JSON texts are equal except for white space between tokens. `compact` has
/// none.
pub fn eq_ignoring_layout(laid_out: &[u8], compact: &[u8]) -> bool {
    if laid_out == compact {
        return true;
    }
    let mut wanted = compact.iter();
    let mut in_string = false;
    let mut escaped = false;
    for &byte in laid_out {
        if in_string {
            if escaped {
                escaped = false;
            } else if byte == b'\\' {
                escaped = true;
            } else if byte == b'"' {
                in_string = false;
            }
        } else if is_space(byte) {
            continue;
        } else if byte == b'"' {
            in_string = true;
        }
        if wanted.next() != Some(&byte) {
            return false;
        }
    }
    wanted.next().is_none()
}

/// Calls `each` with every token of valid JSON.
pub fn tokens<'j>(json: &'j str, mut each: impl FnMut(&'j str)) {
    let bytes = json.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            byte if is_space(byte) => {
                at += 1;
                continue;
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => at += 1,
            b'"' => at = string_end(bytes, at),
            _ => {
                while at < bytes.len() && !is_end_of_scalar(bytes[at]) {
                    at += 1;
                }
            }
        }
        each(&json[start..at]);
    }
}

/// Whether a number, `true`, `false` or `null` ends before this byte.
fn is_end_of_scalar(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laying_out_keeps_numbers_strings_and_order() {
        let given = r#" {"b" : 1.50, "a":["x , {y} \" ",  -0.0e1 ],"empty":{},"none":[ ]} "#;
        let tight = r#"{"b":1.50,"a":["x , {y} \" ",-0.0e1],"empty":{},"none":[]}"#;
        assert_eq!(compact(given), tight);
        let mut out = String::new();
        pretty(given, 0, &mut out);
        assert_eq!(
            out,
            "{\n  \"b\": 1.50,\n  \"a\": [\n    \"x , {y} \\\" \",\n    -0.0e1\n  ],\n  \"empty\": {},\n  \"none\": []\n}"
        );
        assert_eq!(compact(&out), tight);
        assert!(eq_ignoring_layout(out.as_bytes(), tight.as_bytes()));
        assert!(eq_ignoring_layout(given.as_bytes(), tight.as_bytes()));
    }

    #[test]
    fn a_value_ends_where_it_ends() {
        let json = r#"{"a":[1.5,{"b":"x]}\\\""}],"c":-2e5,"d":null,"e":"}","f":[],"g":{}}"#;
        let value = |key: &str| {
            let start = json.find(&format!("\"{key}\":")).unwrap() + 4;
            &json[start..value_end(json, start)]
        };
        assert_eq!(value("a"), r#"[1.5,{"b":"x]}\\\""}]"#);
        assert_eq!([value("c"), value("d"), value("e")], ["-2e5", "null", "\"}\""]);
        assert_eq!([value("f"), value("g")], ["[]", "{}"]);
        assert_eq!(value_end(json, 0), json.len());
        for (text, end) in [("", 0), ("[", 1), ("\"a", 2), ("[\"a", 3), ("]", 1), ("{\"a\":", 5)] {
            assert_eq!(value_end(text, 0), end, "{text}");
        }
    }

    #[test]
    fn white_space_in_a_string_is_no_layout() {
        assert!(!eq_ignoring_layout(br#"{"a": "x y"}"#, br#"{"a":"xy"}"#));
        assert!(!eq_ignoring_layout(br#"{"a": 1}"#, br#"{"a":12}"#));
        assert!(!eq_ignoring_layout(br#"{"a": 12}"#, br#"{"a":1}"#));
    }

    #[test]
    fn a_depth_bomb_is_laid_out_in_little_memory() {
        let bomb = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
        let mut out = String::new();
        pretty(&bomb, 0, &mut out);
        assert!(out.len() < 20 << 20, "{} bytes", out.len());
        assert_eq!(compact(&out), bomb);
    }
}

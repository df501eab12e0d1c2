//! Reads environment files: lines of `KEY=VALUE`, as dotenv and Compose read them.
//!
//! What these tools, and the shells, read in different ways is refused with its line, since a case
//! would record one reading of several. In particular:
//!
//! | text | meaning |
//! |---|---|
//! | `# text` on a line of its own, or behind a value and white space | a comment |
//! | `KEY=a#b` | `a#b`: no white space, no comment |
//! | `KEY=#b` | refused: a comment for some tools, a value for others |
//! | `KEY='text'` | the text; `\'` is a quote |
//! | `KEY="text"` | the text, with `\n`, `\r`, `\t`, `\"`, `\\`, `\$`; other backslashes are refused |
//! | a quote that ends on a later line | a value of several lines |
//! | `${NAME}`, not in single quotes | the value of a variable above in the file; others are refused |
//! | `$NAME`, `$(command)`, `` `command` `` | refused |

use std::fmt;

use athena_protocol::text::{escape, is_invisible};

use super::case::conflict;

/// A line that can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFileError {
    /// The line, from 1.
    pub line: usize,
    /// The reason.
    pub reason: String,
    /// The way to write it.
    pub help: &'static str,
}

impl fmt::Display for EnvFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} ({})", self.line, self.reason, self.help)
    }
}

const FORM: &str = "a line is KEY=VALUE, empty, or a comment after #";
const SINGLE: &str = "in single quotes a value is taken as it is: KEY='..'";

/// The variables of a file, in its order.
///
/// # Errors
///
/// The first line that can't be read, or that tools read in different ways.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, EnvFileError> {
    // Some editors write a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    if let Some(line) = conflict(&text) {
        let reason = "the file has conflict markers".to_owned();
        return Err(EnvFileError { line, reason, help: "resolve the merge, then run again" });
    }
    let mut reader = Reader { text: &text, at: 0, line: 1, variables: Vec::new() };
    while reader.at < text.len() {
        reader.entry()?;
    }
    Ok(reader.variables)
}

struct Reader<'a> {
    text: &'a str,
    /// The position in the text, and its line.
    at: usize,
    line: usize,
    variables: Vec<(String, String)>,
}

impl<'a> Reader<'a> {
    fn wrong<T>(&self, reason: impl Into<String>, help: &'static str) -> Result<T, EnvFileError> {
        Err(EnvFileError { line: self.line, reason: reason.into(), help })
    }

    /// The text up to the end of the line.
    fn rest(&self) -> &'a str {
        let rest = &self.text[self.at..];
        rest.split('\n').next().unwrap_or(rest)
    }

    fn end_line(&mut self) {
        self.at += self.rest().len() + 1;
        self.line += 1;
    }

    /// Reads a line, and those that a quote continues on.
    fn entry(&mut self) -> Result<(), EnvFileError> {
        let line = self.rest();
        let trimmed = trim(line);
        if trimmed.is_empty() || trimmed.starts_with('#') {
            self.end_line();
            return Ok(());
        }
        let Some((name, value)) = line.split_once('=') else {
            return self.wrong("the line has no =", FORM);
        };
        let start = self.at + line.len() - value.len();
        let name = trim(name);
        let name = match name.strip_prefix("export") {
            Some(rest) if rest.starts_with([' ', '\t']) => trim(rest),
            _ => name,
        };
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if name.is_empty() || !name.bytes().all(legal) {
            return self.wrong(
                format!("`{}` is not the name of a variable", escape(name).replace('`', "\\`")),
                "a name has letters, digits and _",
            );
        }
        if self.variables.iter().any(|(known, _)| known == name) {
            return self.wrong(format!("{name} is set twice"), "keep one of the lines");
        }
        let skipped = value.len() - value.trim_start_matches([' ', '\t']).len();
        self.at = start + skipped;
        let value = match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
            _ => self.unquoted(skipped > 0)?,
        };
        self.variables.push((name.to_owned(), value));
        self.end_line();
        Ok(())
    }

    /// Reads a value without quotes; `is_spaced`: white space precedes it.
    fn unquoted(&self, is_spaced: bool) -> Result<String, EnvFileError> {
        let rest = self.rest();
        let mut end = rest.len();
        let mut before = if is_spaced { ' ' } else { '=' };
        for (at, c) in rest.char_indices() {
            if c == '#' && matches!(before, ' ' | '\t') {
                end = at;
                break;
            }
            if at == 0 && c == '#' {
                return self.wrong(
                    "the value begins with #: some tools take it for a comment",
                    "quote the value, or put a space before the comment",
                );
            }
            before = c;
        }
        let value = trim(&rest[..end]);
        if value.starts_with('`') {
            return self.wrong("backticks run a command in a shell", SINGLE);
        }
        if let Some(bad) = value.chars().find(|&c| c != '\t' && is_invisible(c)) {
            let reason =
                format!("the value has the invisible character {}", escape(&bad.to_string()));
            return self.wrong(reason, "remove it, or quote the value if it belongs there");
        }
        let mut out = String::with_capacity(value.len());
        let mut chars = value.chars();
        while let Some(c) = chars.next() {
            if c == '$' {
                self.variable(&mut chars, &mut out)?;
            } else {
                out.push(c);
            }
        }
        Ok(out)
    }

    /// Reads a quoted value, up to the end of its last line.
    fn quoted(&mut self, quote: char) -> Result<String, EnvFileError> {
        let opened = self.line;
        let text = self.text;
        let mut chars = text[self.at + 1..].chars();
        let mut out = String::new();
        loop {
            let Some(c) = chars.next() else {
                self.line = opened;
                let reason = format!("the quote {quote} is not closed");
                return self
                    .wrong(reason, "close it, or put the value in quotes of the other kind");
            };
            match c {
                c if c == quote => break,
                '\n' => {
                    self.line += 1;
                    out.push('\n');
                }
                '\\' if quote == '\'' => match chars.as_str().strip_prefix('\'') {
                    Some(rest) => {
                        chars = rest.chars();
                        out.push('\'');
                    }
                    None => out.push('\\'),
                },
                '\\' => out.push(self.escaped(chars.next())?),
                '$' if quote == '"' => self.variable(&mut chars, &mut out)?,
                '\0' => return self.wrong("the value has a zero byte", "no variable can have one"),
                c => out.push(c),
            }
        }
        self.at = text.len() - chars.as_str().len();
        let rest = self.rest();
        let behind = trim(rest);
        let is_comment = behind.starts_with('#') && rest.starts_with([' ', '\t']);
        if !behind.is_empty() && !is_comment {
            let reason = match opened {
                line if line == self.line => "text follows the closing quote".to_owned(),
                line => format!("text follows the quote that closes the one of line {line}"),
            };
            return self
                .wrong(reason, "quote the whole value; a comment is separated from it by a space");
        }
        Ok(out)
    }

    fn escaped(&self, c: Option<char>) -> Result<char, EnvFileError> {
        match c {
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some(c @ ('"' | '\\' | '$')) => Ok(c),
            _ => self.wrong(
                "in double quotes a backslash stands before n, r, t, \", \\ or $",
                "write \\\\ for a backslash, or put the value in single quotes",
            ),
        }
    }

    /// Reads what follows a `$`.
    fn variable(
        &self,
        chars: &mut std::str::Chars<'_>,
        out: &mut String,
    ) -> Result<(), EnvFileError> {
        let rest = chars.as_str();
        let Some(next) = rest.chars().next() else {
            out.push('$');
            return Ok(());
        };
        if next == '(' {
            return self.wrong("$( runs a command in a shell", SINGLE);
        }
        if next == '_' || next.is_ascii_alphabetic() {
            let help =
                "write ${NAME} for the value of a variable above; in single quotes $ is itself";
            return self.wrong("some tools replace $NAME by a variable and some don't", help);
        }
        let Some(inner) = rest.strip_prefix('{') else {
            out.push('$');
            return Ok(());
        };
        let known = inner.split_once('}').and_then(|(name, behind)| {
            Some((self.variables.iter().find(|(known, _)| known == name)?, behind))
        });
        let Some(((_, value), behind)) = known else {
            let name = inner.split(['}', '\n', ':']).next().unwrap_or_default();
            return self.wrong(
                format!("${{{}}} is not a variable set above in this file", escape(name)),
                "an environment file is the same on every machine: set the variable above, or write the value",
            );
        };
        out.push_str(value);
        *chars = behind.chars();
        Ok(())
    }
}

/// Spaces and tabs are what tools agree to skip.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(text: &str) -> String {
        let read = parse(&format!("A=above\nV={text}")).expect(text);
        assert_eq!(read.len(), 2, "{text}");
        read[1].1.clone()
    }

    fn refused(text: &str, line: usize, reason: &str) {
        let error = parse(text).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.to_string().contains(reason), "{text}: {error}");
    }

    #[test]
    fn values_are_read_as_dotenv_and_compose_do() {
        for (text, expected) in [
            ("", ""),
            ("tokyo", "tokyo"),
            ("tokyo # default", "tokyo"),
            ("tokyo\t# default", "tokyo"),
            (" tokyo ", "tokyo"),
            (" # nothing", ""),
            ("tokyo#1", "tokyo#1"),
            ("https://a/b#c  # the page", "https://a/b#c"),
            ("hello world # two", "hello world"),
            ("'a # b' # c", "a # b"),
            ("\"a # b\"\t#c", "a # b"),
            (r"'it\'s $5 \n'", r"it's $5 \n"),
            (r#""a\n\t\"b\" \\ \$x""#, "a\n\t\"b\" \\ $x"),
            ("\"two\nlines\"  # here", "two\nlines"),
            ("'two\r\nlines'", "two\nlines"),
            ("${A}/b", "above/b"),
            ("\"${A} b\"", "above b"),
            ("'${A}'", "${A}"),
            ("5$ 6$5 7$", "5$ 6$5 7$"),
            (r"C:\dir", r"C:\dir"),
            ("it's", "it's"),
            ("a=b==", "a=b=="),
            ("''", ""),
            ("東京", "東京"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_found_whatever_an_editor_makes_of_them() {
        let text =
            "\u{feff}# first\r\n\r\n  export A = 1 # one\r\nexport\tB=2\n\tC =\t'3'\nexport=4";
        let read = parse(text).expect("good");
        let expected = [("A", "1"), ("B", "2"), ("C", "3"), ("export", "4")];
        assert!(read.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(expected));
    }

    #[test]
    fn what_tools_read_in_different_ways_is_refused_with_its_line() {
        for (text, line, reason) in [
            ("A=1\n\nB", 3, "no ="),
            ("A=1\nA=2", 2, "set twice"),
            ("A: 1=2", 1, "name of a variable"),
            ("=2", 1, "name of a variable"),
            ("A=1\n\u{feff}B=2", 2, "\\u{feff}B"),
            ("A\u{a0}=1", 1, "\\u{a0}"),
            ("A=#b", 1, "begins with #"),
            ("A=`date`", 1, "command"),
            ("A=$(date)", 1, "command"),
            ("A=$HOME/x", 1, "$NAME"),
            ("A=\"$HOME/x\"", 1, "$NAME"),
            ("A=${HOME}/x", 1, "${HOME}"),
            ("A=${B:-x}\nB=1", 1, "${B}"),
            ("B=1\nA=${B:-x}", 2, "${B}"),
            ("A=${B", 1, "${B}"),
            ("A=\"b\" c", 1, "closing quote"),
            ("A='b'#c", 1, "closing quote"),
            ("A=\"x\nB=\"y\"", 2, "of line 1"),
            ("A=1\nB='x\nC=2\n", 2, "not closed"),
            ("A=\"C:\\dir\"", 1, "backslash"),
            ("A=a\u{200b}", 1, "\\u{200b}"),
            ("A=a\rB=b", 1, "\\u{d}"),
            ("A='\0'", 1, "zero byte"),
            ("A=1\n<<<<<<< HEAD\nB=1\n=======\nB=2\n>>>>>>> x", 2, "conflict"),
        ] {
            refused(text, line, reason);
        }
    }

    proptest! {
        #[test]
        fn any_value_survives_single_quotes(value in r"[^\x00\r\\]{0,40}") {
            let text = format!("V='{}' # behind\nW=1", value.replace('\'', r"\'"));
            // A line of a value may look like a conflict marker.
            prop_assume!(conflict(&text).is_none());
            prop_assert_eq!(
                parse(&text),
                Ok(vec![("V".to_owned(), value), ("W".to_owned(), "1".to_owned())])
            );
        }

        #[test]
        fn any_value_survives_double_quotes(value in r"[^\x00]{0,40}") {
            let mut quoted = String::new();
            for c in value.chars() {
                match c {
                    '"' | '\\' | '$' => quoted.extend(['\\', c]),
                    '\n' => quoted.push_str("\\n"),
                    '\r' => quoted.push_str("\\r"),
                    c => quoted.push(c),
                }
            }
            prop_assert_eq!(
                parse(&format!("W=1\n export V = \"{quoted}\"")),
                Ok(vec![("W".to_owned(), "1".to_owned()), ("V".to_owned(), value)])
            );
        }

        #[test]
        fn a_plain_value_is_itself_with_or_without_a_comment(
            value in r"[A-Za-z0-9/:._-][A-Za-z0-9/:._#=-]{0,20}", comment in r"[^\r\n]{0,20}",
        ) {
            let plain = Ok(vec![("V".to_owned(), value.clone())]);
            prop_assert_eq!(parse(&format!("V={value}\r\n")), plain.clone());
            prop_assert_eq!(parse(&format!("V = {value} #{comment}")), plain);
        }

        #[test]
        fn no_text_panics_and_every_error_has_a_line_of_the_file(
            text in r#"([ A=#'"\\$\{\}\n\r\tb]|\PC){0,60}"#,
        ) {
            if let Err(error) = parse(&text) {
                prop_assert!(error.line >= 1 && error.line <= text.matches('\n').count() + 1);
            }
        }
    }
}

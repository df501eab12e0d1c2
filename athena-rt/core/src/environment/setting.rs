//! The types of variables.

use std::path::PathBuf;
use std::time::Duration;

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess};
use serde::{Deserialize, Deserializer};

/// A type that a variable may hold: booleans, numbers, text, paths, durations (`2s`, `500ms`),
/// unit-only enums under `#[structure]`, and `Option`s and comma-separated `Vec`s of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from an environment variable",
    label = "not a type of a variable",
    note = "a field of an environment is bool, an integer, a float, String, PathBuf, Duration, a unit-only enum declared with #[structure], or an Option or Vec of these"
)]
pub trait Setting: Sized + 'static {
    /// The value of a secret of this type while it is recorded and replayed.
    #[doc(hidden)]
    const PLACEHOLDER: &'static str;

    /// The texts of all values, if they are few; of an item for a list.
    const VALUES: &'static [&'static str] = &[];

    /// Reads the text of a variable. The error says what was expected, without the text.
    fn parse(text: &str) -> Result<Self, String>;

    /// The text that reads as this value.
    fn show(&self) -> String;

    /// The value if the variable is not set; `None` if it is required.
    fn absent() -> Option<Self> {
        None
    }
}

macro_rules! parsed {
    ($($type:ty: $placeholder:literal $expected:literal,)*) => {$(
        impl Setting for $type {
            const PLACEHOLDER: &'static str = $placeholder;

            fn parse(text: &str) -> Result<Self, String> {
                text.trim().parse().map_err(|error| format!("not {}: {error}", $expected))
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

parsed! {
    i8: "0" "an i8", i16: "0" "an i16", i32: "0" "an i32", i64: "0" "an i64", isize: "0" "an isize",
    u8: "0" "a u8", u16: "0" "a u16", u32: "0" "a u32", u64: "0" "a u64", usize: "0" "a usize",
    f32: "0" "a number", f64: "0" "a number",
}

impl Setting for bool {
    const PLACEHOLDER: &'static str = "false";
    const VALUES: &'static [&'static str] = &["false", "true"];

    fn parse(text: &str) -> Result<Self, String> {
        match text.trim() {
            "true" | "True" | "TRUE" | "t" | "T" | "1" => Ok(true),
            "false" | "False" | "FALSE" | "f" | "F" | "0" => Ok(false),
            _ => Err("not a boolean: true, True, TRUE, t, T, 1 or false, False, FALSE, f, F, 0"
                .to_owned()),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for String {
    const PLACEHOLDER: &'static str = "secret";

    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Setting for PathBuf {
    const PLACEHOLDER: &'static str = "secret";

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Setting for Duration {
    const PLACEHOLDER: &'static str = "0s";

    fn parse(text: &str) -> Result<Self, String> {
        athena_protocol::args::value::duration(text)
    }

    fn show(&self) -> String {
        match self.subsec_nanos() {
            0 => format!("{}s", self.as_secs()),
            nanos if nanos.is_multiple_of(1_000_000) => format!("{}ms", self.as_millis()),
            _ => format!("{}ns", self.as_nanos()),
        }
    }
}

impl<T: Setting> Setting for Option<T> {
    const PLACEHOLDER: &'static str = T::PLACEHOLDER;
    const VALUES: &'static [&'static str] = T::VALUES;

    fn parse(text: &str) -> Result<Self, String> {
        T::parse(text).map(Some)
    }

    fn show(&self) -> String {
        self.as_ref().map(T::show).unwrap_or_default()
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Setting> Setting for Vec<T> {
    const PLACEHOLDER: &'static str = "";
    const VALUES: &'static [&'static str] = T::VALUES;

    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::new());
        }
        text.split(',')
            .enumerate()
            .map(|(index, item)| {
                T::parse(item.trim()).map_err(|error| format!("item {}: {error}", index + 1))
            })
            .collect()
    }

    fn show(&self) -> String {
        self.iter().map(T::show).collect::<Vec<_>>().join(",")
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

/// The fields of an environment while envy reads them.
#[derive(Debug)]
pub struct Settings {
    names: &'static [&'static str],
}

impl Settings {
    /// Names of the fields in lower case, as envy passes them.
    pub fn new(names: &'static [&'static str]) -> Self {
        Self { names }
    }

    /// The index of the next variable that is set; others are skipped.
    pub fn next<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<Option<usize>, A::Error> {
        while let Some(found) = map.next_key_seed(Key(self.names))? {
            match found {
                Some(index) => return Ok(Some(index)),
                None => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(None)
    }

    /// Reads a variable's value. The error names the variable, and shows its value unless it is a
    /// secret.
    pub fn set<'de, A: MapAccess<'de>, T>(
        &self,
        map: &mut A,
        variable: &str,
        secret: bool,
        parse: impl FnOnce(&str) -> Result<T, String>,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        let text: String = map.next_value()?;
        let value = parse(&text).map_err(|error| {
            // An error may quote the value.
            de::Error::custom(if secret {
                format!("the variable {variable} is not valid for its type; it is a secret, so its value is not shown")
            } else {
                // `not an i8: ..`, `unknown variant ..`, `item 2: not an i8: ..`
                let verb = if error.starts_with("not ") { " is" } else { ":" };
                format!("the variable {variable}={text}{verb} {error}")
            })
        })?;
        *slot = Some(value);
        Ok(())
    }

    /// The value of a variable that is not set, if its type has one for that.
    pub fn absent<T, E: de::Error>(&self, value: Option<T>, index: usize) -> Result<T, E> {
        value.ok_or_else(|| E::missing_field(self.names[index]))
    }
}

struct Key(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(self.0.iter().position(|name| *name == text))
    }
}

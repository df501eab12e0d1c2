//! Values of environment variables, by the type that their declaration has.

use athena_core::environment::Variable;

use super::ValueGenerator;
use super::number::range;

impl ValueGenerator<'_> {
    /// A value of a variable, one time in four beside its default. `None` if its type is not one that is known
    /// here, such as an alias. Whether the model reads it is for the caller to check.
    pub(crate) fn variable(&mut self, variable: &Variable) -> Option<String> {
        let default = variable.default.as_deref().and_then(|text| text.parse::<i128>().ok());
        if let Some(number) = default.filter(|_| self.random.one_in(4)) {
            let other =
                [number.saturating_sub(1), number.saturating_add(1), number.saturating_neg()];
            return Some(other[self.random.below(3)].to_string());
        }
        let kind: String = variable.kind.chars().filter(|c| !c.is_whitespace()).collect();
        self.setting(&kind, variable.values)
    }

    fn setting(&mut self, kind: &str, all: &[&str]) -> Option<String> {
        if let Some(inner) = argument(kind, "Option") {
            return self.setting(inner, all);
        }
        if let Some(inner) = argument(kind, "Vec") {
            let count = [1, 1, 2, 3][self.random.below(4)];
            let items: Option<Vec<String>> = (0..count).map(|_| self.setting(inner, all)).collect();
            return items.map(|items| items.join(","));
        }
        if !all.is_empty() {
            return self.random.pick(all).map(|&value| value.to_owned());
        }
        Some(match kind.rsplit("::").next().unwrap_or(kind) {
            "bool" => self.random.one_in(2).to_string(),
            "String" | "PathBuf" => self.fresh_text(),
            "f32" | "f64" => self.fresh_float(32).to_string(),
            "Duration" => {
                let number = self.random.below(100);
                format!("{number}{}", ["ms", "s", "s", "m"][self.random.below(4)])
            }
            name => {
                let (bits, signed) = integer_type(name)?;
                let number = self.fresh_integer(bits, signed);
                let (least, most) = range(bits, signed);
                let is_within =
                    number.to_string().parse().is_ok_and(|n| (least..=most).contains(&n));
                is_within.then(|| number.to_string())?
            }
        })
    }
}

/// Bits and sign of an integer type.
fn integer_type(name: &str) -> Option<(u8, bool)> {
    let signed = name.starts_with('i');
    match name.strip_prefix(['i', 'u'])? {
        "size" => Some((64, signed)),
        bits => Some((bits.parse().ok().filter(|bits| [8, 16, 32, 64].contains(bits))?, signed)),
    }
}

/// The argument of a generic type of this name.
fn argument<'k>(kind: &'k str, name: &str) -> Option<&'k str> {
    let (path, rest) = kind.split_once('<')?;
    (path.rsplit("::").next() == Some(name)).then(|| rest.strip_suffix('>'))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_by_their_name() {
        assert_eq!(integer_type("u16"), Some((16, false)));
        assert_eq!(integer_type("isize"), Some((64, true)));
        assert_eq!(integer_type("u7"), None);
        assert_eq!(integer_type("Level"), None);
        assert_eq!(argument("std::option::Option<Vec<u8>>", "Option"), Some("Vec<u8>"));
        assert_eq!(argument("Vec<u8>", "Option"), None);
    }
}

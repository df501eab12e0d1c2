//! Rules of Kubernetes for amounts.

/// Cores: a number, or thousandths with `m`.
pub(crate) fn cpu(text: &str) -> Result<String, String> {
    let wrong = || "write it as 2, 0.5 or 500m".to_owned();
    let number = text.strip_suffix('m').map_or_else(
        || is_number(text).then_some(text),
        |thousandths| thousandths.bytes().all(|byte| byte.is_ascii_digit()).then_some(thousandths),
    );
    let number = number.and_then(|number| number.parse::<f64>().ok()).ok_or_else(wrong)?;
    if number > 0.0 { Ok(text.to_owned()) } else { Err("must be greater than zero".to_owned()) }
}

/// Bytes with a decimal or binary unit. The unit is required: in Kubernetes `4` is four bytes, and
/// `4m` is thousandths of a byte.
pub(crate) fn memory(text: &str) -> Result<String, String> {
    let wrong = || "write it as 512Mi, 4Gi or 4G".to_owned();
    let start = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(start);
    let is_unit = ["k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"].contains(&unit);
    let number = (is_unit && is_number(number)).then(|| number.parse::<f64>().ok()).flatten();
    match number.ok_or_else(wrong)? {
        0.0 => Err("must be greater than zero".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// Digits with at most one decimal point among them.
fn is_number(text: &str) -> bool {
    let digits = text.replacen('.', "", 1);
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with('.')
        && !text.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_a_number_or_thousandths() {
        for right in ["1", "64", "0.5", "500m"] {
            assert_eq!(cpu(right).as_deref(), Ok(right));
        }
        for wrong in ["", "m", "0", "0m", "0.5m", "1.", ".5", "-1", "1e3", "2 ", "two", "1.2.3"] {
            assert!(cpu(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn memory_has_a_unit_that_kubernetes_knows() {
        for right in ["512Mi", "4Gi", "1.5G", "900M"] {
            assert_eq!(memory(right).as_deref(), Ok(right));
        }
        for wrong in ["", "4", "512m", "4GB", "4gi", "Gi", "0Gi", "-1Gi", "4 Gi", "4Gib"] {
            assert!(memory(wrong).is_err(), "{wrong}");
        }
    }
}

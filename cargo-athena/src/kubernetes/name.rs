//! Rules of Kubernetes for names.

/// The longest label of a host name.
const LABEL: usize = 63;

/// The longest other name.
const SUBDOMAIN: usize = 253;

/// A job's name from a model's id: its last part as a host label.
pub(crate) fn after(model: &str) -> String {
    let last = model.rsplit("::").next().unwrap_or(model).to_ascii_lowercase();
    let name: String =
        last.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    name.trim_matches('-').to_owned()
}

/// Checks a job's name. Its pods are hosts named after it.
pub(crate) fn check(name: &str, workers: u32) -> Result<(), String> {
    if !is_label(name) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(format!(
            "{name:?} is not a host name: use lower-case letters, digits and -, begin with a \
             letter and do not end with -"
        ));
    }
    let pods = [format!("{name}-worker-{}", workers.saturating_sub(1)), format!("{name}-launcher")];
    match pods.iter().find(|pod| pod.len() > LABEL) {
        Some(pod) => Err(format!(
            "a pod would be called {pod}, which is {} too long for a host name",
            pod.len() - LABEL
        )),
        None => Ok(()),
    }
}

/// Checks a volume claim's name.
pub(crate) fn check_claim(name: &str) -> Result<(), String> {
    if name.len() <= SUBDOMAIN && name.split('.').all(is_label) {
        return Ok(());
    }
    Err(format!(
        "{name:?} is not the name of a volume claim: use lower-case letters, digits, - and ."
    ))
}

fn is_label(name: &str) -> bool {
    let is_in = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(is_in) && !name.starts_with('-') && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_called_as_its_model() {
        for (model, name) in [
            ("score", "score"),
            ("flights::deep::Score_2", "score-2"),
            ("_private_", "private"),
            ("größe", "gr--e"),
        ] {
            assert_eq!(after(model), name);
        }
    }

    #[test]
    fn pods_are_hosts() {
        let long = "a".repeat(LABEL - "-launcher".len());
        assert_eq!(check("score-2", 4), Ok(()));
        assert_eq!(check(&long, 10), Ok(()));
        // -worker-9 is as long as -launcher, -worker-10 is longer.
        assert!(check(&long, 11).unwrap_err().contains("-worker-10, which is 1 too long"));
        for wrong in ["", "-", "a-", "-a", "2a", "A", "a_b", "a.b", "a b", "é"] {
            assert!(check(wrong, 1).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_claim_may_have_dots() {
        assert_eq!(check_claim("2.data-a"), Ok(()));
        for wrong in ["", "a..b", ".a", "A", "a/b", &"a".repeat(254)] {
            assert!(check_claim(wrong).is_err(), "{wrong}");
        }
    }
}

//! Advice on variables that a platform sets, not the user.

/// The variables that shells, systems and services set by themselves.
const COMMON: &[&str] = &[
    "CI", "COLUMNS", "DEBUG", "DISPLAY", "EDITOR", "ENV", "HOME", "HOST", "HOSTNAME", "HOSTTYPE",
    "LANG", "LANGUAGE", "LINES", "LOGNAME", "MAIL", "MODE", "NAME", "OS", "OSTYPE", "PATH", "PORT",
    "PWD", "SHELL", "SHLVL", "TEMP", "TERM", "TMP", "TMPDIR", "TZ", "UID", "USER", "USERNAME",
    "VERBOSE", "VERSION",
];

/// The beginnings of names that CI services and platforms set.
const PREFIXES: &[&str] = &[
    "AWS_",
    "BUILD_",
    "CARGO_",
    "CI_",
    "DYNO",
    "GITHUB_",
    "GITLAB_",
    "KUBERNETES_",
    "LC_",
    "RUNNER_",
    "RUSTUP_",
    "SSH_",
    "VERCEL_",
    "XDG_",
];

/// What to do about a value that does not fit its variable, if it is likely that a platform has
/// set it.
pub(super) fn advice(name: &str, value: &str) -> Option<String> {
    if is_service_link(name, value) {
        let service = service(name);
        return Some(format!(
            "Kubernetes sets {name} in every pod, for the service `{service}`: set enableServiceLinks: false in the pod's spec, or rename the variable, for example by #[environment(prefix = \"APP_\")]"
        ));
    }
    if value.trim().is_empty() {
        return Some(format!(
            "{name} is set to nothing, as Compose and CI services do for a value that is missing: unset it to use its default"
        ));
    }
    is_common(name).then(|| {
        format!(
            "shells, CI services and other platforms set {name} too: give the variables a prefix of their own, for example by #[environment(prefix = \"APP_\")]"
        )
    })
}

/// Whether shells, systems or services set a variable of this name by themselves.
pub fn is_common(name: &str) -> bool {
    COMMON.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether the value is what Kubernetes, or a link of Docker, sets for a service: for `redis`
/// that is `REDIS_PORT=tcp://10.0.0.1:6379`, and `REDIS_PORT_6379_TCP` with the same value.
pub(super) fn is_service_link(name: &str, value: &str) -> bool {
    let address = ["tcp://", "udp://", "sctp://"]
        .iter()
        .find_map(|scheme| value.trim().strip_prefix(scheme))
        .and_then(|rest| rest.rsplit_once(':'));
    let is_address = address.is_some_and(|(host, port)| {
        host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
            && port.parse::<u16>().is_ok()
    });
    is_address && (name.ends_with("_PORT") || name.contains("_PORT_"))
}

/// The service that a variable of Kubernetes is about.
fn service(name: &str) -> String {
    let end = name.find("_PORT").unwrap_or(name.len());
    name[..end].to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_link_is_explained() {
        for (name, value) in [
            ("REDIS_PORT", "tcp://10.0.0.1:6379"),
            ("MY_APP_PORT_53_UDP", "udp://10.0.0.1:53"),
            ("DB_PORT", "tcp://[fd00::1]:5432"),
        ] {
            let advice = advice(name, value).expect(name);
            assert!(advice.contains("enableServiceLinks: false"), "{advice}");
        }
        assert!(
            advice("MY_APP_PORT", "tcp://10.0.0.1:1").is_some_and(|it| it.contains("`my-app`"))
        );
        for (name, value) in [
            ("REDIS_PORT", "6379x"),
            ("REDIS_PORT", "tcp://redis:6379"),
            ("REDIS_URL", "tcp://10.0.0.1:6379"),
        ] {
            assert_eq!(advice(name, value), None, "{name}={value}");
        }
    }

    #[test]
    fn a_name_that_platforms_use_is_explained() {
        for name in ["PORT", "DEBUG", "GITHUB_RUN_ID", "CI_JOB_ID"] {
            assert!(advice(name, "x").is_some_and(|advice| advice.contains("prefix")), "{name}");
        }
        assert_eq!(advice("SEED", "x"), None);
    }

    #[test]
    fn an_empty_value_is_explained() {
        assert!(advice("SEED", " ").is_some_and(|advice| advice.contains("unset it")));
    }
}

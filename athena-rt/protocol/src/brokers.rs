//! The brokers of this project: the schemes of their URLs, and the feature of athena-rt that adds each.

/// A broker that a feature of athena-rt adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownBroker {
    /// The feature of athena-rt.
    pub feature: &'static str,
    /// The schemes of its URLs.
    pub schemes: &'static [&'static str],
    /// The form of its URLs, for messages.
    pub example: &'static str,
}

/// All brokers of this project, whether a program was built with them or not.
pub const KNOWN_BROKERS: &[KnownBroker] = &[
    KnownBroker { feature: "sqlite", schemes: &["sqlite"], example: "sqlite:FILE?queue=NAME" },
    KnownBroker {
        feature: "postgres",
        schemes: &["postgres", "postgresql"],
        example: "postgres://HOST:PORT/DATABASE?queue=NAME",
    },
    KnownBroker {
        feature: "amqp",
        schemes: &["amqp", "amqps"],
        example: "amqp://HOST:PORT/VHOST?queue=NAME",
    },
    KnownBroker {
        feature: "redis",
        schemes: &["redis", "rediss"],
        example: "redis://HOST:PORT/KEY",
    },
    KnownBroker { feature: "nats", schemes: &["nats", "tls"], example: "nats://HOST:PORT/SUBJECT" },
];

/// The broker of a URL, by its scheme.
pub fn broker_of(url: &str) -> Option<&'static KnownBroker> {
    let (scheme, _) = url.split_once(':')?;
    let is = |known: &&str| known.eq_ignore_ascii_case(scheme);
    KNOWN_BROKERS.iter().find(|broker| broker.schemes.iter().any(is))
}

/// The known forms of URLs with their features, for messages.
pub fn known_brokers() -> String {
    list_brokers(|_| true)
}

/// The same for some of the brokers.
pub fn list_brokers(is_chosen: impl Fn(&KnownBroker) -> bool) -> String {
    let one = |broker: &KnownBroker| format!("{} (feature `{}`)", broker.example, broker.feature);
    let chosen = KNOWN_BROKERS.iter().filter(|broker| is_chosen(broker));
    chosen.map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_is_known_by_its_scheme() {
        assert_eq!(broker_of("rediss://host/tasks").map(|known| known.feature), Some("redis"));
        assert_eq!(broker_of("SQLITE:tasks.db").map(|known| known.feature), Some("sqlite"));
        assert_eq!(broker_of("kafka://host/tasks"), None);
        assert_eq!(broker_of("tasks"), None);
    }
}

//! The brokers that this program was built with, by the schemes of their URLs.

use athena_core::display::mask_url;
use athena_core::error::{Error, Result, missing_feature};
use athena_protocol::text::nearest;
use athena_protocol::{KnownBroker, broker_of, list_brokers};

use crate::address::{Address, UrlForm};
use crate::broker::Broker;

/// The version of the broker API: of [`Broker`], [`Consumer`](crate::Consumer),
/// [`Producer`](crate::Producer) and what they exchange. It changes when an implementation has to.
pub const BROKER_API_VERSION: u32 = 1;

/// A broker and the schemes of its URLs, as [`broker!`](crate::broker!) registers it.
#[derive(Clone, Copy)]
pub struct Registration {
    /// The schemes of its URLs, in lower case.
    pub schemes: &'static [&'static str],
    /// The form of its URLs, for `--help` and errors: `files:FOLDER?queue=NAME`.
    pub example: &'static str,
    /// Where its URLs have the name of the queue.
    pub form: UrlForm,
    /// The broker.
    pub broker: &'static dyn Broker,
}

inventory::collect!(Registration);

/// Registers a broker for the schemes of its URLs. `work --from`, `submit --to` and `collect --from`
/// then open queues of these schemes with it, and `--help` and errors name it.
///
/// The form of the URLs is told by the example: with `queue=` the name of the queue is in the query,
/// otherwise it is the path ([`UrlForm`](crate::UrlForm)).
///
/// A library that is linked and never named registers nothing: name an item of it in `main.rs`.
#[macro_export]
macro_rules! broker {
    (schemes: [$($scheme:literal),+ $(,)?], example: $example:literal, broker: $broker:expr $(,)?) => {
        $crate::__private::inventory::submit! {
            $crate::Registration {
                schemes: &[$($scheme),+],
                example: $example,
                form: $crate::__private::url_form($example),
                broker: &$broker,
            }
        }
    };
}

/// The form of URLs that look like this one.
pub(crate) const fn url_form(example: &str) -> UrlForm {
    let bytes = example.as_bytes();
    let wanted = b"queue=";
    let mut start = 0;
    while start + wanted.len() <= bytes.len() {
        let mut length = 0;
        while length < wanted.len() && bytes[start + length] == wanted[length] {
            length += 1;
        }
        if length == wanted.len() {
            return UrlForm::Query;
        }
        start += 1;
    }
    UrlForm::Path
}

/// The registered brokers, in the order of their schemes.
fn registered() -> Vec<&'static Registration> {
    let mut all: Vec<_> = inventory::iter::<Registration>.into_iter().collect();
    all.sort_by_key(|registration| registration.schemes);
    all
}

/// The forms of the URLs that this program knows, for messages: `nats://HOST:PORT/SUBJECT or ..`.
pub fn url_forms() -> String {
    let examples: Vec<_> = registered().iter().map(|registration| registration.example).collect();
    match examples.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// Finds the broker of a URL.
///
/// # Errors
///
/// No broker has the URL's scheme, or two have it.
pub(crate) fn find(text: &str) -> Result<&'static Registration> {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let has = |registration: &&Registration| {
        registration.schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme))
    };
    let found: Vec<_> = registered().into_iter().filter(has).collect();
    match found[..] {
        [one] => return Ok(one),
        [_, _, ..] => {
            return Err(Error::usage(format!("two brokers are registered for {scheme}:"))
                .help("remove one `broker!`, or change its scheme"));
        }
        [] => {}
    }
    if let Some(known) = broker_of(text) {
        return Err(missing_feature(known.feature));
    }
    let reason = if scheme.is_empty() {
        "it has no scheme".to_owned()
    } else {
        let known: Vec<_> = registered().iter().flat_map(|one| one.schemes).copied().collect();
        let near = nearest(scheme, known).first().map(|near| format!(", did you mean {near}?"));
        format!("unknown broker {scheme}{}", near.unwrap_or_default())
    };
    let error = Error::usage(format!("{} is not a queue: {reason}", mask_url(text)))
        .help(format!("this program knows {}", url_forms()));
    let own = "for another broker see `athena_rt::queue::broker!`";
    let has = |known: &KnownBroker| {
        known
            .schemes
            .iter()
            .any(|scheme| registered().iter().any(|one| one.schemes.contains(scheme)))
    };
    Err(match list_brokers(|known| !has(known)) {
        added if added.is_empty() => error.help(own),
        added => error.help(format!("features of athena-rt add {added}; {own}")),
    })
}

/// Parses the URL of a queue, as its broker reads it.
///
/// # Errors
///
/// The text is not the URL of a queue of a known broker.
pub(crate) fn parse(text: &str) -> Result<Address> {
    let registration = find(text)?;
    let parsed = Address::parse(text, registration.form, registration.broker.separator())
        .and_then(|address| registration.broker.check(&address).map(|()| address));
    parsed.map_err(|error| error.help(format!("a queue is {}", registration.example)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_told_by_the_example() {
        assert_eq!(url_form("files:FOLDER?queue=NAME"), UrlForm::Query);
        assert_eq!(url_form("sqs://HOST/NAME"), UrlForm::Path);
    }

    #[test]
    fn an_unknown_scheme_names_the_known_ones_and_the_features_of_others() {
        let error = find("kafka://me:tulip@host/tasks").err().unwrap();
        let text = error.to_string();
        assert_eq!(error.exit(), athena_protocol::Exit::Usage);
        assert!(
            text.contains("kafka://***@host/tasks is not a queue: unknown broker kafka"),
            "{text}"
        );
        // What the program has already is not to be added.
        let as_feature = text.contains("sqlite:FILE?queue=NAME (feature `sqlite`)");
        assert_eq!(as_feature, cfg!(not(feature = "sqlite")), "{text}");
        assert!(text.contains("see `athena_rt::queue::broker!`"), "{text}");
        assert!(!text.contains("tulip"), "{text}");
        #[cfg(feature = "sqlite")]
        {
            let near = find("sqlit:tasks.db").err().unwrap().to_string();
            assert!(near.contains("unknown broker sqlit, did you mean sqlite?"), "{near}");
        }
        assert!(find("tasks").err().unwrap().to_string().contains("it has no scheme"));
    }

    #[test]
    #[cfg(all(feature = "redis", feature = "nats"))]
    fn a_queue_is_a_broker_and_a_name_and_never_shows_a_password() {
        let queue = parse("redis://user:tulip@host:7000/tasks:a").unwrap();
        assert_eq!(queue.redacted, "redis://host:7000/tasks:a");
        assert_eq!(queue.name.as_str(), "tasks:a");
        assert_eq!(queue.broker.as_str(), "redis://user:tulip@host:7000");
        assert_eq!(queue.sibling("dead").redacted, "redis://host:7000/tasks:a:dead");
        let queue = parse("redis://user:tulip@host/tasks?db=2").unwrap();
        assert_eq!(queue.sibling("dead").redacted, "redis://host/tasks:dead?db=2");
        let queue = parse("nats://127.0.0.1:4222/tasks.a").unwrap();
        assert_eq!(queue.sibling("dead").name, "tasks.a.dead");
    }

    #[test]
    #[cfg(all(feature = "redis", feature = "nats"))]
    fn a_url_that_is_not_a_queue_is_an_error() {
        for (text, reason) in [
            ("http://host/tasks", "unknown broker http"),
            ("redis:///tasks", "host is missing"),
            ("nats://host:4222", "stream is missing"),
            ("nats://host:4222/", "stream is missing"),
            ("nats://host/a.>", "not a valid name"),
            ("nats://host/a..b", "not a valid name"),
            ("redis://host/a b", "not a valid name"),
            ("redis://host:6379/0", "0 is a database, not the name of a stream"),
            ("redis://host:6379/0", "?db=: redis://host:6379/KEY?db=0"),
            ("redis://:tulip@host/15/", "?db=: redis://host/KEY?db=15"),
            ("redis://user:tulip@host/2/tasks", "?db=: redis://host/tasks?db=2"),
            ("redis://user:tulip@host", "redis://***@host is not a queue"),
            ("rdis://:p@ss:tulip@host/a", "rdis://***@host/a is not a queue"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(!error.contains("tulip"), "{error}");
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}

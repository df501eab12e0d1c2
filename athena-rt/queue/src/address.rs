//! Addresses of queues: the parts of a URL.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

use athena_core::display::mask_url;
use athena_core::error::{Error, Result};
use athena_core::secrets;

/// Where a URL has the name of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlForm {
    /// `SCHEME://[USER:PASSWORD@]HOST[:PORT]/NAME[?SETTING=VALUE]`
    Path,
    /// `SCHEME:ANYTHING?queue=NAME[&SETTING=VALUE]`, where anything is a file, or host and path.
    Query,
}

/// The address of a queue: a broker and the name of a queue on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The URL without user and password, for messages.
    pub(crate) redacted: String,
    /// The URL of the broker: everything but the queue.
    pub(crate) broker: Url,
    pub(crate) name: String,
    form: UrlForm,
    separator: char,
}

/// The consumer group of all workers.
pub(crate) const GROUP: &str = "athena";

/// The settings that say where the password is, so that no list of processes shows it.
const PASSWORD_VARIABLE: &str = "password_env";
const PASSWORD_FILE: &str = "password_file";

/// The parameter that names the queue in [`UrlForm::Query`].
const QUEUE: &str = "queue";

/// How a queue is consumed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConsumerOptions {
    /// Consumers of one group share the messages. A broker without groups may ignore it.
    pub group: String,
    /// How long a message may go without a sign of life before it is redelivered.
    pub lease: Duration,
    /// The queue of outcomes, if it is of the same broker implementation: for a broker that stores and
    /// acknowledges in one step. It may be on another server.
    pub to: Option<Address>,
}

impl ConsumerOptions {
    /// Options for the group that all workers share.
    pub fn new(lease: Duration) -> Self {
        Self { group: GROUP.to_owned(), lease, to: None }
    }

    /// The same options with a queue of outcomes.
    #[must_use]
    pub fn with_outcomes_to(self, to: Option<Address>) -> Self {
        Self { to, ..self }
    }
}

impl Address {
    /// Parses a URL. A password may be in a variable or a file that the URL names: `?password_env=NAME`,
    /// `?password_file=PATH`. `separator` is between the name of a queue and the suffix of a
    /// [sibling](Self::sibling).
    ///
    /// # Errors
    ///
    /// The text is not a URL, or has no host or name where the form has one. No error shows a password.
    pub fn parse(text: &str, form: UrlForm, separator: char) -> Result<Self> {
        let wrong =
            |reason: &str| Error::usage(format!("{} is not a queue: {reason}", mask_url(text)));
        let mut broker = Url::parse(text).map_err(|error| {
            let error = wrong(&error.to_string());
            let authority = text.split("//").nth(1).and_then(|rest| rest.split('/').next());
            // Clients of clusters accept such a list.
            if authority.is_none_or(|hosts| !hosts.contains(',')) {
                return error;
            }
            error.help("name one host; of NATS name the other servers of a cluster with ?servers=HOST:PORT,HOST:PORT")
        })?;
        add_password(&mut broker).map_err(|reason| wrong(&reason))?;
        let mut name = String::new();
        match form {
            UrlForm::Path => {
                if broker.host_str().is_none_or(str::is_empty) {
                    return Err(wrong("the host is missing"));
                }
                broker.path().trim_start_matches('/').clone_into(&mut name);
                broker.set_path("");
            }
            UrlForm::Query => {
                let mut rest = Vec::new();
                for (key, value) in broker.query_pairs() {
                    if key == QUEUE {
                        name = value.into_owned();
                    } else {
                        rest.push((key.into_owned(), value.into_owned()));
                    }
                }
                broker.set_query(None);
                if !rest.is_empty() {
                    broker.query_pairs_mut().extend_pairs(rest);
                }
            }
        }
        if name.is_empty() {
            return Err(match form {
                UrlForm::Path => wrong("the name of the stream is missing"),
                UrlForm::Query => wrong("the name of the queue is missing")
                    .help(format!("add it: {}", with_name(&redact(&broker), form, "NAME"))),
            });
        }
        if let Some(password) = broker.password() {
            secrets::learn_value(password);
            secrets::learn_value(&percent_decode_str(password).decode_utf8_lossy());
        }
        let redacted = with_name(&redact(&broker), form, &name);
        Ok(Self { redacted, broker, name, form, separator })
    }

    /// The URL with its user and password: for the client of a broker, never for messages.
    pub fn url(&self) -> String {
        with_name(&self.broker, self.form, &self.name)
    }

    /// The URL without user and password, for messages.
    pub fn redacted(&self) -> &str {
        &self.redacted
    }

    /// The URL without the name of the queue. Two queues with the same one are on the same broker.
    pub fn broker_url(&self) -> &str {
        self.broker.as_str()
    }

    /// The name of the queue.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path of the broker's URL, decoded: `tasks.db` in `sqlite:tasks.db?queue=tasks`.
    pub fn path(&self) -> String {
        percent_decode_str(self.broker.path()).decode_utf8_lossy().into_owned()
    }

    /// The value of a setting: `2` for `db` in `redis://host/tasks?db=2`.
    pub fn setting(&self, name: &str) -> Option<String> {
        let mut pairs = self.broker.query_pairs();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Checks that there are no settings but these.
    ///
    /// # Errors
    ///
    /// There is another one.
    pub fn expect_settings(&self, known: &[&str]) -> Result<()> {
        match self.broker.query_pairs().find(|(name, _)| !known.contains(&&**name)) {
            None => Ok(()),
            Some((name, _)) => {
                let error =
                    Error::usage(format!("unknown setting {name:?}")).context(&self.redacted);
                Err(if known.is_empty() {
                    error
                } else {
                    error.help(format!("known settings: {}", known.join(", ")))
                })
            }
        }
    }

    /// Checks that the name has letters, digits and `._-:` only.
    ///
    /// # Errors
    ///
    /// It has others.
    pub fn check_name(&self) -> Result<()> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte);
        if self.name.bytes().all(legal) { Ok(()) } else { Err(self.invalid_name()) }
    }

    /// The error for a name that the broker does not accept.
    pub fn invalid_name(&self) -> Error {
        let (redacted, name) = (&self.redacted, &self.name);
        Error::usage(format!("{redacted} is not a queue: {name:?} is not a valid name"))
            .help("a name has letters, digits, `-` and `_`")
    }

    /// The address of another queue on the same broker, named after this one.
    #[must_use]
    pub fn sibling(&self, suffix: &str) -> Self {
        let name = format!("{}{}{suffix}", self.name, self.separator);
        let redacted = with_name(&redact(&self.broker), self.form, &name);
        Self { redacted, name, ..self.clone() }
    }

    /// The address of the queue's dead letters, which are a queue like any other.
    #[must_use]
    pub fn dead_letters(&self) -> Self {
        self.sibling("dead")
    }
}

/// Puts the password into the URL that its settings refer to, and removes them.
///
/// # Errors
///
/// It is not there, or there is another one.
fn add_password(broker: &mut Url) -> std::result::Result<(), String> {
    let (sources, others): (Vec<_>, Vec<_>) = broker
        .query_pairs()
        .into_owned()
        .partition(|(name, _)| name == PASSWORD_VARIABLE || name == PASSWORD_FILE);
    let Some((name, source)) = sources.first() else { return Ok(()) };
    if sources.len() > 1 || broker.password().is_some() {
        return Err("it names more than one password".to_owned());
    }
    let password = if name == PASSWORD_VARIABLE {
        std::env::var(source)
            .map_err(|_| format!("the variable {source} of its password is not set"))?
    } else {
        std::fs::read_to_string(source)
            .map_err(|error| format!("can't read its password from {source}: {error}"))?
    };
    let password = password.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err("its password is empty".to_owned());
    }
    broker.set_query(None);
    if !others.is_empty() {
        broker.query_pairs_mut().extend_pairs(others);
    }
    let encoded = utf8_percent_encode(password, NON_ALPHANUMERIC).to_string();
    broker
        .set_password(Some(&encoded))
        .map_err(|()| "it has no host, and so no password".to_owned())
}

/// The URL without user and password.
fn redact(url: &Url) -> Url {
    let mut redacted = url.clone();
    // Fails only for a URL without a host.
    let _ = redacted.set_username("").and_then(|()| redacted.set_password(None));
    redacted
}

/// The URL of a queue.
fn with_name(broker: &Url, form: UrlForm, name: &str) -> String {
    match form {
        UrlForm::Path => {
            let mut url = broker.clone();
            url.set_path(name);
            url.into()
        }
        UrlForm::Query => {
            let sign = if broker.query().is_some() { '&' } else { '?' };
            format!("{broker}{sign}{QUEUE}={name}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_in_a_query_has_siblings_and_settings_and_never_shows_a_password() {
        let text = "pg://me:pass%20word@host/db?queue=tasks&ssl=yes";
        let queue = Address::parse(text, UrlForm::Query, ':').unwrap();
        assert_eq!(queue.redacted, "pg://host/db?ssl=yes&queue=tasks");
        assert_eq!(queue.dead_letters().redacted, "pg://host/db?ssl=yes&queue=tasks:dead");
        assert_eq!(queue.url(), "pg://me:pass%20word@host/db?ssl=yes&queue=tasks");
        assert_eq!((queue.setting("ssl").as_deref(), queue.path().as_str()), (Some("yes"), "/db"));
        assert!(queue.expect_settings(&["ssl"]).is_ok());
        let error = queue.expect_settings(&[]).unwrap_err().to_string();
        assert_eq!(error, "pg://host/db?ssl=yes&queue=tasks: unknown setting \"ssl\"");
        // Clients show URLs and passwords in their errors.
        let shown = Error::failure("no \"pass word\" for pass%20word").to_string();
        assert_eq!(shown, "no \"[secret]\" for [secret]");
    }

    #[test]
    fn a_password_may_be_in_a_variable_or_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "50% /:@\n").unwrap();
        let parse = |url: &str, form| Address::parse(url, form, ':');
        let url = format!("redis://me@host:7000/tasks?db=2&password_file={}", file.display());
        let queue = parse(&url, UrlForm::Path).unwrap();
        assert_eq!(queue.redacted, "redis://host:7000/tasks?db=2");
        assert_eq!(queue.url(), "redis://me:50%25%20%2F%3A%40@host:7000/tasks?db=2");
        assert_eq!(Error::failure("wrong: 50% /:@").to_string(), "wrong: [secret]");
        // A variable that is set in every test.
        let variable = "CARGO_MANIFEST_DIR";
        let url = format!("pg://me@host/db?queue=t&password_env={variable}");
        let queue = parse(&url, UrlForm::Query).unwrap();
        let password = queue.broker.password().unwrap();
        let decoded = percent_decode_str(password).decode_utf8_lossy();
        assert_eq!(decoded, std::env::var(variable).unwrap());
        assert_eq!(queue.setting("password_env"), None);
        for (url, reason) in [
            (
                "redis://host/t?password_env=NOT_SET",
                "the variable NOT_SET of its password is not set",
            ),
            ("redis://host/t?password_file=/not/there", "can't read its password from /not/there"),
            ("redis://:x@host/t?password_env=CARGO_MANIFEST_DIR", "names more than one password"),
            ("redis://host/t?password_env=A&password_file=b", "names more than one password"),
        ] {
            let error = parse(url, UrlForm::Path).unwrap_err();
            assert!(
                error.to_string().contains(reason) && error.exit() == athena_protocol::Exit::Usage
            );
        }
    }

    #[test]
    fn a_file_may_be_relative() {
        let queue = Address::parse("file:a%20b/../t.db?queue=t", UrlForm::Query, ':');
        assert!(queue.is_ok());
        let queue = Address::parse("sqlite:../a%20b/t.db?queue=t", UrlForm::Query, ':').unwrap();
        assert_eq!((queue.path().as_str(), queue.name()), ("../a b/t.db", "t"));
        assert_eq!(queue.redacted(), "sqlite:../a%20b/t.db?queue=t");
        let error = Address::parse("sqlite:t.db", UrlForm::Query, ':').unwrap_err().to_string();
        assert!(error.ends_with("help: add it: sqlite:t.db?queue=NAME"), "{error}");
    }
}

//! Settings from environment variables: declared, read once by envy, never changed.

mod platform;
mod setting;

use std::any::Any;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;

use serde::de::DeserializeOwned;

pub use platform::is_common;
pub use setting::{Setting, Settings};

use crate::error::{Error, Result};

/// Name and value of each variable that is set.
pub type Variables = Vec<(String, String)>;

/// Typed settings, read from environment variables; implemented by `#[environment]`, and by `()`
/// for models that read none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be used as an environment",
    label = "declare it with #[environment]"
)]
pub trait Environment: DeserializeOwned + Clone + Send + Sync + 'static {
    /// The prefix of every variable's name.
    const PREFIX: &'static str = "";

    /// The variables it declares.
    fn variables() -> Vec<Variable>;

    /// Reads the settings from variables and nothing else.
    ///
    /// # Errors
    ///
    /// A variable that is missing or is not valid for its type; the message names it.
    fn read(variables: Variables) -> Result<Self> {
        let read = envy::prefixed(Self::PREFIX).from_iter::<_, Self>(variables.iter().cloned());
        read.map_err(|error| match error {
            envy::Error::MissingValue(field) => {
                let name = format!("{}{}", Self::PREFIX, field.to_uppercase());
                Error::usage(format!("the variable {name} is not set and has no default"))
                    .help(format!("set it: {name}=.. in the environment, or -e {name}=.."))
            }
            envy::Error::Custom(message) => {
                let at_fault = variables.iter().find(|(name, _)| {
                    let rest = message.strip_prefix("the variable ");
                    let rest = rest.and_then(|rest| rest.strip_prefix(name.as_str()));
                    rest.is_some_and(|rest| rest.starts_with(['=', ' ']))
                });
                let advice = at_fault.and_then(|(name, value)| platform::advice(name, value));
                let error = Error::usage(message);
                match advice {
                    Some(advice) => error.help(advice),
                    None => error,
                }
            }
        })
    }
}

impl Environment for () {
    fn variables() -> Vec<Variable> {
        Vec::new()
    }

    fn read(_: Variables) -> Result<Self> {
        Ok(())
    }
}

/// A variable that an environment declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name in the process environment.
    pub name: &'static str,
    /// Its type as Rust writes it.
    pub kind: &'static str,
    /// Its documentation comment.
    pub docs: &'static str,
    /// Its default as text; `None` for a secret.
    pub default: Option<String>,
    /// The texts of all its values, if they are few, as those of an enum; of an item for a list.
    pub values: &'static [&'static str],
    /// Whether it must be set.
    pub required: bool,
    /// Whether its value is never printed and never recorded.
    pub secret: bool,
    placeholder: Option<&'static str>,
}

impl Variable {
    /// A variable with a name and a type.
    pub fn new(name: &'static str, kind: &'static str) -> Self {
        Self {
            name,
            kind,
            docs: "",
            default: None,
            values: &[],
            required: false,
            secret: false,
            placeholder: None,
        }
    }

    /// Sets the documentation.
    #[must_use]
    pub fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// Sets the default, as text.
    #[must_use]
    pub fn default(mut self, text: String) -> Self {
        self.default = Some(text);
        self
    }

    /// Sets the texts of all its values.
    #[must_use]
    pub fn values(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    /// Sets whether it must be set.
    #[must_use]
    pub fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    /// Keeps its value from being printed or recorded. While recording and replaying a model sees
    /// its type's placeholder instead.
    #[must_use]
    pub fn secret(mut self, placeholder: &'static str) -> Self {
        self.secret = true;
        self.placeholder = Some(placeholder);
        self
    }

    /// The value that a model sees in place of a secret while it is recorded and replayed.
    pub fn placeholder(&self) -> Option<&'static str> {
        self.placeholder
    }
}

/// The settings of a state: read once, shared, never changed.
#[derive(Debug)]
pub struct Env<E>(Arc<E>);

impl<E> Env<E> {
    /// Shares settings.
    pub fn new(settings: E) -> Self {
        Self(Arc::new(settings))
    }
}

impl<E> Clone for Env<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> std::ops::Deref for Env<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.0
    }
}

impl<E: PartialEq> PartialEq for Env<E> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// Settings whose type only the model knows.
#[derive(Clone)]
pub struct ErasedEnv(Arc<dyn Any + Send + Sync>);

impl ErasedEnv {
    pub fn read<E: Environment>(variables: Variables) -> Result<Self> {
        Ok(Self(Arc::new(E::read(variables)?)))
    }

    pub fn get<E: Environment>(&self) -> Option<Env<E>> {
        Arc::clone(&self.0).downcast::<E>().ok().map(Env)
    }
}

/// The declared variables that are set in the process.
pub fn from_process(declared: &[Variable]) -> Result<Variables> {
    let set = pick(declared, |name| std::env::var_os(name))?;
    for (name, value) in &set {
        // A variable of text takes any value.
        if platform::is_service_link(name, value) {
            tracing::warn!(
                "{name} has the address of a Kubernetes service, as every pod has it by default; if it is meant for something else, set enableServiceLinks: false in the pod's spec"
            );
        }
    }
    Ok(set)
}

fn pick(declared: &[Variable], get: impl Fn(&str) -> Option<OsString>) -> Result<Variables> {
    let mut set = Vec::new();
    for variable in declared {
        if let Some(value) = get(variable.name) {
            let value = value.into_string().map_err(|_| {
                Error::usage(format!("the variable {} is not valid UTF-8", variable.name))
            })?;
            set.push((variable.name.to_owned(), value));
        }
    }
    Ok(set)
}

/// Sets a variable, replacing its earlier value.
pub fn set(variables: &mut Variables, name: &str, value: &str) {
    match variables.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => value.clone_into(old),
        None => variables.push((name.to_owned(), value.to_owned())),
    }
}

/// The variables with the placeholder of each declared secret as its value, whether the secret is
/// set or not: neither recording nor replay depends on who runs it.
pub fn mask_secrets(declared: &[Variable], variables: &Variables) -> Variables {
    let mut masked = variables.clone();
    for variable in declared {
        if let Some(placeholder) = variable.placeholder() {
            set(&mut masked, variable.name, placeholder);
        }
    }
    masked
}

/// The declared variables without secrets, as a case stores them.
pub fn strip_secrets(declared: &[Variable], variables: &Variables) -> BTreeMap<String, String> {
    let is_stored =
        |name: &str| declared.iter().any(|variable| !variable.secret && variable.name == name);
    variables.iter().filter(|(name, _)| is_stored(name)).cloned().collect()
}

//! The bearer token that clients must send.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use subtle::ConstantTimeEq as _;

use athena_core::error::{Error, Result};

/// The length below which a token can be guessed: as many letters as a random number of 96 bits has.
const SAFE_LENGTH: usize = 16;

/// The environment variable of the token.
pub const VARIABLE: &str = "ATHENA_TOKEN";

/// A secret that the service shares with its clients.
pub struct Token {
    text: RwLock<String>,
    /// The file that it was read from, which may be replaced while the service runs.
    file: Option<PathBuf>,
}

impl Token {
    /// Whether the `authorization` header of a request has this token. Compares in constant time.
    pub fn authorizes(&self, authorization: Option<&str>) -> bool {
        let given = authorization.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let text = self.text.read().unwrap_or_else(PoisonError::into_inner);
        given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(text.as_bytes())))
    }

    /// Reads the file again, if the token is from one; an earlier token is valid no longer.
    ///
    /// # Errors
    ///
    /// The file has no token; then the earlier one stays in use.
    pub fn reload(&self) -> Option<Result<PathBuf>> {
        let file = self.file.as_deref()?;
        Some(read_file(file).map(|text| {
            *self.text.write().unwrap_or_else(PoisonError::into_inner) = text;
            file.to_owned()
        }))
    }
}

/// Reads the token from a file, otherwise from the environment.
pub fn read(file: Option<&Path>) -> Result<Option<Token>> {
    let text = match file {
        Some(path) => read_file(path)?,
        None => match std::env::var_os(VARIABLE) {
            None => return Ok(None),
            Some(value) => {
                let text = value.into_string().map_err(|_| {
                    Error::usage(format!("the variable {VARIABLE} is not valid UTF-8"))
                })?;
                check(&text, &format!("the variable {VARIABLE}"))?
            }
        },
    };
    Ok(Some(Token { text: RwLock::new(text), file: file.map(Path::to_owned) }))
}

/// Checks that only those who have the token reach an address that other machines can reach.
///
/// # Errors
///
/// The token is missing, and nobody has agreed to that.
pub fn require(listen: &str, token: Option<&Token>, allow_anonymous: bool) -> Result<()> {
    if token.is_some() || allow_anonymous {
        return Ok(());
    }
    let message = format!("other machines can reach {listen}, but no token is set");
    Err(Error::usage(message).help(format!(
        "set {VARIABLE} or use --token-file FILE; --allow-anonymous accepts requests without a token"
    )))
}

fn read_file(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
    if is_public(path) {
        tracing::warn!(
            "{}: every user of this machine can read the token; chmod 600 it",
            path.display()
        );
    }
    check(&text, &path.display().to_string())
}

#[cfg(unix)]
fn is_public(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_public(_: &Path) -> bool {
    false
}

fn check(text: &str, origin: &str) -> Result<String> {
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::usage(format!("{origin} has no token"))
            .help("a token consists of visible ASCII characters without spaces"));
    }
    if token.len() < SAFE_LENGTH {
        tracing::warn!(
            "{origin}: a token of fewer than {SAFE_LENGTH} characters can be guessed; openssl rand -hex 32 makes one"
        );
    }
    Ok(token.to_owned())
}

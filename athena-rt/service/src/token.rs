//! The bearer token that clients must send.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use axum::http::{HeaderMap, header};
use subtle::ConstantTimeEq as _;

use athena_core::error::{Error, Result};

/// The environment variable of the token.
pub(super) const VARIABLE: &str = "ATHENA_TOKEN";

/// A secret that the service shares with its clients.
pub(super) struct Token {
    text: RwLock<String>,
    /// The file that it was read from, which may be replaced while the service runs.
    file: Option<PathBuf>,
}

impl Token {
    /// Whether a request has this token. Compares in constant time.
    pub(super) fn authorizes(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
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
    pub(super) fn reload(&self) -> Option<Result<PathBuf>> {
        let file = self.file.as_deref()?;
        Some(read_file(file).map(|text| {
            *self.text.write().unwrap_or_else(PoisonError::into_inner) = text;
            file.to_owned()
        }))
    }
}

/// Reads the token from a file, otherwise from the environment.
pub(super) fn read(file: Option<&Path>) -> Result<Option<Token>> {
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

fn read_file(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
    check(&text, &path.display().to_string())
}

fn check(text: &str, origin: &str) -> Result<String> {
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::usage(format!("{origin} has no token"))
            .help("a token consists of visible ASCII characters without spaces"));
    }
    Ok(token.to_owned())
}

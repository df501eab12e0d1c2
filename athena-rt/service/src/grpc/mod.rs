//! gRPC on the service's own port: each model is a service with one method, described at run time by
//! its own schema. No message is parsed here: models take and give bytes.
//!
//! [`describe`] knows the names, [`call`] answers a model's method, [`standing`] health and
//! reflection; [`status`] says what goes wrong.

mod call;
mod codec;
mod deadline;
mod describe;
mod standing;
mod status;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use self::describe::Description;
pub(super) use self::standing::{HEALTH_CHECK, HEALTH_WATCH};
pub(super) use self::status::{Counted, refused};
use super::app::App;
use super::ids::Ids;
use super::models::{Models, Served};
use super::problem::Problem;
use athena_core::error::Result;
use athena_protocol::text::suggest;

/// What answers calls.
pub(super) struct Grpc {
    /// Models by the path of their method.
    methods: BTreeMap<String, Arc<Served>>,
    /// The names of the models' services.
    services: Vec<String>,
    /// Health and reflection.
    standing: Router,
    health: HealthReporter,
}

impl Grpc {
    /// Describes the models.
    ///
    /// # Errors
    ///
    /// A default of their types that panics.
    pub(super) fn new(models: &Models) -> Result<Self> {
        let Description { files, methods, services } = describe::describe(models)?;
        let health = HealthReporter::new();
        let standing = standing::router(&files, &health)?;
        Ok(Self { methods, services, standing, health })
    }

    /// Health says of every service that it serves.
    pub(super) async fn begin_health(&self) {
        for service in &self.services {
            self.health.set_service_status(service, ServingStatus::Serving).await;
        }
    }

    /// Health says of every service, and of all, that it serves no more.
    pub(super) async fn end_health(&self) {
        for service in self.services.iter().map(String::as_str).chain([""]) {
            self.health.set_service_status(service, ServingStatus::NotServing).await;
        }
    }

    /// The path of a model's method.
    pub(super) fn path(&self, model: &Served) -> Option<&str> {
        let found = self.methods.iter().find(|(_, known)| known.id() == model.id());
        found.map(|(path, _)| path.as_str())
    }
}

/// Whether a request is a call.
pub(super) fn is_asked(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
    let rest = kind.strip_prefix(b"application/grpc");
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// Answers a call.
pub(super) async fn answer(app: &Arc<App>, ids: &Ids, request: Request) -> Response {
    let path = request.uri().path();
    if standing::is_its(path) {
        return standing::answer(app, request).await;
    }
    if request.method() != Method::POST {
        let words = format!("{} is not for calls", request.method());
        return refused(&Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", words));
    }
    let Some(model) = app.grpc.methods.get(path) else {
        return refused(&unknown(app, path));
    };
    let mut response = match call::call(app, model, ids, request).await {
        Ok(response) => response,
        Err(problem) => refused(&problem),
    };
    // For the counts.
    response.extensions_mut().insert(Arc::clone(model));
    response
}

fn unknown(app: &App, path: &str) -> Problem {
    let known: Vec<&str> = app.grpc.methods.keys().map(String::as_str).collect();
    let words = format!("there is no method {path}{}", suggest(path, &known));
    Problem::new(StatusCode::NOT_FOUND, "path", words)
}

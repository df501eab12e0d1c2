//! Models inside an axum application: its own routes, and a layer of its own around all of them.
//!
//! ```text
//! cargo run -p embedded
//! curl -H 'x-tenant: acme' -H 'content-type: application/json' \
//!   -d '{"celsius": 20}' http://127.0.0.1:8080/models/to_fahrenheit
//! ```

use athena_rt::prelude::*;
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

#[structure]
struct Temperature {
    celsius: f64,
    #[default(0.0)]
    fahrenheit: f64,
}

/// Converts a temperature.
#[model]
fn to_fahrenheit(mut state: State<Temperature>) -> State<Temperature> {
    state.data.fahrenheit = state.data.celsius * 1.8 + 32.0;
    state
}

/// The layer of the application: each request names its tenant.
async fn require_tenant(request: Request, next: Next) -> Response {
    if request.headers().contains_key("x-tenant") {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "the header x-tenant is missing\n").into_response()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    athena_rt::init();
    let app = Router::new()
        .route("/about", get(|| async { "an application with models\n" }))
        .merge(athena_rt::service::router(athena_rt::service::Settings::default())?)
        .layer(middleware::from_fn(require_tenant));
    let address = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

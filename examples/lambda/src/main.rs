//! Models that answer the events of AWS Lambda: each event names a model and has its message.
//!
//! An error that a model returns, and a message that it can't read, is an error of the invocation.

use athena_rt::call::{CallOutcome, Models};
use athena_rt::prelude::*;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json, value::RawValue};

#[environment]
struct Settings {
    /// The rate of the tax, in percent.
    #[default(19)]
    tax_percent: u32,
}

#[structure]
struct Invoice {
    net_cents: u64,
    #[default(0)]
    gross_cents: u64,
}

/// Adds the tax.
#[model]
fn invoice(mut state: State<Invoice, Settings>) -> Result<State<Invoice, Settings>, String> {
    if state.data.net_cents == 0 {
        return Err("the invoice has no amount".to_owned());
    }
    let rate = u64::from(state.env.tax_percent);
    state.data.gross_cents = state.data.net_cents + state.data.net_cents * rate / 100;
    Ok(state)
}

/// Answers `{"model": .., "message": ..}`.
async fn answer(models: &Models, event: LambdaEvent<Value>) -> Result<Box<RawValue>, Error> {
    let Some(name) = event.payload["model"].as_str() else {
        return Err("the event has no text `model`".into());
    };
    let message = event.payload["message"].to_string();
    to_response(&models.find(name)?.call_async(message.as_bytes()).await?)
}

/// The output of a model as it was written; the list of its outputs if there is another number than one.
fn to_response(outcome: &CallOutcome) -> Result<Box<RawValue>, Error> {
    if let Some(error) = &outcome.error {
        return Err(error.message.clone().into());
    }
    if let Some(text) = outcome.text() {
        return Ok(RawValue::from_string(text.to_owned())?);
    }
    let outputs: Result<Vec<Value>, _> =
        outcome.outputs.iter().map(|output| serde_json::from_slice(output)).collect();
    Ok(serde_json::value::to_raw_value(&json!(outputs?))?)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let models = athena_rt::models()?;
    let models = &models;
    lambda_runtime::run(service_fn(|event| answer(models, event))).await
}

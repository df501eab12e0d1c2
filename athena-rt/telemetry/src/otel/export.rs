//! Export by OTLP, under the standard variables of OpenTelemetry.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use opentelemetry::{KeyValue, global};
use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::{Builder, Runtime};

use super::client::CollectorClient;
use super::settings::{self, Signals};
use athena_core::error::{Error, Result};
use athena_core::random;

/// How long the end of a program waits for the last export.
const PATIENCE: Duration = Duration::from_secs(5);

/// The time of a request if no variable sets it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Exports what is recorded, in the background: spans that can't be exported in time are dropped.
pub struct Export {
    tracer: Option<SdkTracerProvider>,
    meter: Option<SdkMeterProvider>,
    runtime: Option<Runtime>,
}

impl Export {
    /// Installs the providers that the variables ask for.
    ///
    /// # Errors
    ///
    /// A variable has an unknown value.
    pub fn start() -> Result<Self> {
        let signals = settings::read(|name| std::env::var(name).ok())?;
        let mut export = Self { tracer: None, meter: None, runtime: None };
        if !signals.traces && !signals.metrics {
            return Ok(export);
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("telemetry")
            .enable_all()
            .build()
            .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
        let client = CollectorClient::new(runtime.handle().clone(), timeout())?;
        export.runtime = Some(runtime);
        export.install(signals, &(Arc::new(client) as Arc<dyn HttpClient>))?;
        Ok(export)
    }

    fn install(&mut self, signals: Signals, client: &Arc<dyn HttpClient>) -> Result<()> {
        let wrong = |error: &dyn std::fmt::Display| {
            Error::usage(format!("telemetry can't be exported: {error}"))
                .help("see the OTEL_EXPORTER_OTLP_* variables")
        };
        let resource = resource();
        if signals.traces {
            let exporter = SpanExporter::builder()
                .with_http()
                .with_shared_http_client(Arc::clone(client))
                .build()
                .map_err(|error| wrong(&error))?;
            let builder = SdkTracerProvider::builder().with_resource(resource.clone());
            let provider = builder.with_batch_exporter(exporter).build();
            global::set_tracer_provider(provider.clone());
            self.tracer = Some(provider);
        }
        if signals.metrics {
            let exporter = MetricExporter::builder()
                .with_http()
                .with_shared_http_client(Arc::clone(client))
                .build()
                .map_err(|error| wrong(&error))?;
            let builder = SdkMeterProvider::builder().with_resource(resource);
            let provider = builder.with_periodic_exporter(exporter).build();
            global::set_meter_provider(provider.clone());
            self.meter = Some(provider);
        }
        Ok(())
    }

    /// Exports what is left, for a few seconds at most.
    pub fn finish(self) {
        let Self { tracer, meter, runtime } = self;
        let (done, ended) = channel();
        let flush = std::thread::Builder::new().name("telemetry".to_owned()).spawn(move || {
            if let Some(tracer) = tracer {
                let _ = tracer.shutdown_with_timeout(PATIENCE);
            }
            if let Some(meter) = meter {
                let _ = meter.shutdown_with_timeout(PATIENCE);
            }
            let _ = done.send(());
        });
        if flush.is_ok() && ended.recv_timeout(PATIENCE).is_err() {
            tracing::warn!("the last telemetry was not exported within {PATIENCE:?}");
        }
        if let Some(runtime) = runtime {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").finish_non_exhaustive()
    }
}

/// The time limit of a request.
fn timeout() -> Duration {
    let millis = std::env::var("OTEL_EXPORTER_OTLP_TIMEOUT").ok();
    let millis = millis.and_then(|text| text.trim().parse().ok());
    millis.map_or(TIMEOUT, Duration::from_millis)
}

/// What identifies this process: the standard variables, then the name of the program.
fn resource() -> Resource {
    let mut builder = Resource::builder();
    let attributes = std::env::var("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
    let has = |name: &str| {
        attributes
            .split(',')
            .any(|pair| pair.split('=').next().is_some_and(|key| key.trim() == name))
    };
    let is_named = std::env::var("OTEL_SERVICE_NAME").is_ok_and(|name| !name.is_empty());
    if !is_named && !has("service.name") {
        let program = std::env::current_exe().ok();
        let name = program.as_deref().and_then(|path| path.file_stem());
        if let Some(name) = name {
            builder = builder.with_service_name(name.to_string_lossy().into_owned());
        }
    }
    if !has("service.instance.id") {
        // Otherwise the metrics of two processes would be one series.
        let id = format!("{}{}", random::random_hex(), random::random_hex());
        builder = builder.with_attribute(KeyValue::new("service.instance.id", id));
    }
    builder.build()
}

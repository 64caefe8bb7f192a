//! Traces to an OpenTelemetry collector, by OTLP over HTTP (feature `otel`). Spans stand where they are measured, under the target
//! `postkey_trace`; here they are gathered and sent.

use crate::config::TelemetryConfig;
use crate::system::SystemClock;
use bytes::Bytes;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use postkey_model::Clock;
use postkey_outbound::{Method, Outbound};
use std::time::Duration;
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// How long one delivery may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What spans of ours are marked with.
const TARGET: &str = "postkey_trace";

/// The traces on their way.
pub struct Telemetry(SdkTracerProvider);

impl Telemetry {
    /// Begins to gather; `None` when no collector is set. Needs a running tokio runtime.
    pub fn start(config: &TelemetryConfig) -> Result<Option<Self>, String> {
        let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
        let why = |e: &dyn std::fmt::Display| format!("otlp_endpoint: {e}");
        let outbound = Outbound::new(None).map_err(|e| why(&e))?.with_patience(PATIENCE);
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender { outbound, runtime: Handle::current() })
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .build()
            .map_err(|e| why(&e))?;
        let resource = Resource::builder_empty()
            .with_service_name("postkey")
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.share))))
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Telemetry(provider)))
    }

    /// What gathers our spans, and nobody else's.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let tracer: SdkTracer = self.0.tracer("postkey");
        // Neither where in our source a span stands nor which thread ran it is anybody's business.
        let layer = OpenTelemetryLayer::new(tracer).with_location(false).with_threads(false).with_tracked_inactivity(false);
        layer.with_filter(filter_fn(|meta| meta.target() == TARGET))
    }

    /// Sends what is left.
    pub async fn stop(self) {
        // It waits for the answer without the runtime's knowledge.
        let stopped = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(PATIENCE)).await;
        if !matches!(stopped, Ok(Ok(()))) {
            tracing::warn!("the last traces were not taken");
        }
    }
}

/// Sends by our own client: the collector is reached like every other service.
#[derive(Clone)]
struct Sender {
    outbound: Outbound,
    /// The library asks from a thread of its own.
    runtime: Handle,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sender")
    }
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let url = postkey_outbound::service_url(&head.uri.to_string())?;
        let outbound = self.outbound.clone();
        let asked = async move { outbound.ask(Method::POST, &url, head.headers, body.to_vec(), SystemClock.now()).await };
        let answer = self.runtime.spawn(asked).await?;
        match answer {
            Ok(answer) => {
                if !answer.status.is_success() {
                    tracing::warn!(status = answer.status.as_u16(), "the collector did not take traces");
                }
                let mut response = Response::new(answer.body);
                *response.status_mut() = answer.status;
                *response.headers_mut() = answer.headers;
                Ok(response)
            }
            Err(e) => {
                tracing::warn!(error = %e, "the collector of traces was not reached");
                Err(e.into())
            }
        }
    }
}

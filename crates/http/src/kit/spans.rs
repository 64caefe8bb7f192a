//! A request as a span of a trace. It costs next to nothing unless somebody collects traces (feature `otel`).

use super::named::{self, Trace};
use axum::http::{Method, StatusCode};
use postkey_model::TenantId;
use tracing::Span;
use tracing::field::Empty;

/// The span of a request, below the caller's if there is one. Attributes have the names of OpenTelemetry's conventions for HTTP.
pub fn of(method: &Method, matched: Option<&str>, caller: Option<&Trace>) -> Span {
    let span = tracing::trace_span!(
        target: "postkey_trace",
        "request",
        otel.name = Empty,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = named::method(method),
        http.route = Empty,
        http.response.status_code = Empty,
        tenant = Empty,
    );
    if !span.is_disabled() {
        // A span keeps the name that it began with.
        span.record("otel.name", format!("{} {}", named::method(method), matched.unwrap_or_default()).trim_end());
        if let Some(caller) = caller {
            below(&span, caller);
        }
    }
    span
}

/// What came of it.
pub fn end(span: &Span, route: Option<&str>, status: StatusCode, tenant: Option<&TenantId>) {
    if span.is_disabled() {
        return;
    }
    if let Some(route) = route {
        span.record("http.route", route);
    }
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    if let Some(tenant) = tenant {
        span.record("tenant", tenant.as_str());
    }
}

#[cfg(feature = "otel")]
fn below(span: &Span, caller: &Trace) {
    use opentelemetry::Context;
    use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    let (Ok(trace), Ok(parent)) = (TraceId::from_hex(&caller.id), SpanId::from_hex(&caller.parent)) else { return };
    let flags = if caller.is_sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
    let context = SpanContext::new(trace, parent, flags, true, TraceState::NONE);
    let _ = span.set_parent(Context::new().with_remote_span_context(context));
}

#[cfg(not(feature = "otel"))]
fn below(_: &Span, _: &Trace) {}

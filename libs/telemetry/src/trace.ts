import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** Whose name stands on our spans. */
export const tracer = () => trace.getTracer('millrace');

/** The trace under way as a W3C traceparent; undefined when there is none. */
export function currentTraceparent(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'];
}

/** The id of the trace under way; empty when there is none. */
export const currentTraceId = (): string => trace.getActiveSpan()?.spanContext().traceId ?? '';

/** Goes on with a trace that came by event, job or file: runs `work` in a span of its own. */
export async function withTraceparent<T>(traceparent: string | undefined, name: string, work: () => Promise<T>, kind: SpanKind = SpanKind.INTERNAL): Promise<T> {
  const outer = traceparent === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, { traceparent });
  const span = tracer().startSpan(name, { kind }, outer);
  try {
    const value = await context.with(trace.setSpan(outer, span), work);
    endSpan(span, undefined);
    return value;
  } catch (error) {
    endSpan(span, error);
    throw error;
  }
}

/** Ends a span; an error shows in its status by name alone, because messages may hold what people put in. */
export function endSpan(span: Span, error: unknown): void {
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
  span.end();
}

import { endSpan, tracer, withTraceparent as inSpan } from '@millrace/telemetry';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { detached } from './call-scope.js';
import type { Observer } from './observer.js';

/** Made once: most calls are in no trace that is kept. */
const OPTIONS = { server: { kind: SpanKind.SERVER }, client: { kind: SpanKind.CLIENT } } as const;

/** Makes a span of every call and carries its context across by `traceparent`. Does nothing when no telemetry was started. */
export const tracing: Observer = {
  begin({ service, method, side, transport }, metadata) {
    const outer = side === 'server' && transport === 'grpc' ? propagation.extract(context.active(), metadata) : context.active();
    const name = `${service}/${method}`;
    const span = tracer().startSpan(name, OPTIONS[side], outer);
    const inner = trace.setSpan(outer, span);
    if (side === 'client') propagation.inject(inner, metadata);
    const run = <T>(work: () => T): T => context.with(inner, work);
    // What nobody will read is not written down; the number still goes on, so that a request is told whole or not at all.
    if (!span.isRecording()) return { run, end: nothing };
    span.setAttributes({ 'rpc.system.name': transport === 'grpc' ? 'grpc' : 'millrace', 'rpc.method': name });
    return {
      run,
      end: (error) => {
        span.setAttribute('rpc.status_code', error?.code ?? 'OK');
        endSpan(span, error);
      },
    };
  },
};

const nothing = (): void => undefined;

/** Goes on with a trace that came by event, job or file: runs `work` in a span of its own, as part of no call. */
export const withTraceparent = <T>(traceparent: string | undefined, name: string, work: () => Promise<T>, kind?: SpanKind): Promise<T> => detached(() => inSpan(traceparent, name, work, kind));

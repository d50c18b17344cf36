import { SpanStatusCode, trace } from '@opentelemetry/api';

/** Does the work inside a span of Assay's own trace. Errors pass through; the span only learns their name, never their text. */
export async function inSpan<T>(
  name: string,
  work: () => Promise<T>,
  attributes: Readonly<Record<string, string | number>> = {},
): Promise<T> {
  return trace.getTracer('assay').startActiveSpan(name, { attributes: { ...attributes } }, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'unknown' });
      throw error;
    } finally {
      span.end();
    }
  });
}

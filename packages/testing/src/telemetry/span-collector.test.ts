// Spans in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { InMemorySpanCollector, TRANSPORT_SPAN_ATTRIBUTE } from "@connectum/testing";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

const tracerOf = (collector: InMemorySpanCollector) => collector.provider.getTracer("test");

// contract: COL-1
test("a collector has a provider of its own, which is registered nowhere", () => {
  const one = new InMemorySpanCollector();
  const other = new InMemorySpanCollector();
  trace.getTracer("global").startSpan("lost").end();
  tracerOf(one).startSpan("a").end();
  assert.deepEqual(
    [one, other].map((collector) => collector.flush().map(({ name }) => name)),
    [["a"], []],
  );
  assert.equal(one.options.tracerProvider, one.provider);
});

// contract: COL-2
test("ended spans are there at once, and stay until they are forgotten", () => {
  const collector = new InMemorySpanCollector();
  const open = tracerOf(collector).startSpan("b");
  tracerOf(collector).startSpan("a").end();
  const names = () => collector.flush().map(({ name }) => name);
  assert.deepEqual([names(), names()], [["a"], ["a"]]);
  open.end();
  assert.deepEqual(names(), ["a", "b"]);
  collector.reset();
  assert.deepEqual(names(), []);
});

// contract: COL-3
test("spans, events and attributes are in an order of their own, without the transport", () => {
  const collector = new InMemorySpanCollector();
  const start = (name: string, kind: SpanKind, attributes: Record<string, string>) =>
    tracerOf(collector).startSpan(name, { kind, attributes });
  const span = start("b", SpanKind.SERVER, { z: "1", a: "2", [TRANSPORT_SPAN_ATTRIBUTE]: "http" });
  span.addEvent("y", { b: 1, a: 2 });
  span.addEvent("x", { n: 2 });
  span.addEvent("x", { n: 1, [TRANSPORT_SPAN_ATTRIBUTE]: "http" });
  span.end();
  start("b", SpanKind.CLIENT, {}).end();
  start("a", SpanKind.CLIENT, { n: "2" }).end();
  start("a", SpanKind.CLIENT, { n: "1" }).end();
  const spans = collector.flush();
  assert.deepEqual(
    spans.map(({ name, kind, attributes }) => [name, kind, JSON.stringify(attributes)]),
    [
      ["a", SpanKind.CLIENT, '{"n":"1"}'],
      ["a", SpanKind.CLIENT, '{"n":"2"}'],
      ["b", SpanKind.SERVER, '{"a":"2","z":"1"}'],
      ["b", SpanKind.CLIENT, "{}"],
    ],
  );
  assert.deepEqual(
    spans[2]?.events.map(({ name, attributes }) => `${name} ${JSON.stringify(attributes)}`),
    ['x {"n":1}', 'x {"n":2}', 'y {"a":2,"b":1}'],
  );
  assert.equal(TRANSPORT_SPAN_ATTRIBUTE, "connectum.transport");
});

// contract: COL-6
test("a span has its identifiers and its status, and no times", () => {
  const collector = new InMemorySpanCollector();
  const tracer = tracerOf(collector);
  const parent = tracer.startSpan("parent");
  // Registering a context manager would be global, so the parent is given.
  const child = tracer.startSpan("child", {}, trace.setSpan(ROOT_CONTEXT, parent));
  child.setStatus({ code: SpanStatusCode.ERROR, message: "no" });
  for (const span of [child, parent]) span.end();
  const [first, second] = collector.flush();
  assert.deepEqual(Object.keys(first ?? {}).sort(), [
    ...["attributes", "events", "kind", "name", "parentSpanId", "spanId", "status", "traceId"],
  ]);
  const { spanId, traceId } = parent.spanContext();
  assert.deepEqual([first?.parentSpanId, first?.traceId, first?.spanId], [spanId, traceId, child.spanContext().spanId]);
  assert.deepEqual(
    [first?.status, second?.status],
    [
      { code: SpanStatusCode.ERROR, message: "no" },
      { code: SpanStatusCode.UNSET, message: undefined },
    ],
  );
  assert.equal(second?.parentSpanId, undefined);
});

// contract: COL-7
test("after dispose() spans are lost", async () => {
  const collector = new InMemorySpanCollector();
  await collector.dispose();
  tracerOf(collector).startSpan("late").end();
  assert.deepEqual(collector.flush(), []);
});

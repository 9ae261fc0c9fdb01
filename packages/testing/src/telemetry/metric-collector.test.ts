// Metrics in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { InMemoryMetricCollector, TRANSPORT_METRIC_ATTRIBUTE } from "@connectum/testing";

const meterOf = (collector: InMemoryMetricCollector) => collector.provider.getMeter("test");

// contract: COL-1
test("a collector has a provider of its own", async () => {
  const one = new InMemoryMetricCollector();
  const other = new InMemoryMetricCollector();
  meterOf(one).createCounter("calls").add(1);
  assert.deepEqual([(await one.flush()).length, (await other.flush()).length], [1, 0]);
  assert.equal(one.options.meterProvider, one.provider);
});

// contract: COL-4
test("metrics, points and attributes are in an order of their own, without the transport", async () => {
  const collector = new InMemoryMetricCollector();
  const meter = meterOf(collector);
  const sizes = meter.createHistogram("size", { description: "of requests", unit: "By" });
  sizes.record(7, { method: "b", a: "1", [TRANSPORT_METRIC_ATTRIBUTE]: "http" });
  sizes.record(5, { method: "a" });
  meter.createUpDownCounter("active").add(-1);
  meter.createGauge("load").record(0.5);
  const metrics = await collector.flush();
  assert.deepEqual(
    metrics.map(({ name, type, points }) => [name, type, points.map(({ attributes }) => JSON.stringify(attributes))]),
    [
      ["active", "3", ["{}"]],
      ["load", "2", ["{}"]],
      ["size", "0", ['{"a":"1","method":"b"}', '{"method":"a"}']],
    ],
  );
  assert.deepEqual([metrics[2]?.description, metrics[2]?.unit], ["of requests", "By"]);
  assert.deepEqual(
    metrics.slice(0, 2).flatMap(({ points }) => points.map(({ value }) => value)),
    [-1, 0.5],
  );
  assert.equal(TRANSPORT_METRIC_ATTRIBUTE, "transport");
});

// contract: COL-4
test("points that differ in the transport only are one", async () => {
  const collector = new InMemoryMetricCollector();
  const meter = meterOf(collector);
  const calls = meter.createCounter("calls");
  const load = meter.createGauge("load");
  const size = meter.createHistogram("size", { advice: { explicitBucketBoundaries: [10] } });
  for (const [index, transport] of ["grpc", "local", undefined].entries()) {
    const attributes = { method: "a", ...(transport !== undefined && { [TRANSPORT_METRIC_ATTRIBUTE]: transport }) };
    calls.add(index + 1, attributes);
    load.record(index, attributes);
    size.record(index * 10, attributes);
  }
  calls.add(7, { method: "b", [TRANSPORT_METRIC_ATTRIBUTE]: "grpc" });
  const attributes = { method: "a" };
  const buckets = { boundaries: [10], counts: [2, 1] };
  const whole = [
    [
      { attributes, value: 6 },
      { attributes: { method: "b" }, value: 7 },
    ],
    [{ attributes, value: 2 }],
    [{ attributes, value: { min: 0, max: 20, sum: 30, count: 3, buckets } }],
  ];
  const points = async () => (await collector.flush()).map((metric) => metric.points);
  assert.deepEqual([await points(), await points()], [whole, whole]);
});

// contract: COL-5
test("flush() has all since the reset, each metric once, however often it is called", async () => {
  const collector = new InMemoryMetricCollector();
  const meter = meterOf(collector);
  const calls = meter.createCounter("calls");
  const load = meter.createGauge("load");
  const size = meter.createHistogram("size", { advice: { explicitBucketBoundaries: [10] } });
  const values = async () =>
    Object.fromEntries((await collector.flush()).map(({ name, points }) => [name, points.map(({ value }) => value)]));
  calls.add(1, { method: "a" });
  load.record(3);
  size.record(5);
  await collector.flush();
  calls.add(2, { method: "a" });
  calls.add(4, { method: "b" });
  load.record(2);
  size.record(15);
  size.record(1);
  const whole = {
    calls: [3, 4],
    load: [2],
    size: [{ min: 1, max: 15, sum: 21, count: 3, buckets: { boundaries: [10], counts: [2, 1] } }],
  };
  assert.deepEqual(await values(), whole);
  assert.deepEqual(await values(), whole);
  collector.reset();
  assert.deepEqual(await values(), {});
  calls.add(5, { method: "a" });
  assert.deepEqual(await values(), { calls: [5] });
});

test("flush() waits for no timer, so that it works with fake ones", async () => {
  const collector = new InMemoryMetricCollector();
  const { setTimeout: real } = globalThis;
  meterOf(collector).createCounter("calls").add(1);
  try {
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout;
    assert.equal((await collector.flush()).length, 1);
  } finally {
    globalThis.setTimeout = real;
  }
});

test("a callback that fails leaves the other metrics as they are", async () => {
  const collector = new InMemoryMetricCollector();
  const meter = meterOf(collector);
  meter.createObservableGauge("bad").addCallback(() => {
    throw new Error("no");
  });
  meter.createCounter("calls").add(1);
  assert.deepEqual(
    (await collector.flush()).map(({ name }) => name),
    ["calls"],
  );
});

// contract: COL-7
test("after dispose() nothing is recorded", async () => {
  const collector = new InMemoryMetricCollector();
  await collector.dispose();
  meterOf(collector).createCounter("calls").add(1);
  assert.deepEqual(await collector.flush(), []);
});

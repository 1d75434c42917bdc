import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startComposedRegistry, type ComposedRegistry } from '../support/composed-registry.js';
import { call, callJson, openNamespace, publish } from '../support/upload.js';

const TOKEN = 'a-token-for-metrics-0123456789';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

interface ExportedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

let registry: ComposedRegistry;
const exported: ExportedSpan[] = [];
const collector = createServer((request, response) => {
  void readAll(request).then((text) => {
    const body = JSON.parse(text) as {
      resourceSpans: { scopeSpans: { spans: ExportedSpan[] }[] }[];
    };
    exported.push(...body.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans)));
    response.end('{}');
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  registry = await startComposedRegistry({
    SHEAF_METRICS_TOKEN: TOKEN,
    SHEAF_WEBHOOK_ALLOW: '127.0.0.0/8',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
  });
  await openNamespace(registry);
});
afterAll(async () => {
  await registry.close();
  collector.close();
});

const metricsOf = async () => (await call(registry, '/metrics')).bytes.toString();

test('requests are counted by the pattern of their route, whatever stands in the path', async () => {
  await publish(registry);
  await call(registry, '/v1/workflows/acme/deploy');
  await call(registry, '/v1/workflows/acme/deploy?secret-of-the-query=1');
  await call(registry, '/v1/nowhere/at-all');
  await call(registry, '/v1/workflows/no/such-workflow');
  await expect
    .poll(metricsOf)
    .toMatch(/sheaf_http_requests_total\{method="GET",route="none",status="404"\} [1-9]/);
  const text = await metricsOf();
  expect(text).toMatch(
    /sheaf_http_requests_total\{method="GET",route="\/v1\/workflows\/:namespace\/:name",status="404"\} 1/,
  );
  expect(text).toMatch(/sheaf_publish_phase_seconds_count\{phase="verify"\} 1/);
  expect(text).toMatch(/sheaf_blob_operation_seconds_count\{operation="put",outcome="ok"\} [1-9]/);
  expect(text).toMatch(/sheaf_log_batch_leaves_count\{realm="public"\} [1-9]/);
  expect(text).toMatch(/sheaf_log_queue_length\{realm="private"\} 0/);
  expect(text).toMatch(/sheaf_database_pool_connections\{state="idle"\} \d/);
  expect(text).toMatch(/sheaf_build_info\{version="\d+\.\d+\.\d+"/);
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  expect(text).toContain('process_resident_memory_bytes');
  expect(text).not.toMatch(/nowhere|such-workflow|secret-of|acme/);
});

test('metrics are open on this machine without a proxy, and else with their token alone', async () => {
  const ask = (headers: Record<string, string>) => call(registry, '/metrics', { headers });
  expect((await ask({})).status).toBe(200);
  const proxied = { 'X-Forwarded-For': '203.0.113.9' };
  expect((await ask(proxied)).json['code']).toBe('metrics.refused');
  expect((await ask({ ...proxied, Authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  expect((await ask({ ...proxied, Authorization: `Bearer ${TOKEN}x` })).status).toBe(403);
  expect((await ask({ ...proxied, Authorization: `Bearer ${registry.ownerToken}` })).status).toBe(403);
});

test('a trace of the caller goes on: the request and the phases of its publish are parts of it', async () => {
  const { headers } = await call(registry, '/healthz', {
    headers: { traceparent: `00-${TRACE}-${PARENT}-01`, 'X-Request-Id': 'my.request-0001' },
  });
  expect(headers.get('x-request-id')).toBe('my.request-0001');
  await publish(registry, { version: '1.1.0' });
  const find = (name: string) => exported.filter((span) => span.name === name);
  await expect.poll(() => find('GET /healthz').length, { timeout: 15_000 }).toBe(1);
  expect(find('GET /healthz')[0]).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
  await expect.poll(() => find('publish.verify').length, { timeout: 15_000 }).toBeGreaterThan(0);
  const verify = find('publish.verify').at(-1);
  // A part ends before its whole, and may be exported before it.
  const findRequest = () => find('POST /v1/workflows').find((span) => span.spanId === verify?.parentSpanId);
  await expect.poll(findRequest, { timeout: 15_000 }).toMatchObject({ traceId: verify?.traceId });
});

test('a trace goes on to the webhooks that a request leads to, and to who receives them', async () => {
  const parents: (string | string[] | undefined)[] = [];
  const receiver = createServer((request, response) => {
    parents.push(request.headers['traceparent']);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  const hook = { namespace: 'acme', url: `http://127.0.0.1:${port}/` };
  expect((await callJson(registry, 'POST', '/v1/webhooks', hook)).status).toBe(201);
  const trace = 'c0ffee00c0ffee00c0ffee00c0ffee00';
  const moved = await call(registry, '/v1/workflows/acme/deploy/channels/traced', {
    method: 'PUT',
    token: registry.ownerToken,
    body: JSON.stringify({ version: '1.1.0' }),
    headers: { 'Content-Type': 'application/json', traceparent: `00-${trace}-${PARENT}-01` },
  });
  expect(moved.status).toBe(200);
  const spans = () =>
    exported.filter(({ traceId, name }) => traceId === trace && /^(?:PUT|webhook)/.test(name));
  await expect.poll(() => spans().length, { timeout: 20_000 }).toBe(2);
  const [request, delivery] = spans();
  expect(request?.parentSpanId).toBe(PARENT);
  expect(moved.headers.get('x-request-id')).toBe(`${trace}-${request?.spanId ?? ''}`);
  expect(delivery).toMatchObject({ name: 'webhook.deliver', parentSpanId: request?.spanId });
  expect(parents).toEqual([`00-${trace}-${delivery?.spanId ?? ''}-01`]);
  receiver.closeAllConnections();
  receiver.close();
});

test('the log names route, status, time and id of each request, and holds nothing of what was sent', async () => {
  const id = 'look.for-this-1';
  const answer = await call(registry, '/v1/workflows/acme/deploy/9.9.9?q=tell-nobody', {
    token: registry.ownerToken,
    headers: { 'X-Request-Id': id, 'X-Forwarded-For': '203.0.113.77', From: 'ana@example.com' },
  });
  expect(answer.json).toMatchObject({ code: 'request.invalid', requestId: id });
  await expect
    .poll(() => registry.lines.find((line) => line['request.id'] === id))
    .toMatchObject({
      'http.method': 'GET',
      'http.route': '/v1/workflows/:namespace/:name/:version',
      'http.status': 400,
      'error.code': 'request.invalid',
      duration_ms: expect.any(Number) as number,
    });
  const everything = JSON.stringify(registry.lines);
  const secret = registry.ownerToken.split('_')[2] ?? '';
  for (const word of ['tell-nobody', '203.0.113.77', '127.0.0.1', 'ana@example.com', secret, TOKEN])
    expect(everything).not.toContain(word);
});

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

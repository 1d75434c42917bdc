import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlan, readDefinition } from '@sheaf/workflow';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import {
  callJson,
  definitionOf,
  keyEvent,
  openNamespace,
  publish,
  PUBLISHER,
  sendKey,
} from '../support/upload.js';
import { ask } from './raw.js';

const VERSION = '/v1/workflows/acme/deploy/1.0.0';
const bytes = (text: string) => new TextEncoder().encode(text);

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
  await publish(registry, {
    readme: {
      path: 'README.md',
      bytes: bytes('# Hello\n\n<script>x</script> [a](docs/b.md)\n'),
      executable: false,
    },
  });
  await publish(registry, {
    name: 'binary',
    definition: `${definitionOf({ name: 'binary' })}\n[bundle]\ninclude = ["docs/**"]\n`,
    readme: {
      path: 'docs/größe.bin',
      bytes: new Uint8Array(300_000).map((_, i) => i % 251),
      executable: false,
    },
  });
});
afterAll(() => registry.close());

describe('the README', () => {
  test('is HTML that does nothing', async () => {
    for (let time = 0; time < 2; time += 1) {
      const answer = await ask(registry, `${VERSION}/readme`, { Accept: 'text/html,*/*' });
      expect(answer.body.toString()).toBe(
        '<h1>Hello</h1>\n<p>&lt;script&gt;x&lt;/script&gt; <a href="files/docs/b.md" rel="nofollow noopener noreferrer ugc">a</a></p>\n',
      );
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        vary: 'Accept-Encoding, Accept',
      });
    }
  });

  test('is what was written for whoever prefers that', async () => {
    const answer = await ask(registry, `${VERSION}/readme`, { Accept: 'text/markdown' });
    expect(answer.body.toString()).toContain('<script>x</script>');
    expect(answer.headers['content-type']).toBe('text/markdown; charset=utf-8');
  });

  test('may be missing', async () => {
    const answer = await ask(registry, '/v1/workflows/acme/binary/1.0.0/readme');
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
      404,
      { code: 'file.not_found' },
    ]);
  });
});

describe('a file', () => {
  test('that is text is shown as text, and never as a page', async () => {
    const answer = await ask(registry, `${VERSION}/files/workflow.toml`);
    expect(answer.body.toString()).toBe(definitionOf());
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': "attachment; filename*=UTF-8''workflow.toml",
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    });
  });

  test('that is not text is sent as bytes, whole and in parts', async () => {
    const path = `/v1/workflows/acme/binary/1.0.0/files/docs/${encodeURIComponent('größe.bin')}`;
    const answer = await ask(registry, path);
    expect([answer.status, answer.body.length, answer.body[250]]).toEqual([200, 300_000, 250]);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': "attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe.bin",
    });
    const part = await ask(registry, path, { Range: 'bytes=250-252', 'If-Range': answer.headers.etag ?? '' });
    expect([part.status, [...part.body]]).toEqual([206, [250, 0, 1]]);
    expect((await ask(registry, path, { 'If-None-Match': answer.headers.etag ?? '' })).status).toBe(304);
  });

  test.each([
    'none.txt',
    'README.md/',
    'readme.md',
    './README.md',
    'docs/../README.md',
    '..%2fREADME.md',
    '%2e%2e/%2e%2e/download',
    '%2fetc%2fpasswd',
    'README.md%00',
    'C:%5CREADME.md',
    '%E0%A4%A',
  ])('of another spelling is not found: %s', async (path) => {
    const answer = await ask(registry, `${VERSION}/files/${path}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  test('is found by its name in NFC alone', async () => {
    const at = (name: string) => `/v1/workflows/acme/binary/1.0.0/files/docs/${encodeURIComponent(name)}`;
    expect((await ask(registry, at('größe.bin'.normalize('NFC')))).status).toBe(200);
    expect((await ask(registry, at('größe.bin'.normalize('NFD')))).status).toBe(404);
  });
});

describe('the plan', () => {
  test('is what the engine makes of the definition', async () => {
    const answer = await ask(registry, `${VERSION}/plan`);
    const { definition } = readDefinition({ text: definitionOf(), file: 'workflow.toml' });
    if (!definition) throw new Error('the definition is not valid');
    expect(JSON.parse(answer.body.toString())).toEqual(
      JSON.parse(JSON.stringify(createPlan(definition, {}))),
    );
  });

  test('names the parameters that it cannot do without', async () => {
    const definition = `${definitionOf({ name: 'asking' })}\n[parameters.region]\ntype = "string"\nrequired = true\n`;
    expect((await publish(registry, { name: 'asking', definition })).status).toBe(201);
    const answer = await ask(registry, '/v1/workflows/acme/asking/1.0.0/plan');
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
      422,
      { code: 'plan.parameters_missing', errors: [{ pointer: '/parameters/region' }] },
    ]);
  });
});

test('in quarantine nothing of the bundle is shown, and of a private namespace nothing to strangers', async () => {
  const views = ['readme', 'files/workflow.toml', 'plan', 'download'];
  await publish(registry, { name: 'bad' });
  const at = (view: string) => `/v1/workflows/acme/bad/1.0.0/${view}`;
  for (const view of views) expect((await ask(registry, at(view))).status).toBe(200);
  await callJson(registry, 'PUT', at('quarantine'), { reason: 'harmful' });
  for (const view of views) expect([view, (await ask(registry, at(view))).status]).toEqual([view, 403]);

  await callJson(registry, 'POST', '/v1/namespaces', { name: 'vault', visibility: 'private' });
  await sendKey(registry, keyEvent(registry, 'vault', [PUBLISHER]));
  await publish(registry, { namespace: 'vault' });
  const owner = { Authorization: `Bearer ${registry.ownerToken}` };
  for (const view of [...views, 'receipt', 'envelope', 'proof', 'standing', '']) {
    const path = `/v1/workflows/vault/deploy/1.0.0/${view}`.replace(/\/$/, '');
    const shown = await ask(registry, path, owner);
    expect([path, shown.status, shown.headers['cache-control']]).toEqual([path, 200, 'private, no-store']);
    expect([path, (await ask(registry, path)).status]).toEqual([path, 404]);
  }
});

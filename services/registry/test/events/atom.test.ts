import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, callJson, openNamespace, publish } from '../support/upload.js';
import { readAtom } from './read-atom.js';

let registry: TestRegistry;

beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
  await publish(registry, { version: '1.0.0' });
  await publish(registry, { name: 'other', version: '1.0.0' });
  await callJson(registry, 'POST', '/v1/namespaces', { name: 'hidden', visibility: 'private' });
});
afterAll(() => registry.close());

const titles = (text: string) =>
  [...text.matchAll(/<entry>[^]*?<title>([^<]*)<\/title>/g)].map(([, title]) => title);

describe('the Atom feed', () => {
  it('tells everybody what is public, newest first', async () => {
    const answer = await call(registry, '/feed.atom');
    expect(answer.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8');
    expect(titles(answer.bytes.toString())).toEqual([
      'acme/other 1.0.0 was published',
      'acme/deploy 1.0.0 was published',
      'acme has a new key',
      'The namespace acme was created',
    ]);
  });

  it('is there for a namespace and for a workflow', async () => {
    expect(titles((await call(registry, '/feed/acme/deploy.atom')).bytes.toString())).toEqual([
      'acme/deploy 1.0.0 was published',
    ]);
    expect(titles((await call(registry, '/feed/acme.atom')).bytes.toString())).toHaveLength(4);
    expect((await call(registry, '/feed/nobody.atom')).json['code']).toBe('namespace.not_found');
    expect((await call(registry, '/feed/acme/nothing.atom')).json['code']).toBe('workflow.not_found');
  });

  it('of a private namespace is for its members, and for no cache', async () => {
    expect((await call(registry, '/feed/hidden.atom')).status).toBe(404);
    const answer = await call(registry, '/feed/hidden.atom', { token: registry.ownerToken });
    expect(titles(answer.bytes.toString())).toEqual(['The namespace hidden was created']);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    expect((await call(registry, '/feed/hidden.atom')).status).toBe(404);
  });

  it('is valid, says where it is, and names an event the same wherever and whenever it tells of it', async () => {
    const paths = ['/feed.atom', '/feed/acme.atom', '/feed/acme/deploy.atom', '/feed/hidden.atom'];
    const readAll = async () => {
      const token = registry.ownerToken;
      const answers = await Promise.all(paths.map((path) => call(registry, path, { token })));
      return answers.map(({ bytes }) => readAtom(bytes));
    };
    const before = await readAll();
    expect(before.map(({ self }) => self)).toEqual(paths.map((path) => `https://wf.example.com${path}`));
    expect(new Set(before.map(({ id }) => id)).size).toBe(paths.length);
    const reason = `</content></entry>]]> & "it's" <b>old</b>`;
    const path = '/v1/workflows/acme/deploy/1.0.0/deprecate';
    expect((await callJson(registry, 'PUT', path, { reason })).status).toBe(200);
    const after = await readAll();
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    const [all, namespace, workflow, hidden] = after;
    expect(workflow?.entries[0]?.content).toContain(`reason: ${reason}\n`);
    expect(all?.entries[0]).toEqual(workflow?.entries[0]);
    expect(namespace?.entries[0]).toEqual(workflow?.entries[0]);
    expect(all?.entries.slice(1)).toEqual(before[0]?.entries);
    expect(hidden).toEqual(before[3]);
  });

  it('is the same until something happens, and then another', async () => {
    const first = await call(registry, '/feed.atom');
    const etag = first.headers.get('etag') ?? '';
    expect(first.headers.get('cache-control')).toBe('public, max-age=60');
    expect((await call(registry, '/feed.atom', { headers: { 'If-None-Match': etag } })).status).toBe(304);
    await publish(registry, { version: '1.1.0' });
    const second = await call(registry, '/feed.atom', { headers: { 'If-None-Match': etag } });
    expect(titles(second.bytes.toString())[0]).toBe('acme/deploy 1.1.0 was published');
  });
});

import { sql } from 'kysely';
import { get, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addMember } from '../support/members.js';
import type { TestRegistry } from '../support/test-registry.js';
import { call, callJson, keyEvent, publish, PUBLISHER, sendKey } from '../support/upload.js';
import { publishCatalogue, signInAs } from './support/catalogue.js';
import { startWebRegistry } from './support/web-registry.js';

let registry: TestRegistry;
let member: string;

beforeAll(async () => {
  registry = await startWebRegistry();
  await publishCatalogue(registry);
  await callJson(registry, 'POST', '/v1/namespaces', { name: 'vault', visibility: 'private' });
  await sendKey(registry, keyEvent(registry, 'vault', [PUBLISHER]));
  await publish(registry, {
    namespace: 'vault',
    name: 'open-sesame',
    description: 'Opens the gazebo',
    tags: ['vault-only'],
  });
  member = await signInAs(registry, 'mia');
  await addMember(registry, { user: 'mia', namespace: 'vault', role: 'reader' });
});
afterAll(() => registry.close());

interface Looked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** As a browser asks: `fetch` would unpack what it gets and hide some headers. */
function look(path: string, { session, ...headers }: Record<string, string> = {}): Promise<Looked> {
  const cookie = session === undefined ? {} : { cookie: `sheaf-session=${session}` };
  return new Promise((resolve, reject) => {
    get(`${registry.url}${path}`, { headers: { accept: 'text/html', ...cookie, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
      response.on('error', reject);
    }).on('error', reject);
  });
}

const PAGES = ['/', '/search?q=release', '/tags', '/tags/git', '/errors/version.exists'];

describe('a page for strangers', () => {
  test.each(PAGES)('%s is for every cache, and not sent again to whoever has it', async (path) => {
    const first = await look(path);
    expect(first.status).toBe(200);
    expect(first.headers['cache-control']).toBe('public, max-age=5, stale-while-revalidate=30');
    for (const name of ['Accept-Encoding', 'Authorization', 'Cookie'])
      expect(first.headers.vary).toContain(name);
    const etag = first.headers.etag ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    for (const again of [await look(path, { 'if-none-match': etag })]) {
      expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
      // A cache would take it for the page's own.
      expect(again.headers['content-security-policy'] ?? 'none').not.toMatch(/^default-src 'none'; frame/);
    }
    const packed = await look(path, { 'accept-encoding': 'gzip' });
    expect([packed.headers['content-encoding'], packed.headers.etag === etag]).toEqual(['gzip', false]);
  });

  test('has the headers that keep it to itself', async () => {
    const { headers } = await look('/');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('geolocation=()') as string,
      'content-security-policy': expect.stringMatching(
        /script-src 'sha256-[^']+' 'strict-dynamic'; style-src 'self'/,
      ) as string,
    });
    expect(headers['set-cookie']).toBeUndefined();
  });

  test('is rendered once for all, until something is published', async () => {
    const before = await look('/search?sort=recent');
    expect((await look('/search?sort=recent')).headers.etag).toBe(before.headers.etag);
    await publish(registry, { name: 'brand-new', description: 'Was not there before' });
    const after = await look('/search?sort=recent');
    expect([before.text.includes('brand-new'), after.text.includes('acme/brand-new')]).toEqual([false, true]);
    expect((await look('/')).text).toContain('acme/brand-new');
  });

  test('shows what was fetched most in the last seven days, on each day', async () => {
    const popular = async () => (await look('/')).text.split('Most fetched this week')[1] ?? '';
    expect(await popular()).toMatch(/acme\/release-notes.*2 fetches.*acme\/deploy.*1 fetch/s);
    await registry.db
      .updateTable('downloads')
      .set({ day: sql`current_date - 8` })
      .execute();
    registry.deps.reads.touch([{ isNewDay: true }]);
    expect(await popular()).toContain('Nothing was fetched');
  });

  test('ignores what it does not know, and treats a text as a text', async () => {
    const known = await look('/search?q=release');
    const more = await look('/search?utm_source=x&q=release&sort=%00');
    expect([more.status, more.headers.etag]).toEqual([200, known.headers.etag]);
    const evil = await look(`/search?q=${encodeURIComponent('"><script>alert(1)</script>\u202e')}`);
    expect(evil.text).not.toContain('<script>alert');
    expect(evil.text).not.toContain('\u202e');
    expect((await look('/search?cursor=forged')).status).toBe(400);
  });
});

describe('a page for somebody who is signed in', () => {
  test.each(PAGES)('%s is theirs alone, though a stranger had it before', async (path) => {
    await look(path);
    const { headers, text, status } = await look(path, { session: member });
    expect([status, headers['cache-control']]).toEqual([200, 'private, no-store']);
    expect(headers.vary).toContain('Cookie');
    expect([headers['access-control-allow-origin'], headers.etag]).toEqual([undefined, undefined]);
    expect(text).toContain('>mia</a>');
    expect(text).toContain('Sign out');
    // Nothing of it is left for the next stranger.
    const stranger = await look(path);
    expect(stranger.text).not.toContain('mia');
    expect(stranger.text).toContain('Sign in');
  });

  test('is the page of a stranger when the session has ended', async () => {
    const { headers, text } = await look('/', { session: 'A'.repeat(43) });
    expect(text).toContain('Sign in');
    expect(headers['cache-control']).toMatch(/^public/);
  });
});

describe('what is private', () => {
  const SECRETS = ['open-sesame', 'vault', 'gazebo'];
  const mentions = ({ text }: Looked) => SECRETS.filter((secret) => text.includes(secret));

  test('is found by members, and marked as theirs', async () => {
    const found = await look('/search?q=open-sesame', { session: member });
    expect(mentions(found)).toEqual(SECRETS);
    expect(found.headers['cache-control']).toBe('private, no-store');
    expect((await look('/tags/vault-only', { session: member })).text).toContain('vault/open-sesame');
  });

  test.each([
    ['/', []],
    ['/search?sort=recent', []],
    ['/search?owner=vault', ['vault']],
    ['/search?q=open-sesame', ['open-sesame']],
    ['/search?q=sesame', []],
    ['/tags', []],
  ])('is not on %s for strangers', async (path, named) => {
    expect(mentions(await look(path))).toEqual(named);
  });

  test('is missing for strangers as what does not exist is', async () => {
    for (const [theirs, nobodys] of [
      ['/tags/vault-only', '/tags/nobody-has-it'],
      ['/vault', '/nobody'],
      ['/vault/open-sesame', '/nobody/open-sesame'],
    ]) {
      const [hidden, missing] = [await look(theirs ?? ''), await look(nobodys ?? '')];
      expect([hidden.status, missing.status]).toEqual([404, 404]);
      expect(hidden.text).not.toContain('gazebo');
      expect(hidden.headers['cache-control']).toBe('no-store');
    }
  });
});

describe('a problem', () => {
  test('is told as a page to people, with what may have been meant', async () => {
    const { status, text, headers } = await look('/acme/relase-notes');
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(text).toContain('href="/acme/release-notes"');
    expect(text).toContain(String(headers['x-request-id']));
    expect(text).toContain('<meta name="robots" content="noindex"/>');
  });

  test('is told as problem details to programs, and everywhere in the API', async () => {
    for (const [path, accept] of [
      ['/acme/relase-notes', '*/*'],
      ['/acme/relase-notes', 'application/json'],
      ['/v1/nothing', 'text/html'],
      ['/v1/keys', 'text/html'],
      ['/log/nothing', 'text/html'],
    ] as const) {
      const answer = await call(registry, path, { headers: { accept } });
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
  });

  test('has a page at the address that its type names', async () => {
    const { json } = await call(registry, '/v1/workflows/acme/nothing');
    const { status, text } = await look(String(json['type']));
    expect([json['type'], status]).toEqual(['/errors/workflow.not_found', 200]);
    expect(text).toContain('<h1><code>workflow.not_found</code></h1>');
    expect((await look('/errors/no.such_code')).status).toBe(404);
    expect((await look('/errors/constructor')).status).toBe(404);
  });

  test('of a method is told with those that are allowed', async () => {
    const { status, headers } = await call(registry, '/tags', {
      method: 'POST',
      headers: { accept: 'text/html', 'sec-fetch-site': 'same-origin' },
    });
    expect([status, headers.get('allow')]).toEqual([405, 'HEAD, GET']);
  });
});

test('an address with a slash too many leads to the page, and nowhere else', async () => {
  const moved = await look('/tags/git/?x=1');
  expect([moved.status, moved.headers.location]).toEqual([301, '/tags/git?x=1']);
  for (const path of ['//evil.example/', '/\\\\evil.example/', '/v1/tags/', '/-/'])
    expect((await look(path)).headers.location).toBeUndefined();
});

test('search engines are told what they need not look at', async () => {
  expect((await look('/robots.txt')).text).toContain('Disallow: /search');
});

test('what pages load never changes, and is there by its name alone', async () => {
  const { css } = registry.deps.assets;
  const { headers, status } = await look(css);
  expect([status, headers['cache-control'], headers['content-type']]).toEqual([
    200,
    'public, max-age=31536000, immutable',
    'text/css; charset=utf-8',
  ]);
  for (const path of ['/-/site.css', '/-/..%2fmanifest.json', '/-/manifest.json'])
    expect((await look(path)).status).toBe(404);
});

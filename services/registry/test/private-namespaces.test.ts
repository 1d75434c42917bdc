import { openCheckpoint, parseEntryBundle, parseLeaf, parseLogVerifier, parseReceipt } from '@sheaf/bundle';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRoutes } from '../src/routes/index.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import {
  buildUpload,
  call,
  callJson,
  keyEvent,
  openNamespace,
  publish,
  PUBLISHER,
  send,
  sendKey,
  type Answer,
} from './support/upload.js';

let registry: TestRegistry;
let digest: string;
/** Of the private namespace. */
let stageId: string;
let webhookId: string;
const tokens = new Map<string, string | undefined>();

beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry, 'acme');
  await publish(registry, { name: 'open', tags: ['ops', 'open-only'] });
  await callJson(registry, 'POST', '/v1/namespaces', { name: 'vault', visibility: 'private' });
  await sendKey(registry, keyEvent(registry, 'vault', [PUBLISHER]));
  const upload = await buildUpload(registry, {
    namespace: 'vault',
    description: 'Opens the gazebo',
    tags: ['ops', 'vault-only'],
  });
  expect((await send(registry, upload)).status).toBe(201);
  digest = upload.digest;
  stageId = String((await stageNext('vault')).json['id']);
  const webhook = { namespace: 'vault', url: 'https://hooks.example.com/vault' };
  webhookId = String((await callJson(registry, 'POST', '/v1/webhooks', webhook)).json['id']);
  tokens.set('nobody', undefined);
  tokens.set('a stranger', await registry.addUser('stranger'));
  tokens.set('a maintainer of another namespace', await addMember('other', 'acme', 'maintainer'));
  tokens.set(
    'a reader whose token is bound elsewhere',
    await addMember('bound', 'vault', 'reader', ['read:acme']),
  );
  tokens.set('a reader', await addMember('reader', 'vault', 'reader'));
  tokens.set(
    'a reader whose token is for reading',
    await addMember('narrow', 'vault', 'reader', ['read:vault']),
  );
  tokens.set('an admin', registry.ownerToken);
});
afterAll(() => registry.close());

/** Has a version wait for an approval. */
async function stageNext(namespace: string): Promise<Answer> {
  const { envelope, blob } = await buildUpload(registry, { namespace, version: '3.0.0' });
  const body = new FormData();
  body.append('envelope', new Blob([Buffer.from(envelope)]), 'envelope.json');
  body.append('bundle', new Blob([Buffer.from(blob)]), 'bundle.tar.gz');
  const staged = { method: 'POST', body, token: registry.ownerToken };
  return call(registry, '/v1/workflows?stage=true', staged);
}

async function addMember(user: string, namespace: string, role: 'reader' | 'maintainer', scopes?: string[]) {
  const token = await registry.addUser(user, scopes);
  await registry.db
    .insertInto('members')
    .columns(['namespace_id', 'user_id', 'role'])
    .expression((eb) =>
      eb
        .selectFrom('namespaces')
        .innerJoin('users', (join) => join.on('users.name', '=', user))
        .select(['namespaces.id', 'users.id', eb.val(role).as('role')])
        .where('namespaces.name', '=', namespace),
    )
    .execute();
  return token;
}

const STRANGERS = [
  'nobody',
  'a stranger',
  'a maintainer of another namespace',
  'a reader whose token is bound elsewhere',
];
const MEMBERS = ['a reader', 'a reader whose token is for reading', 'an admin'];

const VERSION = '/v1/workflows/:namespace/:name/:version';
/** Every GET route that shows something of one namespace, and a path of it. */
const READS: Readonly<Record<string, (namespace: string) => string>> = {
  '/v1/workflows/:namespace/:name': (ns) => `/v1/workflows/${ns}/deploy`,
  [VERSION]: (ns) => `/v1/workflows/${ns}/deploy/1.0.0`,
  [`${VERSION}/download`]: (ns) => `/v1/workflows/${ns}/deploy/1.0.0/download`,
  [`${VERSION}/receipt`]: (ns) => `/v1/workflows/${ns}/deploy/1.0.0/receipt`,
  [`${VERSION}/envelope`]: (ns) => `/v1/workflows/${ns}/deploy/1.0.0/envelope`,
  [`${VERSION}/proof`]: (ns) => `/v1/workflows/${ns}/deploy/1.0.0/proof`,
  [`${VERSION}/standing`]: (ns) => `/v1/workflows/${ns}/deploy/1.0.0/standing`,
  [`${VERSION}/readme`]: (ns) => `/v1/workflows/${ns}/deploy/1.0.0/readme`,
  [`${VERSION}/files/*path`]: (ns) => `/v1/workflows/${ns}/deploy/1.0.0/files/workflow.toml`,
  [`${VERSION}/plan`]: (ns) => `/v1/workflows/${ns}/deploy/1.0.0/plan`,
  '/v1/workflows/:namespace/:name/channels': (ns) => `/v1/workflows/${ns}/deploy/channels`,
  '/v1/workflows/:namespace/:name/channels/:channel': (ns) => `/v1/workflows/${ns}/deploy/channels/latest`,
  '/feed/:namespace.atom': (ns) => `/feed/${ns}.atom`,
  '/feed/:namespace/:name.atom': (ns) => `/feed/${ns}/deploy.atom`,
  '/v1/namespaces/:namespace': (ns) => `/v1/namespaces/${ns}`,
  '/v1/namespaces/:namespace/keys': (ns) => `/v1/namespaces/${ns}/keys`,
  '/v1/namespaces/:namespace/members': (ns) => `/v1/namespaces/${ns}/members`,
  '/v1/namespaces/:namespace/releases': (ns) => `/v1/namespaces/${ns}/releases?keyid=${'a'.repeat(64)}`,
  '/log/:realm/checkpoint': (ns) => `/log/${ns}/checkpoint`,
  '/log/:realm/tile/*tile': (ns) => `/log/${ns}/tile/entries/000.p/3`,
  '/v1/blobs/sha256/:hex': (ns) => `/v1/blobs/sha256/${ns === 'vault' ? digest.slice(7) : 'a'.repeat(64)}`,
};
const ABSENT_ID = 'a'.repeat(16);
/** Those for whoever publishes to a namespace or manages it, and a path for it; to everybody else they say the same of any. */
const MANAGED: Readonly<Record<string, (namespace: string) => string>> = {
  '/v1/audit': (ns) => `/v1/audit?namespace=${ns}`,
  '/v1/events': (ns) => `/v1/events?namespace=${ns}`,
  '/v1/trusted-publishers': (ns) => `/v1/trusted-publishers?namespace=${ns}`,
  '/v1/webhooks': (ns) => `/v1/webhooks?namespace=${ns}`,
  '/v1/webhooks/:id': (ns) => `/v1/webhooks/${idFor(ns, webhookId)}`,
  '/v1/webhooks/:id/deliveries': (ns) => `/v1/webhooks/${idFor(ns, webhookId)}/deliveries`,
  '/v1/stages/:id': (ns) => `/v1/stages/${idFor(ns, stageId)}`,
  '/v1/stages/:id/bundles/:index': (ns) => `/v1/stages/${idFor(ns, stageId)}/bundles/0`,
};
const idFor = (namespace: string, id: string) => (namespace === 'vault' ? id : ABSENT_ID);
/** Those that show something of many, or of none. */
const OTHERS = [
  '/feed.atom',
  '/metrics',
  '/openapi.json',
  '/v1/oidc/issuers',
  '/v1/stages',
  '/v1/workflows',
  '/v1/tags',
  '/v1/whoami',
  '/v1/tokens',
  '/v1/namespaces',
  '/v1/invitations',
  '/auth/login',
  '/auth/callback',
  '/auth/session',
  '/.well-known/sheaf-registry',
  '/healthz',
  '/readyz',
];

test('every GET route has its row', () => {
  const routes = createRoutes(registry.deps).filter((route) => route.method === 'get');
  expect(routes.map((route) => route.path).sort()).toEqual(
    [...Object.keys(READS), ...Object.keys(MANAGED), ...OTHERS].sort(),
  );
});

const asked = (path: string, who: string, method = 'GET'): Promise<Answer> => {
  const token = tokens.get(who);
  return call(registry, path, { method, ...(token !== undefined && { token }) });
};

/** All that a caller sees, but what differs between any two answers. */
function seen(answer: Answer, namespace: string): unknown {
  const { requestId, ...json } = answer.json;
  const headers = [...answer.headers].filter(
    ([name]) => !['date', 'x-request-id', 'content-length'].includes(name),
  );
  expect(typeof requestId).toBe('string');
  return JSON.parse(
    JSON.stringify({ status: answer.status, headers, json }).replaceAll(namespace, 'NAMESPACE'),
  );
}

describe.each(Object.keys(READS))('GET %s of a private namespace', (route) => {
  const path = (namespace: string) => READS[route]?.(namespace) ?? '';

  test.each(STRANGERS)('is for %s as if it did not exist, word for word', async (who) => {
    const hidden = await asked(path('vault'), who);
    expect(hidden.status).toBe(404);
    expect(hidden.headers.get('cache-control')).toBe('no-store');
    expect(seen(hidden, 'vault')).toEqual(seen(await asked(path('absent'), who), 'absent'));
    expect((await asked(path('vault'), who, 'HEAD')).status).toBe(404);
  });

  test.each(MEMBERS)('is answered to %s, for nobody else to keep', async (who) => {
    const answer = await asked(path('vault'), who);
    expect(answer.status).toBe(200);
    expect(answer.bytes.length).toBeGreaterThan(0);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    expect(answer.headers.get('vary')?.split(', ')).toContain('Authorization');
  });
});

describe.each(Object.keys(MANAGED))('GET %s of a private namespace', (route) => {
  const path = (namespace: string) => MANAGED[route]?.(namespace) ?? '';

  test.each(STRANGERS)('tells %s what it tells of none, word for word', async (who) => {
    const hidden = await asked(path('vault'), who);
    expect([200, 401, 403, 404]).toContain(hidden.status);
    expect(hidden.bytes.toString()).not.toContain('deploy');
    expect(outline(hidden, path('vault'))).toEqual(outline(await asked(path('absent'), who), path('absent')));
  });

  test('is answered to an admin', async () => {
    expect((await asked(path('vault'), 'an admin')).status).toBe(200);
  });
});

/** As {@link seen}, for answers that may be no problems, and whose paths differ by an id. */
function outline({ status, bytes }: Answer, path: string): unknown {
  const [id = ''] = /[a-f0-9]{16,}|vault|absent/.exec(path) ?? [];
  const text = bytes
    .toString()
    .replace(/"requestId":"[^"]*"/, '')
    .replaceAll(id, 'ASKED');
  return { status, text };
}

test('lists and feeds of many show strangers nothing of a private namespace', async () => {
  for (const path of ['/feed.atom', '/v1/events', '/v1/stages', '/metrics', '/openapi.json'])
    for (const who of STRANGERS) expect((await asked(path, who)).bytes.toString()).not.toContain('vault');
});

const ids = (answer: Answer, list: 'hits' | 'near') =>
  (answer.json[list] as { id: string }[]).map((h) => h.id);
const tagsOf = (answer: Answer) => (answer.json['tags'] as { tag: string }[]).map((t) => t.tag).sort();

describe('search and tags', () => {
  test.each(STRANGERS)('show %s nothing of a private namespace, not even in a count', async (who) => {
    for (const query of ['', '?q=gazebo', '?owner=vault', '?tag=ops', '?q=vault/deploy', '?q=deploy']) {
      const answer = await asked(`/v1/workflows${query}`, who);
      expect(answer.bytes.toString()).not.toContain('vault');
      expect(answer.json['total']).toBe(ids(answer, 'hits').length);
    }
    expect(ids(await asked('/v1/workflows?q=deplyo', who), 'near')).toEqual([]);
    expect(tagsOf(await asked('/v1/tags', who))).toEqual(['open-only', 'ops']);
    const counts = (await asked('/v1/tags', who)).json['tags'];
    expect(counts).toContainEqual({ tag: 'ops', workflows: 1 });
  });

  test.each(MEMBERS)('show %s what is there, for nobody else to keep', async (who) => {
    const found = await asked('/v1/workflows?q=gazebo&owner=vault', who);
    expect(ids(found, 'hits')).toEqual(['vault/deploy']);
    expect(found.headers.get('cache-control')).toBe('private, no-store');
    expect(found.headers.get('vary')?.split(', ')).toContain('Authorization');
    expect(ids(await asked('/v1/workflows?q=deplyo', who), 'near')).toEqual(['vault/deploy']);
    expect(tagsOf(await asked('/v1/tags', who))).toEqual(['open-only', 'ops', 'vault-only']);
  });
});

test('what strangers send to a private namespace is refused as it is for one that does not exist', async () => {
  const token = tokens.get('a stranger') ?? '';
  for (const namespace of ['vault', 'absent']) {
    const upload = await send(registry, await buildUpload(registry, { namespace, version: '2.0.0' }), token);
    const path = `/v1/workflows/${namespace}/deploy/1.0.0/deprecate`;
    const deprecated = await callJson(registry, 'PUT', path, { reason: 'x' }, token);
    const key = await sendKey(registry, keyEvent(registry, namespace, [PUBLISHER]), token);
    expect([upload, deprecated, key].map((a) => [a.status, a.json['code']])).toEqual(
      Array.from({ length: 3 }, () => [403, 'auth.role_missing']),
    );
  }
});

test('nothing of a private namespace stands in the public log, and its own log has an origin of its own', async () => {
  const note = (await call(registry, '/log/public/checkpoint')).bytes.toString();
  const { size } = openCheckpoint(note, parseLogVerifier(registry.deps.logs.get('public').verifierKey));
  const entries = (await call(registry, `/log/public/tile/entries/000.p/${size}`)).bytes;
  expect(parseEntryBundle(entries).map((leaf) => parseLeaf(leaf).ns)).toEqual(Array(size).fill('acme'));

  const receipt = parseReceipt((await asked('/v1/workflows/vault/deploy/1.0.0/receipt', 'a reader')).bytes);
  const log = registry.deps.logs.get('vault');
  const checkpoint = openCheckpoint(receipt.checkpoint, parseLogVerifier(log.verifierKey));
  expect([checkpoint.origin, checkpoint.size]).toEqual([`${registry.origin}/log/vault`, 3]);
  expect(receipt.publish.index).toBe(2);
  expect((await call(registry, '/.well-known/sheaf-registry')).bytes.toString()).not.toContain('vault');
});

test('a namespace keeps the visibility that it was created with', async () => {
  const create = (body: unknown, token?: string) => callJson(registry, 'POST', '/v1/namespaces', body, token);
  const again = await create({ name: 'vault', visibility: 'private' });
  expect([again.status, again.json['visibility'], again.json['realm']]).toEqual([200, 'private', 'vault']);
  const opened = await create({ name: 'vault' });
  expect([opened.status, opened.json['code']]).toEqual([409, 'namespace.exists']);
  const taken = await create({ name: 'vault', visibility: 'private' }, tokens.get('a stranger'));
  expect([taken.status, taken.json['code'], taken.json['detail']]).toEqual([
    409,
    'namespace.exists',
    'the namespace vault is taken',
  ]);
  expect((await create({ name: 'public', visibility: 'private' })).status).toBe(422);
  const logs = await registry.db.selectFrom('log_state').select('realm').orderBy('realm').execute();
  expect(logs.map((l) => l.realm)).toEqual(['public', 'vault']);
});

test('many private namespaces publish at once, each to a log of its own without gaps', async () => {
  const names = Array.from({ length: 8 }, (_, i) => `realm-${i}`);
  await Promise.all(
    names.map(async (name) => {
      await callJson(registry, 'POST', '/v1/namespaces', { name, visibility: 'private' });
      await sendKey(registry, keyEvent(registry, name, [PUBLISHER]));
      const upload = await buildUpload(registry, { namespace: name });
      expect((await send(registry, upload)).status).toBe(201);
    }),
  );
  const states = await registry.db
    .selectFrom('log_state')
    .select(['realm', 'size'])
    .where('realm', 'in', names)
    .orderBy('realm')
    .execute();
  expect(states).toEqual(names.map((realm) => ({ realm, size: 3 })));
});

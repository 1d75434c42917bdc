import { generateSigningKey } from '@sheaf/bundle';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { networksOf } from '../../src/domain/webhooks/addresses.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
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
} from '../support/upload.js';
import { describedAnswers, type DescribedAnswers } from './described.js';

/** A walk over the API: every answer is held against what `/openapi.json` says of it. */
let registry: TestRegistry;
let described: DescribedAnswers;
const faults: string[] = [];

beforeAll(async () => {
  registry = await startTestRegistry({ webhookNetworks: networksOf(['127.0.0.0/8']) });
  described = describedAnswers((await call(registry, '/openapi.json')).json);
});
afterAll(() => registry.close());

/** Notes what is wrong with an answer, and hands it on. */
function held(method: string, path: string, answer: Answer): Answer {
  const fault = described.fault(method, path, answer);
  if (fault !== undefined)
    faults.push(`${method} ${path}: ${fault}: ${answer.bytes.toString().slice(0, 300)}`);
  return answer;
}
async function ask(method: string, path: string, body?: object, token?: string): Promise<Answer> {
  const owner = registry.ownerToken;
  const answer =
    body === undefined
      ? await call(registry, path, { method, token: token ?? owner })
      : await callJson(registry, method, path, body, token ?? owner);
  return held(method, path, answer);
}

const VERSION = '/v1/workflows/acme/deploy/1.0.0';

test('what the API answers is what its description says', async () => {
  await ask('POST', '/v1/namespaces', { name: 'acme' });
  held('POST', '/v1/keys', await sendKey(registry, keyEvent(registry, 'acme', [PUBLISHER])));
  const upload = await buildUpload(registry);
  for (const status of [201, 200]) {
    const answer = held('POST', '/v1/workflows', await send(registry, upload));
    expect(answer.status).toBe(status);
  }
  await publish(registry, { version: '1.1.0' });

  for (const path of [
    '/v1/workflows?q=deploy&limit=5',
    '/v1/workflows/acme/deploy',
    ...['', '/download', '/receipt', '/envelope', '/proof', '/standing', '/readme', '/plan'].map(
      (p) => VERSION + p,
    ),
    `${VERSION}/files/README.md`,
    `/v1/blobs/sha256/${upload.digest.slice('sha256:'.length)}`,
    '/v1/tags',
    '/v1/namespaces',
    '/v1/namespaces/acme',
    '/v1/namespaces/acme/members',
    '/v1/namespaces/acme/keys',
    '/v1/namespaces/acme/releases',
    '/v1/invitations',
    '/v1/whoami',
    '/v1/trusted-publishers',
    '/v1/oidc/issuers',
    '/v1/stages',
    '/v1/events',
    '/feed.atom',
    '/feed/acme.atom',
    '/feed/acme/deploy.atom',
    '/v1/audit?limit=10',
    '/log/public/checkpoint',
    '/log/public/tile/0/000.p/3',
    '/.well-known/sheaf-registry',
    '/healthz',
    '/readyz',
    '/metrics',
    '/openapi.json',
  ])
    await ask('GET', path);

  const channel = '/v1/workflows/acme/deploy/channels';
  await ask('PUT', `${channel}/beta`, { version: '1.0.0' });
  await ask('GET', channel);
  await ask('GET', `${channel}/beta`);
  await ask('DELETE', `${channel}/beta`);
  for (const state of ['deprecate', 'yank', 'quarantine']) {
    await ask('PUT', `${VERSION}/${state}`, { reason: 'broken' });
    await ask('DELETE', `${VERSION}/${state}`);
  }

  const token = await ask('POST', '/v1/tokens', { name: 'ci', scopes: ['publish'] });
  await ask('GET', '/v1/tokens');
  await ask('DELETE', `/v1/tokens/${String(token.json['id'])}`);

  const ben = await registry.addUser('ben');
  await ask('POST', '/v1/namespaces/acme/invitations', { user: 'ben', role: 'publisher' });
  const invited = (await ask('GET', '/v1/invitations', undefined, ben)).json as unknown as {
    invitations: readonly { id: string }[];
  };
  await ask('POST', `/v1/invitations/${invited.invitations[0]?.id ?? ''}/accept`, undefined, ben);
  await ask('PUT', '/v1/namespaces/acme/members/ben', { role: 'maintainer' });
  await ask('DELETE', '/v1/namespaces/acme/members/ben');

  const hook = await ask('POST', '/v1/webhooks', { namespace: 'acme', url: 'http://127.0.0.1:9/' });
  const webhook = `/v1/webhooks/${String(hook.json['id'])}`;
  await ask('GET', '/v1/webhooks?namespace=acme');
  await ask('GET', webhook);
  await ask('PATCH', webhook, { topics: ['workflow.published'] });
  await ask('POST', `${webhook}/secret`);
  await ask('GET', `${webhook}/deliveries`);
  await ask('DELETE', webhook);

  expect(faults).toEqual([]);
  expect(described.answered.size).toBeGreaterThanOrEqual(50);
});

test('what it refuses is a problem that the description names', async () => {
  const before = described.refused.size;
  const stranger = await registry.addUser('stranger');
  await openNamespace(registry, 'taken');
  const refusals: readonly [number, string, string, (object | undefined)?, string?][] = [
    [400, 'GET', '/v1/workflows?limit=0'],
    [400, 'GET', '/v1/workflows?nonsense=1'],
    [404, 'GET', '/v1/workflows/acme/absent'],
    [404, 'GET', `${VERSION.replace('1.0.0', '9.9.9')}/receipt`],
    [404, 'GET', `/v1/blobs/sha256/${'0'.repeat(64)}`],
    [404, 'GET', '/log/absent/checkpoint'],
    [400, 'POST', '/v1/namespaces', { name: 'beta', colour: 'red' }],
    [422, 'POST', '/v1/namespaces', { name: 'No Name' }],
    [400, 'PUT', `${VERSION}/yank`, { reason: 7 }],
    [403, 'PUT', `${VERSION}/yank`, { reason: 'mine' }, stranger],
    [403, 'PUT', `${VERSION}/quarantine`, { reason: 'mine' }, stranger],
    [403, 'POST', '/v1/namespaces/acme/invitations', { user: 'stranger', role: 'owner' }, stranger],
    [401, 'GET', '/v1/whoami', undefined, 'shf_none_none'],
    [400, 'POST', '/v1/webhooks', { url: 7 }],
    [404, 'GET', '/v1/webhooks/wh_absent'],
    [422, 'POST', '/v1/webhooks', { namespace: 'acme', url: 'http://10.0.0.1/' }],
    [400, 'GET', '/v1/events?after=%00'],
  ];
  const answers: unknown[] = [];
  for (const [, method, path, body, token] of refusals) {
    const answer = await ask(method, path, body, token);
    answers.push([answer.status, method, path]);
  }
  const other = generateSigningKey();
  held(
    'POST',
    '/v1/workflows',
    await send(registry, await buildUpload(registry, { version: '2.0.0' }, other)),
  );
  held('POST', '/v1/workflows', await call(registry, '/v1/workflows', { method: 'POST', token: stranger }));
  expect(faults).toEqual([]);
  expect(answers).toEqual(refusals.map(([status, method, path]) => [status, method, path]));
  expect(described.refused.size).toBeGreaterThan(before + 10);
});

test('an answer that is not as described is told', async () => {
  const real = await call(registry, '/healthz');
  const bytes = Buffer.from('{"status":7}');
  expect(described.fault('GET', '/healthz', { ...real, bytes })).toMatch(/^showHealth 200: /);
  expect(described.fault('GET', '/healthz', { ...real, status: 418 })).toBe('showHealth does not answer 418');
  expect(described.fault('GET', '/nowhere', real)).toBe('the operation is not described');
});

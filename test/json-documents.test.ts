import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkDocuments } from '../packages/cli/test/json-documents.js';
import { json, writeFlow } from './support/namespace.js';
import { startOwnRegistry, type OwnRegistry } from './support/own-registry.js';
import { createPerson, type Person } from './support/sheaf.js';

/** The documents that other tests have no reason to ask for; every one of a person is held against its schema. */
let own: OwnRegistry;
let ana: Person;
const receiver = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(204).end());
});

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  own = await startOwnRegistry('ana', 'a', { SHEAF_WEBHOOK_ALLOW: '127.0.0.0/8' });
  ana = await createPerson(own.owner.home, { SHEAF_REGISTRY: own.registry.url });
  await ana.ok(['namespace', 'create', 'acme']);
  await ana.ok(['key', 'register', 'acme', '--key', 'a', '--yes']);
}, 180_000);
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await own.close();
});

test('a namespace, its keys and its tokens are documents', async () => {
  await ana.ok(['key', 'generate', '--name', 'b', '--no-passphrase']);
  await ana.ok(['key', 'register', 'acme', '--key', 'b', '--endorse', 'a', '--yes']);
  const { keys } = await json(ana, ['namespace', 'show', 'acme']);
  const [first] = keys as readonly { readonly id: string }[];
  expect(first?.id).toMatch(/^[0-9a-f]{64}$/);
  expect(await json(ana, ['namespace', 'list'])).toMatchObject({ namespaces: [{ name: 'acme' }] });
  expect(await json(ana, ['namespace', 'publisher', 'list', 'acme'])).toMatchObject({ publishers: [] });
  const added = ['trust', 'add', 'acme', '--key', first?.id ?? ''];
  expect(await json(ana, added)).toMatchObject({ namespace: 'acme' });
  expect(await json(ana, ['trust', 'remove', 'acme'])).toMatchObject({ namespace: 'acme' });

  const file = join(ana.home, 'policy.json');
  await ana.ok(['namespace', 'policy', 'acme', '--threshold', '2', '--key', 'a', '--event', file, '--yes']);
  expect(await json(ana, ['key', 'sign', file, '--key', 'b', '--yes'])).toMatchObject({ signatures: 2 });

  const token = await json(ana, ['token', 'create', '--name', 'ci', '--scope', 'publish']);
  expect(await json(ana, ['token', 'revoke', String(token['id']), '--yes'])).toMatchObject({
    ids: [token['id']],
  });
});

test('a release, its channels and its webhooks are documents', async () => {
  const flow = await writeFlow(ana, 'acme/deploy', '1.0.0');
  const staged = await json(ana, ['publish', flow, '--stage', '--key', 'a', '--yes']);
  const { id } = staged['stage'] as { readonly id: string };
  expect(await json(ana, ['stage', 'reject', id, '--yes'])).toMatchObject({ id });
  await ana.ok(['publish', flow, '--key', 'a', '--yes']);
  await ana.ok(['channel', 'set', 'acme/deploy@1.0.0', 'beta', '--yes']);

  const { port } = receiver.address() as AddressInfo;
  const hook = await json(ana, [
    ...['webhook', 'create', `http://127.0.0.1:${port}/`],
    ...['--namespace', 'acme'],
  ]);
  const removed = await json(ana, ['channel', 'remove', 'acme/deploy', 'beta', '--yes']);
  expect(removed).toMatchObject({ id: 'acme/deploy', channel: 'beta' });
  expect(await json(ana, ['webhook', 'remove', String(hook['id']), '--yes'])).toMatchObject({
    id: hook['id'],
  });
});

test('the schema of definitions and the state of this machine are documents', async () => {
  expect(await json(ana, ['schema'])).toMatchObject({ definition: { type: 'object' } });
  expect((await ana.sheaf(['doctor', '--json'])).stdout).toContain('"schema":"sheaf.doctor/1"');
  await writeFile(join(ana.home, 'workflow.toml'), '');
  expect((await ana.sheaf(['validate', '--json=1'])).stdout).toContain('"schema":"sheaf.validate/1"');
  expect(await ana.sheaf(['validate', '--json=2'])).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('"code":"usage.invalid_value"') as string,
    stderr: expect.stringContaining('--json takes 1, not "2"') as string,
  });
});

test('a document that has more or less than its schema says is found out', () => {
  const document = { schema: 'sheaf.version/1', version: '1.0.0' };
  expect(() => {
    checkDocuments(JSON.stringify(document));
  }).not.toThrow();
  for (const wrong of [{ ...document, more: 1 }, { schema: document.schema }, { schema: 'sheaf.nothing/1' }])
    expect(() => {
      checkDocuments(JSON.stringify(wrong));
    }).toThrow(/src\/json/);
});

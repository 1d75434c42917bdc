import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, call, countStored, definitionOf, openNamespace } from '../support/upload.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
});
afterAll(() => registry.close());

async function send(version: string, extra = '', query = '') {
  const options = { name: 'facing', version };
  const definition =
    extra === 'none'
      ? definitionOf(options)
          .replace(/\[parameters\.target\][^[]*/, '')
          .replace('"$PARAM_TARGET"', 'x')
      : definitionOf(options) + extra;
  const { envelope, blob } = await buildUpload(registry, { ...options, definition });
  const form = new FormData();
  form.append('envelope', new Blob([Buffer.from(envelope)]), 'envelope.json');
  form.append('bundle', new Blob([Buffer.from(blob)]), 'bundle.tar.gz');
  return call(registry, `/v1/workflows${query}`, { method: 'POST', body: form, token: registry.ownerToken });
}

const REQUIRED = '\n[parameters.region]\ntype = "string"\nrequired = true\n';

test('a minor version that breaks is refused with every break, unless it is forced, which the audit records', async () => {
  expect((await send('1.0.0')).status).toBe(201);
  const before = await countStored(registry);
  const refused = await send('1.1.0', REQUIRED);
  expect(refused.status).toBe(409);
  expect(refused.json).toMatchObject({
    code: 'interface.breaking',
    errors: [{ pointer: '/parameters/region', code: 'interface.breaking' }],
  });
  expect(await countStored(registry)).toEqual(before);
  expect((await send('1.1.0', REQUIRED, '?force=true')).status).toBe(201);
  const row = await registry.db
    .selectFrom('audit')
    .select('detail')
    .where('version', '=', '1.1.0')
    .executeTakeFirstOrThrow();
  expect(row.detail).toMatchObject({ forced: 'breaks the interface of 1.0.0 in 1 places' });
});

test('a patch is compared with the release below it, and a major version with none', async () => {
  // Above 1.0.0 and below 1.1.0: the parameter of 1.1.0 is none of its business.
  expect((await send('1.0.1')).status).toBe(201);
  expect((await send('1.0.2', 'none')).json).toMatchObject({
    code: 'interface.breaking',
    errors: [{ pointer: '/parameters/target' }],
  });
  expect((await send('2.0.0', 'none')).status).toBe(201);
  expect((await send('2.0.1-rc.1')).status).toBe(201);
});

import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS } from '../../src/domain/audit/actions.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, callJson, openNamespace, publish } from '../support/upload.js';

const page = fileURLToPath(new URL('../../../../docs/AUDIT.md', import.meta.url));
const sources = fileURLToPath(new URL('../../src', import.meta.url));

let registry: TestRegistry;

beforeAll(async () => {
  registry = await startTestRegistry();
});
afterAll(() => registry.close());

async function recorded(): Promise<ReadonlySet<string>> {
  const rows = await registry.db.selectFrom('audit').select('action').distinct().execute();
  return new Set(rows.map(({ action }) => action));
}

describe('the list of what the audit records', () => {
  it('is the one of docs/AUDIT.md', async () => {
    const text = await readFile(page, 'utf8');
    const rows = [...text.matchAll(/^\| `([a-z.]+)`\s+\| (.+?)\s*\|$/gm)].map(([, action, what]) => [
      action,
      what,
    ]);
    expect(Object.fromEntries(rows)).toEqual(AUDIT_ACTIONS);
  });

  it('names nothing that nobody records', async () => {
    const texts: string[] = [];
    for (const file of await readdir(sources, { recursive: true }))
      if (file.endsWith('.ts') && !/(?:\.test\.ts|audit\/actions\.ts|access\/actions\.ts)$/.test(file))
        texts.push(await readFile(`${sources}/${file}`, 'utf8'));
    const all = texts.join('\n');
    // Changes of state are recorded under the name of the change.
    expect(all).toContain('action: `release.${change}`');
    const unknown = Object.keys(AUDIT_ACTIONS).filter(
      (action) => !action.startsWith('release.') && !all.includes(`'${action}'`),
    );
    expect(unknown).toEqual([]);
  });

  it('holds what is done to releases, channels, tokens, members and webhooks, with who did it', async () => {
    await openNamespace(registry);
    await publish(registry, { version: '1.0.0' });
    const release = '/v1/workflows/acme/deploy/1.0.0';
    for (const change of ['deprecate', 'yank', 'quarantine']) {
      await callJson(registry, 'PUT', `${release}/${change}`, { reason: 'a test' });
      const back = { method: 'DELETE', token: registry.ownerToken };
      const why = change === 'yank' ? '?reason=mended%20at%20last' : '';
      expect((await call(registry, `${release}/${change}${why}`, back)).status).toBe(200);
    }
    const said = await registry.db
      .selectFrom('audit')
      .select(['action', 'detail'])
      .where('action', 'like', 'release.un%')
      .orderBy('id')
      .execute();
    expect(said.map(({ action, detail }) => [action, detail])).toEqual([
      ['release.undeprecate', {}],
      ['release.unyank', { reason: 'mended at last' }],
      ['release.unquarantine', {}],
    ]);
    const channel = '/v1/workflows/acme/deploy/channels/beta';
    await callJson(registry, 'PUT', channel, { version: '1.0.0' });
    await call(registry, channel, { method: 'DELETE', token: registry.ownerToken });
    const token = await callJson(registry, 'POST', '/v1/tokens', { name: 'short' });
    await call(registry, `/v1/tokens/${String(token.json['id'])}`, {
      method: 'DELETE',
      token: registry.ownerToken,
    });
    const actions = await recorded();
    for (const action of [
      'namespace.create',
      'key.add',
      'workflow.publish',
      'release.deprecate',
      'release.undeprecate',
      'release.yank',
      'release.unyank',
      'release.quarantine',
      'release.unquarantine',
      'channel.set',
      'channel.remove',
      'token.create',
      'token.revoke',
    ])
      expect(actions).toContain(action);
    const { anonymous } = await registry.db
      .selectFrom('audit')
      .select((eb) => eb.fn.countAll<number>().as('anonymous'))
      .where('user_id', 'is', null)
      .where('action', '<>', 'token.create')
      .executeTakeFirstOrThrow();
    expect(anonymous).toBe(0);
    const secrets = await registry.db.selectFrom('audit').select('detail').execute();
    expect(JSON.stringify(secrets)).not.toMatch(/shf_|whsec_/);
  });
});

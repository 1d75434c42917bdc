import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportAudit } from '../../src/domain/audit/read.js';
import { lineStream } from '../../src/routes/audit/list.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { call, callJson, openNamespace, publish } from '../support/upload.js';

let registry: TestRegistry;

beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
  await publish(registry, { version: '1.0.0' });
});
afterAll(() => registry.close());

interface AuditRecord {
  readonly id: number;
  readonly at: string;
  readonly action: string;
  readonly actor?: string;
  readonly namespace?: string;
  readonly logIndex?: number;
}

async function audit(query = '', token = registry.ownerToken) {
  const answer = await call(registry, `/v1/audit${query}`, { token });
  return { ...answer, records: (answer.json['records'] ?? []) as AuditRecord[] };
}

/** Any rows, for what is about many. */
function fill(count: number, namespace: string | null): Promise<unknown> {
  return sql`
    insert into audit (action, namespace, detail)
    select 'token.create', ${namespace}, '{"name": "filler"}' from generate_series(1, ${count}::int)`.execute(
    registry.db,
  );
}

describe('the audit', () => {
  it('says who did what, newest first, with the place in the log', async () => {
    const { records } = await audit('?namespace=acme');
    expect(records.map(({ action }) => action)).toEqual(['workflow.publish', 'key.add', 'namespace.create']);
    expect(records[0]).toMatchObject({
      namespace: 'acme',
      workflow: 'deploy',
      version: '1.0.0',
      logIndex: 2,
    });
    expect(records[0]).toHaveProperty('actor');
    expect(records[0]).toHaveProperty('requestId');
    expect(JSON.stringify(records)).not.toContain('shf_');
  });

  it('is filtered by actor, action and time, and read in pages', async () => {
    const { records } = await audit('?namespace=acme');
    const [newest, middle] = records;
    const actor = encodeURIComponent(newest?.actor ?? '');
    expect((await audit(`?namespace=acme&actor=${actor}&action=key.add`)).records).toEqual([middle]);
    expect((await audit('?actor=nobody')).records).toEqual([]);
    const { at = '' } = newest ?? {};
    expect((await audit(`?namespace=acme&after=${at}`)).records).toEqual([newest]);
    expect((await audit(`?namespace=acme&before=${at}`)).records).toEqual(records.slice(1));
    const first = await audit('?namespace=acme&limit=2');
    const rest = await audit(`?namespace=acme&limit=2&cursor=${String(first.json['nextCursor'])}`);
    expect([...first.records, ...rest.records]).toEqual(records);
    expect(rest.json).not.toHaveProperty('nextCursor');
  });

  it.each([
    'action=no.such',
    'after=yesterday',
    'after=2026-13-45T00:00:00Z',
    'limit=0',
    'cursor=0',
    'who=me',
  ])('refuses %s', async (query) => {
    const answer = await audit(`?${query}`);
    expect([answer.status, answer.json['code']]).toEqual([400, 'request.invalid']);
  });

  it('is shown to administrators, to owners as far as it is theirs, and to nobody else', async () => {
    const owner = await registry.addUser('olga');
    await callJson(registry, 'POST', '/v1/namespaces', { name: 'olgas' }, owner);
    await callJson(registry, 'POST', '/v1/namespaces', { name: 'secret', visibility: 'private' });
    expect(new Set((await audit('', owner)).records.map(({ namespace }) => namespace))).toEqual(
      new Set(['olgas']),
    );
    expect((await audit('?namespace=acme', owner)).json['code']).toBe('auth.role_missing');
    expect((await audit('?namespace=secret', owner)).json['code']).toBe('namespace.not_found');
    expect((await audit('?namespace=nobody', owner)).json['code']).toBe('namespace.not_found');
    expect((await audit('', await registry.addUser('stranger'))).json['code']).toBe('auth.role_missing');
    const bound = await registry.addUser('bound', ['publish']);
    expect((await audit('', bound)).json['code']).toBe('auth.scope_missing');
    expect((await call(registry, '/v1/audit')).json['code']).toBe('auth.required');
    const all = new Set((await audit('?limit=1000')).records.map(({ namespace }) => namespace));
    expect([all.has('olgas'), all.has('secret')]).toEqual([true, true]);
  });

  it('is exported whole as lines of JSON, in the order of the pages', async () => {
    await fill(1_700, 'acme');
    const answer = await fetch(`${registry.url}/v1/audit?namespace=acme`, {
      headers: { Accept: 'application/x-ndjson', Authorization: `Bearer ${registry.ownerToken}` },
    });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await answer.text()).trimEnd().split('\n');
    const ids = lines.map((line) => (JSON.parse(line) as AuditRecord).id);
    expect(ids).toHaveLength(1_703);
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    expect((await audit('?namespace=acme&limit=1000')).records.map(({ id }) => id)).toEqual(
      ids.slice(0, 1_000),
    );
  });

  it('is exported no faster than it is read, and not at all once the reader has gone', async () => {
    await fill(60_000, 'acme');
    let pages = 0;
    const counted = registry.db.withPlugin({
      transformQuery: ({ node }) => {
        pages += 1;
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    });
    const lines = lineStream(exportAudit(counted, { namespaces: ['acme'] }, undefined));
    lines.on('error', () => undefined);
    lines.once('readable', () => void lines.read());
    await sleep(300);
    expect(pages).toBeLessThanOrEqual(3);
    const before = pages;
    lines.destroy();
    await sleep(100);
    expect([pages, lines.destroyed]).toEqual([before, true]);
  });
});

describe('a row of the audit', () => {
  it.each([
    ['changed', sql`update audit set action = 'nothing'`],
    ['given another place in the log', sql`update audit set log_index = 9999 where log_index is not null`],
    ['removed', sql`delete from audit`],
    ['truncated', sql`truncate audit cascade`],
  ])('is never %s', async (_what, statement) => {
    const count = async () =>
      (await sql<{ n: number }>`select count(*) as n from audit`.execute(registry.db)).rows[0]?.n;
    const before = await count();
    await expect(statement.execute(registry.db)).rejects.toThrow('audit rows are never changed or removed');
    expect(await count()).toBe(before);
  });
});

import fc from 'fast-check';
import { sql } from 'kysely';
import { isStateLeaf, parseLeaf, type StateLeaf } from '@sheaf/bundle';
import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import type { VersionState } from '@sheaf/client/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { insertAudit } from '../src/db/audit-queries.js';
import { enqueueLeaf } from '../src/db/log-queries.js';
import type { FailpointName } from '../src/domain/failpoint.js';
import { TRANSITIONS } from '../src/domain/releases/transitions.js';
import { said } from './support/keys.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { call, callJson, openNamespace, publish, type Answer } from './support/upload.js';

/** What happens when the registry gets somewhere; each test sets its own. */
let reached: (name: FailpointName) => Promise<void>;
let registry: TestRegistry;
let maintainer: string;

beforeEach(async () => {
  reached = () => Promise.resolve();
  registry = await startTestRegistry({ failpoint: (name) => reached(name) });
  await openNamespace(registry);
  maintainer = await registry.addUser('mia');
  await sql`
    insert into members (namespace_id, user_id, role)
    select n.id, u.id, 'maintainer' from namespaces n, users u where u.name = 'mia'`.execute(registry.db);
});
afterEach(() => registry.close());

type Verb = 'yank' | 'deprecate' | 'quarantine';
const pathOf = (name: string) => `/v1/workflows/acme/${name}/1.0.0`;
const put = (name: string, verb: Verb, reason: string, token = registry.ownerToken) =>
  callJson(registry, 'PUT', `${pathOf(name)}/${verb}`, { reason }, token);
const back = (name: string, verb: Verb) =>
  call(registry, `${pathOf(name)}/${verb}`, { method: 'DELETE', token: registry.ownerToken });
const stateOf = async (name: string) => (await call(registry, pathOf(name))).json['state'];
const waiting = () => registry.db.selectFrom('log_queue').select('leaf').orderBy('id').execute();

async function stateLeaves(name: string): Promise<readonly StateLeaf[]> {
  const rows = await registry.db.selectFrom('log_leaves').select('leaf').orderBy('index').execute();
  return rows.map((r) => parseLeaf(r.leaf)).filter((l): l is StateLeaf => isStateLeaf(l) && l.name === name);
}

/** What a monitor asks of a log: every change leads out of a state that it may. */
async function expectLegal(name: string): Promise<void> {
  let state: VersionState = 'active';
  for (const { type } of await stateLeaves(name)) {
    expect(TRANSITIONS[type].from, `${type} of ${name}`).toContain(state);
    state = TRANSITIONS[type].to;
  }
  expect(await stateOf(name)).toBe(state);
}

test('what a maintainer sends around a quarantine does not lift it', async () => {
  for (let i = 0; i < 5; i += 1) {
    const name = `infected-${i}`;
    await publish(registry, { name });
    const yanks = (word: string) =>
      Promise.all(Array.from({ length: 6 }, (_, k) => put(name, 'yank', `${word} ${k}`, maintainer)));
    const before = yanks('before');
    await new Promise((resolve) => setTimeout(resolve, 3 + 2 * i));
    const quarantine = put(name, 'quarantine', 'mines coins');
    const [first, quarantined, second] = await Promise.all([before, quarantine, yanks('after')]);
    expect(said(quarantined)).toBe('200 ok');
    expect([...first, ...second].map(said).filter((a) => !/^(200 ok|409 state\.conflict)$/.test(a))).toEqual(
      [],
    );
    expect(await stateOf(name)).toBe('quarantined');
    await expectLegal(name);
  }
});

test('of several requests at once to take a yank back one is logged, and all are successes', async () => {
  for (let i = 0; i < 5; i += 1) {
    const name = `back-${i}`;
    await publish(registry, { name });
    await put(name, 'yank', 'broken');
    const answers = await Promise.all(Array.from({ length: 4 }, () => back(name, 'yank')));
    expect(answers.map(said)).toEqual(Array<string>(4).fill('200 ok'));
    expect((await stateLeaves(name)).map(({ type }) => type)).toEqual(['yank', 'unyank']);
  }
});

test('a change is decided upon those that wait in the queue', async () => {
  await publish(registry, { name: 'infected' });
  const jam = jammed();
  expect(said(await put('infected', 'quarantine', 'mines coins'))).toBe('503 service.log_lagging');
  expect(await stateOf('infected')).toBe('active');
  expect(said(await put('infected', 'yank', 'broken', maintainer))).toBe('409 state.conflict');
  // The same again is not queued twice, and is no success before the log has it.
  expect(said(await put('infected', 'quarantine', 'mines coins'))).toBe('503 service.log_lagging');
  expect(await waiting()).toHaveLength(1);
  jam.end();
  expect(said(await put('infected', 'quarantine', 'mines coins'))).toBe('200 ok');
  expect(await stateOf('infected')).toBe('quarantined');
  await expectLegal('infected');
});

test('a queued change that its release does not allow any more is withdrawn, and others are placed', async () => {
  await publish(registry, { name: 'one' });
  await publish(registry, { name: 'two' });
  await put('one', 'quarantine', 'mines coins');
  const auditId = await queueDirectly('one', 'yank');
  await queueDirectly('two', 'yank');
  await registry.deps.logs.sweep();
  expect(await waiting()).toEqual([]);
  expect(await stateOf('one')).toBe('quarantined');
  expect(await stateOf('two')).toBe('yanked');
  await expectLegal('one');
  await expectLegal('two');
  const row = await registry.db
    .selectFrom('audit')
    .select('log_index')
    .where('id', '=', auditId)
    .executeTakeFirst();
  expect(row).toEqual({ log_index: null });
});

test('a batch of which nothing may be placed leaves the log as it is, and does not stop those behind it', async () => {
  await publish(registry, { name: 'one' });
  const size = async () => (await registry.db.selectFrom('log_leaves').select('index').execute()).length;
  const before = await size();
  await queueDirectly('one', 'unyank');
  await registry.deps.logs.sweep();
  expect(await waiting()).toEqual([]);
  expect(await size()).toBe(before);
  expect(said(await publish(registry, { name: 'two' }))).toBe('201 ok');
});

test('a change that others have overtaken while it could not be placed is withdrawn', async () => {
  await publish(registry, { name: 'turned' });
  await put('turned', 'yank', 'broken');
  const jam = jammed();
  expect(said(await back('turned', 'yank'))).toBe('503 service.log_lagging');
  jam.end();
  // Batches of 500, 63 and 8 fail: of those of one, the change that failed less often comes first.
  let failures = 3;
  reached = (name) => {
    if (name !== 'sequencer.before_append' || failures === 0) return Promise.resolve();
    failures -= 1;
    return Promise.reject(new Error('the batch cannot be placed'));
  };
  expect(said(await put('turned', 'quarantine', 'mines coins'))).toBe('200 ok');
  expect(failures).toBe(0);
  expect(await waiting()).toEqual([]);
  expect((await stateLeaves('turned')).map(({ type }) => type)).toEqual(['yank', 'quarantine']);
  await expectLegal('turned');
});

test('whatever changes come at once, the log allows each of them', async () => {
  let releases = 0;
  const changes: readonly ((name: string) => Promise<Answer>)[] = [
    (name) => put(name, 'yank', 'a', maintainer),
    (name) => put(name, 'yank', 'b', maintainer),
    (name) => back(name, 'yank'),
    (name) => put(name, 'deprecate', 'old', maintainer),
    (name) => back(name, 'deprecate'),
    (name) => put(name, 'quarantine', 'bad'),
    (name) => back(name, 'quarantine'),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(changes.length - 1), { minLength: 4, maxLength: 10 }),
      fc.nat(3),
      async (picks, failures) => {
        const name = `any-${(releases += 1)}`;
        await publish(registry, { name });
        let left = failures;
        reached = (point) => {
          if (point !== 'sequencer.before_append' || left === 0) return Promise.resolve();
          left -= 1;
          return Promise.reject(new Error('the batch cannot be placed'));
        };
        const answers = await Promise.all(picks.flatMap((pick) => changes[pick]?.(name) ?? []));
        reached = () => Promise.resolve();
        await registry.deps.logs.sweep();
        for (const answer of answers)
          expect(said(answer)).toMatch(/^(200 ok|409 state\.conflict|503 service\.log_lagging)$/);
        await expectLegal(name);
      },
    ),
    { numRuns: 12 },
  );
});

/** Nothing is placed any more until it ends. */
function jammed(): { end(): void } {
  reached = (name) =>
    name === 'sequencer.before_append' ? Promise.reject(new Error('the disk is full')) : Promise.resolve();
  return {
    end: () => {
      reached = () => Promise.resolve();
    },
  };
}

/** A change in the queue that nobody decided upon; answers its audit row. */
async function queueDirectly(name: string, type: 'yank' | 'unyank'): Promise<number> {
  const version = await registry.db
    .selectFrom('versions')
    .innerJoin('workflows', 'workflows.id', 'versions.workflow_id')
    .select('versions.id')
    .where('workflows.name', '=', name)
    .executeTakeFirstOrThrow();
  return registry.db.transaction().execute(async (trx) => {
    const auditId = await insertAudit(trx, {
      principal: {
        userId: 1,
        user: 'admin',
        isAdmin: true,
        via: 'token',
        token: { id: 'x', name: 'x', scopes: ['*'], createdAt: new Date(), expiresAt: null },
        roles: new Map(),
      },
      requestId: 'test',
      action: `release.${type}`,
      namespace: 'acme',
    });
    const target = {
      ns: parseNamespace('acme'),
      name: parseWorkflowName(name),
      version: parseVersion('1.0.0'),
    };
    await enqueueLeaf(trx, {
      realm: 'public',
      namespace: 'acme',
      leaf: type === 'unyank' ? { type, ...target } : { type, ...target, reason: 'x' },
      subjectKind: 'state',
      subjectId: version.id,
      auditId,
    });
    return auditId;
  });
}

import { afterAll, beforeAll, expect, test } from 'vitest';
import { enqueueLeaf } from '../src/db/log-queries.js';
import { noFailpoint } from '../src/domain/failpoint.js';
import { createLogs, type Logs, type LogReport } from '../src/domain/log/logs.js';
import { openRegister } from '../src/domain/log/register.js';
import { noting } from './support/log-reports.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';

let registry: TestRegistry;
let logs: Logs;
const reports: LogReport[] = [];
const signed: string[] = [];
beforeAll(async () => {
  registry = await startTestRegistry();
  logs = createLogs({
    db: registry.db,
    objects: registry.deps.objects,
    signer: { origin: registry.origin, key: registry.logKey },
    afterAppend: [
      () => Promise.reject(new Error('a hook that always fails')),
      async ({ realm, origin, size, note, root }) => {
        const copy = await openRegister(registry.deps.objects, `checkpoints/${realm}`).latest();
        const isCopied = copy?.position === size && Buffer.from(copy.bytes).toString() === note;
        const { root: stored } = await registry.db
          .selectFrom('log_state')
          .select('root')
          .where('realm', '=', realm)
          .executeTakeFirstOrThrow();
        signed.push(`${origin} ${size} ${isCopied && Buffer.compare(stored, root) === 0}`);
      },
    ],
    now: () => Date.now(),
    failpoint: noFailpoint,
    report: noting(reports),
  });
});
afterAll(() => registry.close());

const nameOf = (i: number) => `realm-${String(i).padStart(3, '0')}`;

async function queue(realm: string): Promise<void> {
  await registry.db.transaction().execute(async (trx) => {
    await logs.create(trx, realm);
    const { id } = await trx
      .insertInto('audit')
      .values({ action: 'namespace.create', detail: '{}' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await enqueueLeaf(trx, {
      realm,
      namespace: realm,
      leaf: { type: 'ns.create', ns: realm as never },
      subjectKind: 'namespace',
      subjectId: 0,
      auditId: id,
    });
  });
}

test('a sweep sequences what waits in every realm, past a realm that is frozen', async () => {
  const names = Array.from({ length: 120 }, (_, i) => nameOf(i));
  for (const name of names) await queue(name);
  await openRegister(registry.deps.objects, `checkpoints/${nameOf(7)}`).put({
    position: 3,
    bytes: Buffer.from('not ours'),
  });
  await logs.sweep();
  const left = await registry.db.selectFrom('log_queue').select('realm').execute();
  expect(left).toEqual([{ realm: nameOf(7) }]);
  const sizes = await registry.db
    .selectFrom('log_state')
    .select('size')
    .where('realm', 'in', names)
    .orderBy('realm')
    .execute();
  expect(sizes.map((s) => s.size)).toEqual(names.map((name) => (name === nameOf(7) ? 0 : 1)));
  expect(reports.filter((r) => r.type === 'frozen').map((r) => r.realm)).toEqual([nameOf(7)]);
});

test('whoever follows a log is told of each checkpoint after it was copied, and a failure of theirs holds up nothing', async () => {
  signed.length = 0;
  reports.length = 0;
  await queue('followed');
  await logs.get('followed').sequencer.settle();
  expect(signed).toEqual([`${registry.origin}/log/followed 1 true`]);
  expect(reports.map((r) => r.type)).toEqual(['hook_failed']);
});

test('a log that is in use is remembered, and one of many that are not is forgotten', () => {
  const first = logs.get('first');
  for (let i = 0; i < 10_000; i += 1) {
    if (i % 100 === 0) expect(logs.get('first')).toBe(first);
    logs.get(`other-${i}`);
  }
  const before = logs.get('other-9999');
  for (let i = 0; i < 256; i += 1) logs.get(`more-${i}`);
  expect(logs.get('first')).not.toBe(first);
  expect(logs.get('other-9999')).not.toBe(before);
});

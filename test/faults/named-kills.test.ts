import { generateSigningKey } from '@sheaf/bundle';
import { publishWorkflow, registerKey, signPublish } from '@sheaf/client';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, KEY, NAMESPACE, openNamespace, pack, type Author } from '../support/author.js';
import { expectWhole, runVerb } from '../support/fault-check.js';
import { isPassing } from '../support/fault-retry.js';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from '../support/registry-process.js';

/** What a kill at a named step leaves of everything but a publish, which `crash.test.ts` kills. */
const TARGET = parseWorkflowId('acme/target');
const VERSIONS = ['1.0.0', '1.1.0', '1.2.0'].map(parseVersion);
const SECOND_KEY = generateSigningKey();
const STEPS = ['sequencer.before_append', 'sequencer.before_commit', 'sequencer.after_commit'] as const;

const KILL_LIMIT_MS = 30_000;

let dir: string;
let dataDir: string;
let port = 0;
let origin = '';
const place = () => ({ dataDir, env: {} });

beforeAll(async () => {
  dir = await makeTempDir();
  dataDir = join(dir, 'data');
  const registry = await startRegistryProcess({ dataDir });
  port = Number(new URL(registry.url).port);
  const author = await connect(registry);
  ({ origin } = await author.client.wellKnown());
  await openNamespace(author);
  await registerKey({
    client: author.client,
    origin,
    namespace: NAMESPACE,
    key: SECOND_KEY,
    endorsers: [KEY],
  });
  for (const version of VERSIONS)
    await publishWorkflow({ ...author, key: KEY, packed: await pack('target', version) });
  await author.client.close();
  await registry.kill();
}, 120_000);
afterAll(async () => {
  // Stops the database that outlives a registry that is killed.
  await (await startRegistryProcess({ dataDir })).stop();
  await removeDir(dir);
});

/** Whatever is done is ended by the kill at this step. */
async function killedAt(failpoint: string, act: (author: Author) => Promise<unknown>): Promise<void> {
  await withRegistry({ SHEAF_FAILPOINT: failpoint }, async (author, registry) => {
    const error: unknown = await act(author).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(isPassing(error), `the reply is lost: ${String(error)}`).toBe(true);
    await expectKilled(registry, error);
  });
}

async function expectKilled({ ended }: RegistryProcess, error: unknown): Promise<void> {
  const late = sleep(KILL_LIMIT_MS).then(() => `it runs on: ${String(error)}`);
  expect(await Promise.race([ended, late])).toBe('SIGKILL');
}

/** The registry is killed in the end, so that nothing is tidied up for the next one. */
async function withRegistry<T>(
  env: Readonly<Record<string, string>>,
  use: (author: Author, registry: RegistryProcess) => Promise<T>,
): Promise<T> {
  const registry = await startRegistryProcess({ dataDir, port, env });
  const author = await connect(registry);
  try {
    return await use(author, registry);
  } finally {
    await author.client.close();
    await registry.kill();
  }
}

interface Change {
  readonly act: (author: Author, i: number) => Promise<unknown>;
  readonly isDone: (author: Author, i: number) => Promise<boolean>;
}

const added = STEPS.map(() => generateSigningKey());
const keyAt = (i: number) => added[i] ?? KEY;
const versionAt = (i: number) => VERSIONS[i] ?? parseVersion('1.0.0');

const CHANGES: Readonly<Record<string, Change>> = {
  'a deprecation': {
    act: ({ client }, i) => client.deprecate(TARGET, versionAt(i), { reason: 'a newer one is better' }),
    isDone: async ({ client }, i) => (await client.getVersion(TARGET, versionAt(i))).state === 'deprecated',
  },
  'a key event': {
    act: ({ client }, i) =>
      registerKey({ client, origin, namespace: NAMESPACE, key: keyAt(i), endorsers: [KEY] }),
    isDone: async ({ client }, i) =>
      (await client.getNamespace(NAMESPACE)).keys.some(({ id }) => id === keyAt(i).publicKey.id),
  },
  'a channel move': {
    act: ({ client }, i) => client.setChannel(TARGET, `channel-${i}`, versionAt(i)),
    isDone: async ({ client }, i) =>
      (await client.getWorkflow(TARGET)).channels[`channel-${i}`] === versionAt(i),
  },
};

test.each(Object.keys(CHANGES).flatMap((what) => STEPS.map((step, i) => [what, step, i] as const)))(
  '%s that is killed at %s is complete afterwards, and the same again changes nothing',
  async (what, step, i) => {
    const change = CHANGES[what];
    if (!change) throw new Error('no such change');
    await killedAt(step, (author) => change.act(author, i));
    await withRegistry({}, async (author) => {
      expect(await change.isDone(author, i)).toBe(true);
      const before = await author.client.getCheckpoint();
      await change.act(author, i);
      expect(await author.client.getCheckpoint()).toBe(before);
      await expectWhole(place());
    });
  },
);

describe('a staged version', () => {
  const name = 'staged';
  const upload = async (version: string, key: typeof KEY) => {
    const packed = await pack(name, version);
    return { blob: packed.blob, envelope: signPublish({ packed, key }, origin) };
  };

  test('whose staging is killed after its transaction waits, unseen, and is staged once when it is sent again', async () => {
    const sent = await upload('1.0.0', KEY);
    await killedAt('stage.after_transaction', ({ client }) => client.stage([sent]));
    await withRegistry({}, async ({ client }) => {
      await expect(client.getWorkflow(parseWorkflowId(`acme/${name}`))).rejects.toMatchObject({
        code: 'workflow.not_found',
      });
      const again = await client.stage([sent]);
      expect((await client.listStages()).stages.map(({ id }) => id)).toEqual([again.id]);
      await client.deleteStage(again.id);
      await expectWhole(place());
    });
  });

  test.each([
    'publish.after_blob',
    'publish.after_transaction',
    'sequencer.before_commit',
    'publish.before_answer',
  ])('whose approval is killed at %s is published by the same approval again', async (step) => {
    const version = `2.${step.length}.0`;
    const staged = await withRegistry({}, async ({ client }) => client.stage([await upload(version, KEY)]));
    const { envelope } = await upload(version, SECOND_KEY);
    const signatures = envelope.signatures.map(({ keyid = '', sig }) => ({ keyid, sig }));
    const approve = ({ client }: Author) => client.signStage(staged.id, signatures);
    await killedAt(step, approve);
    await withRegistry({}, async (author) => {
      expect(await approve(author)).toHaveProperty('receipts.length', 1);
      const document = await author.client.getWorkflow(parseWorkflowId(`acme/${name}`));
      expect(document.versions.filter((v) => v.version === version)).toHaveLength(1);
      expect((await author.client.listStages()).stages).toEqual([]);
      await expectWhole(place());
    });
  });
});

describe('a webhook', () => {
  const received: (string | undefined)[] = [];
  const receiver = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      received.push(request.headers['webhook-id'] as string | undefined);
      response.writeHead(204).end();
    });
  });
  beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    receiver.closeAllConnections();
    receiver.close();
  });

  test.each([
    ['webhook.before_send', 1],
    ['webhook.after_send', 2],
  ])('that is killed at %s is told in the end, with one id', async (step, times) => {
    const allow = { SHEAF_WEBHOOK_ALLOW: '127.0.0.0/8' };
    const { port: to } = receiver.address() as AddressInfo;
    received.length = 0;
    const id = await withRegistry(allow, async (_author, { url, ownerToken }) => {
      const created = await fetch(`${url}/v1/webhooks`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${ownerToken}` },
        body: JSON.stringify({
          namespace: 'acme',
          url: `http://127.0.0.1:${to}/`,
          topics: ['channel.moved'],
        }),
      });
      return ((await created.json()) as { readonly id: string }).id;
    });
    await withRegistry({ ...allow, SHEAF_FAILPOINT: step }, async ({ client }, registry) => {
      const error: unknown = await client
        .setChannel(TARGET, `hook-${times}`, versionAt(0))
        .then(() => 'answered', String);
      await expectKilled(registry, error);
    });
    expect(received).toHaveLength(times - 1);
    await withRegistry(allow, async (_author, { url, ownerToken }) => {
      await expect.poll(() => received.length, { timeout: 30_000 }).toBe(times);
      expect(new Set(received).size).toBe(1);
      expect(received[0]).toMatch(/^msg_/);
      await expectWhole(place());
      const headers = { Authorization: `Bearer ${ownerToken}` };
      expect((await fetch(`${url}/v1/webhooks/${id}`, { method: 'DELETE', headers })).status).toBe(204);
    });
  });
});

describe('a sweep', () => {
  const gc = ['gc', '--grace', '0'];
  // What stages have left behind: a kill comes at the first blob that is swept, which must be the one looked at.
  beforeAll(async () => {
    expect(await runVerb(gc, place())).toMatchObject({ code: 0 });
  });

  test.each(['sweep.after_condemn', 'sweep.after_delete'])(
    'that is killed at %s holds back its blob alone, until its deletion cannot be on its way any more',
    async (step) => {
      const packed = await pack(step.replaceAll(/[._]/g, '-'), '1.0.0');
      // Its blob is all that this leaves.
      await killedAt('publish.after_blob', (author) => publishWorkflow({ ...author, key: KEY, packed }));
      expect(await runVerb(gc, place(), { SHEAF_FAILPOINT: step })).toMatchObject({ signal: 'SIGKILL' });
      await withRegistry({}, async (author) => {
        await expect(publishWorkflow({ ...author, key: KEY, packed })).rejects.toMatchObject({
          code: 'service.busy',
          retry: { afterMs: 60_000 },
        });
        await expect(author.client.getWorkflow(packed.bundle.definition.id)).rejects.toMatchObject({
          code: 'workflow.not_found',
        });
        const other = await pack(`beside-${step.length}`, '1.0.0');
        expect((await publishWorkflow({ ...author, key: KEY, packed: other })).created).toBe(true);
        expect(await runVerb(gc, place())).toMatchObject({ code: 0 });
        await expectWhole(place(), ['--deep']);
      });
    },
  );
});

import { encodeReceipt } from '@sheaf/bundle';
import { publishTogether, publishWorkflow, signPublish } from '@sheaf/client';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, KEY, openNamespace, pack, type Author } from './support/author.js';
import {
  failToStart,
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';

/**
 * The contract of publishing: after the registry was killed at any point and started again, the version is absent
 * or complete, and the same publish again succeeds.
 */
let dataDir: string;
let port = 0;
/** The host that statements are signed for. */
let origin = '';
beforeAll(async () => {
  dataDir = await makeTempDir();
  const registry = await startRegistryProcess({ dataDir });
  port = Number(new URL(registry.url).port);
  const author = await connect(registry);
  await openNamespace(author);
  ({ origin } = await author.client.wellKnown());
  await author.client.close();
  await registry.stop();
});
afterAll(() => removeDir(dataDir));

async function withRegistry<T>(
  env: Readonly<Record<string, string>>,
  use: (registry: RegistryProcess, author: Author) => Promise<T>,
): Promise<T> {
  const registry = await startRegistryProcess({ dataDir, port, env });
  const author = await connect(registry);
  try {
    return await use(registry, author);
  } finally {
    await author.client.close();
    await registry.stop();
  }
}

describe('a registry that is killed', () => {
  test.each([
    ['publish.after_blob', 'absent'],
    ['sequencer.before_append', 'absent'],
    ['sequencer.before_commit', 'absent'],
    ['publish.after_transaction', 'complete'],
    ['sequencer.after_commit', 'complete'],
    ['publish.before_answer', 'complete'],
    // With a channel its leaves wait in the queue, where the next process finds them.
    ['sequencer.before_append', 'complete', 'beta'],
    ['sequencer.before_commit', 'complete', 'beta'],
  ] as const)(
    'at %s leaves the version %s, and the publish again succeeds with one receipt',
    async (failpoint, expected, channel?: string) => {
      const name = `${failpoint.replaceAll(/[._]/g, '-')}${channel ?? ''}`;
      const id = parseWorkflowId(`acme/${name}`);
      const packed = await pack(name, '1.0.0');
      await withRegistry({ SHEAF_FAILPOINT: failpoint }, async (registry, author) => {
        await expect(publishWorkflow({ ...author, key: KEY, packed, channel })).rejects.toMatchObject({
          code: expect.stringMatching(/^network\./) as string,
        });
        expect(await registry.ended).toBe('SIGKILL');
      });
      await withRegistry({}, async (_registry, author) => {
        const { client } = author;
        if (expected === 'absent') {
          await expect(client.getWorkflow(id)).rejects.toMatchObject({ code: 'workflow.not_found' });
          expect((await client.search({ text: name })).hits.map((h) => h.id)).not.toContain(id);
        } else {
          const document = await client.getWorkflow(id);
          expect(document.versions.map((v) => v.digest)).toEqual([packed.bundle.digest]);
          // Names that are alike are found after it.
          expect((await client.search({ text: name })).hits[0]?.id).toBe(id);
        }
        const again = await publishWorkflow({ ...author, key: KEY, packed, channel });
        expect(again.created).toBe(expected === 'absent');
        const receipt = await client.getReceipt(id, parseVersion('1.0.0'));
        const once = await publishWorkflow({ ...author, key: KEY, packed });
        expect(once.created).toBe(false);
        expect(encodeReceipt(await client.getReceipt(id, parseVersion('1.0.0')))).toEqual(
          encodeReceipt(receipt),
        );
        const blob = await client.getBlob(packed.bundle.digest, {
          sizeBytes: (await client.getWorkflow(id)).versions[0]?.blobSizeBytes ?? 0,
        });
        expect(blob.length).toBeGreaterThan(0);
      });
    },
  );

  test.each([
    ['publish.after_blob', 'absent'],
    ['sequencer.before_append', 'absent'],
    ['sequencer.before_commit', 'absent'],
    ['publish.after_transaction', 'complete'],
    ['sequencer.after_commit', 'complete'],
  ] as const)(
    'at %s leaves all of several %s, and publishing them again gives each one receipt',
    async (failpoint, expected) => {
      const names = ['a', 'b', 'c'].map((each) => `group-${each}-${failpoint.replaceAll(/[._]/g, '-')}`);
      const workflows = await Promise.all(
        names.map(async (name) => {
          const packed = await pack(name, '1.0.0');
          return { packed, envelope: signPublish({ packed, key: KEY }, origin) };
        }),
      );
      await withRegistry({ SHEAF_FAILPOINT: failpoint }, async (registry, author) => {
        await expect(publishTogether({ ...author, workflows })).rejects.toMatchObject({
          code: expect.stringMatching(/^network\./) as string,
        });
        expect(await registry.ended).toBe('SIGKILL');
      });
      await withRegistry({}, async (_registry, author) => {
        const found = await Promise.allSettled(
          names.map((name) => author.client.getWorkflow(parseWorkflowId(`acme/${name}`))),
        );
        const status = expected === 'absent' ? 'rejected' : 'fulfilled';
        expect(found.map((each) => each.status)).toEqual([status, status, status]);
        const first = await publishTogether({ ...author, workflows });
        const again = await publishTogether({ ...author, workflows });
        const indexes = again.map(({ receipt }) => receipt.logIndex);
        expect(first.map(({ receipt }) => receipt.logIndex)).toEqual(indexes);
        expect(indexes.map((index) => index - (indexes[0] ?? 0))).toEqual([0, 1, 2]);
        expect(again.every(({ created }) => !created)).toBe(true);
      });
    },
  );

  test('at random moments while eight publish loses nothing that it acknowledged', async () => {
    const acknowledged = new Map<string, string>();
    for (let round = 0; round < 4; round += 1) {
      const version = `1.${round}.0`;
      const registry = await startRegistryProcess({ dataDir, port });
      const author = await connect(registry);
      const publishing = Promise.allSettled(
        Array.from({ length: 8 }, async (_, i) => {
          const packed = await pack(`random-${i}`, version);
          await publishWorkflow({ ...author, key: KEY, packed });
          acknowledged.set(`acme/random-${i} ${version}`, packed.bundle.digest);
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 40 + round * 40));
      await registry.kill();
      await publishing;
      await author.client.close();
    }
    await withRegistry({}, async (_registry, author) => {
      for (const [release, digest] of acknowledged) {
        const [id = '', version = ''] = release.split(' ');
        const found = await author.client.getVersion(parseWorkflowId(id), parseVersion(version));
        expect(found.digest).toBe(digest);
      }
      for (let i = 0; i < 8; i += 1) {
        for (let round = 0; round < 4; round += 1) {
          const packed = await pack(`random-${i}`, `1.${round}.0`);
          await publishWorkflow({ ...author, key: KEY, packed });
        }
        const document = await author.client.getWorkflow(parseWorkflowId(`acme/random-${i}`));
        expect(document.versions.map((v) => v.version)).toEqual(['1.3.0', '1.2.0', '1.1.0', '1.0.0']);
      }
    });
  });
});

describe('a registry that cannot start says why and what to do', () => {
  test('when its data directory is in use, and when its port is', async () => {
    await withRegistry({}, async (registry) => {
      const locked = await failToStart(['--port', '0', '--data-dir', dataDir]);
      expect(locked.code).toBe(1);
      expect(locked.talk).toMatch(/^error\[datadir\.locked\]: .*\n(.*\n)*? {2}help: /);

      const other = await makeTempDir();
      const taken = await failToStart(['--port', new URL(registry.url).port, '--data-dir', other]);
      expect(taken.code).toBe(1);
      expect(taken.talk).toMatch(/^error\[port\.taken\]: .*\n(.*\n)*? {2}help: /);
      await removeDir(other);
    });
  });

  test('when the database is out of reach, or the flags are wrong', async () => {
    const dir = await makeTempDir();
    const unreachable = await failToStart(['--port', '0', '--data-dir', dir], {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    });
    expect(unreachable).toMatchObject({
      code: 1,
      talk: expect.stringMatching(/^error\[database\.unavailable\]/) as string,
    });
    expect((await failToStart(['--port', 'many'])).code).toBe(2);
    expect((await failToStart(['--nope'])).code).toBe(2);
    await removeDir(dir);
  });
});

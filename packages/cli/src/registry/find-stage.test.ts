import type { Stage } from '@sheaf/client/contract';
import { describe, expect, it } from 'vitest';
import { chooseStage, findStage } from './find-stage.js';

const DIGEST = `sha256:${'d'.repeat(64)}`;

function stage(id: string, ...versions: readonly string[]): Stage {
  return {
    id: id.repeat(32),
    createdAt: '2026-03-01T00:00:00Z',
    expiresAt: '2026-03-31T00:00:00Z',
    forced: false,
    versions: versions.map((text) => {
      const [name = '', version = ''] = text.split('@');
      const envelope = { payload: '', payloadType: '', signatures: [] };
      const sizes = { sizeBytes: 1, blobSizeBytes: 1 };
      return { id: name, version, digest: DIGEST, ...sizes, envelope, signers: [], threshold: 2 };
    }),
  };
}

const STAGES = [stage('a', 'acme/slow@1.0.0', 'acme/fast@1.0.0'), stage('b', 'acme/slow@1.1.0')];

describe('a stage', () => {
  it.each([
    ['acme/slow@1.0.0', 'a'],
    ['acme/slow@1.1.0', 'b'],
    ['acme/fast', 'a'],
    [`acme/fast@${DIGEST}`, 'a'],
  ])('is found by %s, which only it holds', (word, id) => {
    expect(chooseStage(STAGES, word).id).toBe(id.repeat(32));
  });

  it('is asked for by its ID where several hold what is named', () => {
    expect(() => chooseStage(STAGES, 'acme/slow')).toThrow(
      expect.objectContaining({
        code: 'usage.stage',
        evidence: [
          `${'a'.repeat(32)}  acme/slow@1.0.0, acme/fast@1.0.0  of 2026-03-01T00:00:00Z`,
          `${'b'.repeat(32)}  acme/slow@1.1.0  of 2026-03-01T00:00:00Z`,
        ],
      }),
    );
  });

  it('is never guessed', () => {
    for (const word of [
      'acme/slow@2.0.0',
      'acme/slow@^1',
      'acme/slow@beta',
      'corp:acme/fast',
      'acme/constructor',
    ])
      expect(() => chooseStage(STAGES, word), word).toThrow(
        expect.objectContaining({ code: 'stage.not_found' }),
      );
  });

  it('is asked for by its ID without a list, and a word that is neither asks nobody', async () => {
    const asked: string[] = [];
    const client = {
      getStage: (id: string) => Promise.resolve(stage((asked.push(id), id[0] ?? ''))),
      listStages: () => Promise.reject(new Error('not to be asked')),
    };
    const { signal } = new AbortController();
    expect((await findStage(client, 'c'.repeat(32), signal)).id).toBe('c'.repeat(32));
    for (const word of ['abc', '', 'C'.repeat(32)])
      await expect(findStage(client, word, signal)).rejects.toMatchObject({ code: 'usage.stage' });
    expect(asked).toEqual(['c'.repeat(32)]);
  });
});

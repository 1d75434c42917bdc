import type { WitnessPolicy } from '@sheaf/bundle';
import { assertConsistent, openSeen, type FetchTile, type SeenCheckpoint } from '../consistency.js';
import { ClientError } from '../errors.js';
import type { Pin } from '../pin.js';
import { assertCosigned } from '../verification-witnesses.js';
import { createSteps } from '../verification-steps.js';

/**
 * The newest checkpoint, signed with the pinned key, which extends every one that was seen before.
 *
 * @param note as the log shows it now
 * @throws ClientError with both notes: `log.fork`, `log.rollback`, `log.unproven`, or a code of a checkpoint
 */
export async function checkNewest(
  log: Parameters<typeof openSeen>[1],
  note: string,
  seenNotes: readonly (string | null)[],
  fetchTile: FetchTile,
): Promise<SeenCheckpoint> {
  let contradicted: string | undefined;
  return createSteps(['log']).run(
    'log',
    async () => {
      const newest = openSeen(note, log);
      for (const seenNote of new Set(seenNotes)) {
        if (seenNote === null || seenNote === note) continue;
        contradicted = seenNote;
        const seen = openSeen(seenNote, log);
        if (newest.size < seen.size) {
          throw new ClientError(
            'log.rollback',
            `the log shows ${newest.size} entries, but ${seen.size} were seen before: its history was cut or replaced`,
          );
        }
        await assertConsistent(seen, newest, fetchTile);
      }
      contradicted = undefined;
      return { value: newest, detail: `checkpoint ${newest.size} signed` };
    },
    () => [
      ...(contradicted === undefined ? [] : [{ name: 'stored-checkpoint', text: contradicted }]),
      { name: 'latest-checkpoint', text: note },
    ],
  );
}

/**
 * The newest checkpoint has the cosignatures that the witness policy asks for: what no witness has seen may be shown to
 * this monitor alone.
 *
 * @throws ClientError with the note: `witness.quorum`, `witness.signature`
 */
export async function checkWitnessed(
  witnesses: WitnessPolicy,
  pin: Pick<Pin, 'logKey'>,
  newest: SeenCheckpoint,
): Promise<void> {
  await createSteps(['log']).run(
    'log',
    () => {
      assertCosigned(witnesses, pin, newest);
      return Promise.resolve({ value: undefined, detail: `checkpoint ${newest.size} cosigned` });
    },
    () => [{ name: 'latest-checkpoint', text: newest.note }],
  );
}

/**
 * What another monitor kept meanwhile must be of the same log, whichever of the two is newer.
 *
 * @throws ClientError with both notes: `log.fork`, `log.unproven`
 */
export async function checkKept(
  log: Parameters<typeof openSeen>[1],
  newest: SeenCheckpoint,
  keptNote: string | null,
  fetchTile: FetchTile,
): Promise<void> {
  if (keptNote === null || keptNote === newest.note) return;
  await createSteps(['log']).run(
    'log',
    async () => {
      const kept = openSeen(keptNote, log);
      const [older, newer] = kept.size <= newest.size ? [kept, newest] : [newest, kept];
      await assertConsistent(older, newer, fetchTile);
      return { value: undefined, detail: `checkpoint ${kept.size} agrees` };
    },
    () => [
      { name: 'stored-checkpoint', text: keptNote },
      { name: 'latest-checkpoint', text: newest.note },
    ],
  );
}

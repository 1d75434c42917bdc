import {
  BundleError,
  checkInclusion,
  checkStanding,
  openCheckpoint,
  parseLeaf,
  parseLogVerifier,
  parseReceipt,
  parseStanding,
  type StandingEvent,
  type ReleaseStanding,
} from '@sheaf/bundle';
import type { TestRegistry } from './test-registry.js';
import { call } from './upload.js';

/** The events of a standing document, each of which the log holds in the checkpoint that the document carries. */
export async function provenEvents(registry: TestRegistry, path: string): Promise<readonly StandingEvent[]> {
  const answer = await call(registry, path, { token: registry.ownerToken });
  if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}`);
  const { events, checkpoint } = parseStanding(answer.bytes);
  const origin = checkpoint.split('\n', 1)[0] ?? '';
  const log = registry.deps.logs.get(origin.split('/').at(-1) ?? '');
  const opened = openCheckpoint(checkpoint, parseLogVerifier(log.verifierKey));
  for (const event of events) checkInclusion(event, opened);
  return events;
}

/** What a stranger makes of a release: receipt and standing, nothing else. Answers the code of what is refused. */
export async function standingOf(registry: TestRegistry, release: string): Promise<ReleaseStanding | string> {
  const receipt = parseReceipt((await call(registry, `/v1/workflows/${release}/receipt`)).bytes);
  const leaf = parseLeaf(receipt.publish.leaf);
  if (leaf.type !== 'publish') throw new Error('the receipt is of something else');
  const events = await provenEvents(registry, `/v1/workflows/${release}/standing`);
  try {
    return checkStanding(events, { index: receipt.publish.index, leaf });
  } catch (error) {
    if (error instanceof BundleError) return error.code;
    throw error;
  }
}

import { isHigherVersion } from '@sheaf/client';
import type { WorkflowDocument } from '@sheaf/client/contract';
import type { WorkflowDefinition } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import type { Published } from '../output/published.js';
import type { Session } from './session.js';

type Release = Pick<WorkflowDefinition, 'id' | 'version'>;

/**
 * Points a channel at a version that was published before, and tells where it points then. One that points at a higher
 * version stays: an old job that is run again must not take everybody back.
 */
export async function moveChannel(
  context: Context,
  session: Session,
  release: Release,
  name: string | undefined,
): Promise<Pick<Published, 'channel'>> {
  if (name === undefined) return {};
  const higher = await findHigher(context, session, release, name);
  if (higher !== undefined) return { channel: { name, version: higher, kept: 'higher' } };
  const { id, version } = release;
  const { current } = await session.client.setChannel(id, name, version, { signal: context.signal });
  return { channel: { name, ...(current && { version: current.version }) } };
}

/** A version that was published before, and the higher one at which a channel therefore stays. */
export interface KeptChannel extends Release {
  readonly higher: string;
}

/** Those of several versions that were published before at which the channel does not come to point. */
export async function findKept(
  context: Context,
  session: Session,
  releases: readonly Release[],
  name: string | undefined,
): Promise<readonly KeptChannel[]> {
  if (name === undefined) return [];
  const kept: KeptChannel[] = [];
  for (const { id, version } of releases) {
    const higher = await findHigher(context, session, { id, version }, name);
    if (higher !== undefined) kept.push({ id, version, higher });
  }
  return kept;
}

/** The version that a channel points at, if it is higher than this one. */
async function findHigher(
  { signal }: Context,
  { client }: Session,
  { id, version }: Release,
  name: string,
): Promise<string | undefined> {
  const channels = await client.listChannels(id, { signal });
  return channels.find((each) => each.channel === name && isHigherVersion(each.version, version))?.version;
}

/** The channel that was asked for, and where it points. */
export function describeChannel(
  input: Input,
  workflow: Pick<WorkflowDocument, 'channels'> | undefined,
): Pick<Published, 'channel'> {
  const name = input.get('channel');
  if (name === undefined) return {};
  const version = Object.entries(workflow?.channels ?? {}).find(([each]) => each === name)?.[1];
  return { channel: { name, ...(version === undefined ? {} : { version }) } };
}

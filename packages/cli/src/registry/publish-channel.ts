import type { PackedWorkflow } from '@sheaf/client';
import type { WorkflowDocument } from '@sheaf/client/contract';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import type { Published } from '../output/published.js';
import type { Session } from './session.js';

/** Points the channel that is asked for at a version that was published before; where it points then. */
export async function moveChannel(
  context: Context,
  { client }: Session,
  { bundle: { definition } }: PackedWorkflow,
  input: Input,
  workflow: WorkflowDocument | undefined,
): Promise<Pick<WorkflowDocument, 'channels'> | undefined> {
  const name = input.get('channel');
  if (name === undefined) return workflow;
  const { id, version } = definition;
  const { current } = await client.setChannel(id, name, version, { signal: context.signal });
  return current && { channels: { [name]: current.version } };
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

import { parseReference } from '@sheaf/client';
import type { Channel } from '@sheaf/client/contract';
import type { WorkflowId } from '@sheaf/workflow';
import { defineCommand, type CommandGroup } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { ChannelSetJson } from '../json/channel-set.js';
import type { ChannelListJson } from '../json/channel-list.js';
import type { ChannelRemoveJson } from '../json/channel-remove.js';
import { AGREE_FLAG, agreeToChange } from '../registry/agreement.js';
import { readExactReference } from '../registry/exact.js';
import { withReference } from '../registry/locate.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, type Session } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { renderTable } from '../terminal/table.js';

interface SetData {
  readonly id: string;
  readonly channel: string;
  readonly version: string;
  readonly logIndex: number;
  readonly registry: string;
}

const set = defineCommand<SetData, ChannelSetJson>({
  name: 'channel set',
  about: 'Point a channel at a version; the move is logged for everybody and for good.',
  positionals: { names: ['REF', 'CHANNEL'], completes: ['reference', []], required: 2 },
  flags: [AGREE_FLAG, REGISTRY_FLAG],
  examples: ['sheaf channel set acme/deploy@1.2.0 beta', 'sheaf channel set acme/deploy@1.1.0 latest'],
  exitCodes: [0, 1, 2, 3, 4, 5, 6],
  run: async (context, input) => {
    const word = input.positionals[0] ?? '';
    const { id, version } = await readExactReference(context, word, 'channel set');
    const channel = input.positionals[1] ?? '';
    return withReference(context, input, word, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const before = await findChannel(context, session, id, channel);
      if (before?.version !== version || before.mode === 'follows') {
        const effect = effectOfMove(channel, version, before);
        const what = printable(`${id}@${channel}`);
        await agreeToChange(context, { what, effect, act: 'set it', yes: input.has('yes') });
      }
      const { current } = await session.client.setChannel(id, channel, version, { signal: context.signal });
      if (current?.version !== version) {
        throw new CliError('channel.moved', `somebody else has moved ${channel} meanwhile`, {
          hint: `sheaf channel list ${id}`,
        });
      }
      return { data: { id, channel, version, logIndex: current.logIndex, registry: session.url } };
    });
  },
  render: ({ id, channel, version, logIndex }) => ({
    talk: `log index ${logIndex}`,
    answer: `${id}@${channel} is ${version}`,
  }),
});

/** Where it leads from now on; `latest` no longer goes there by itself. */
function effectOfMove(channel: string, version: string, before: Channel | undefined): readonly string[] {
  return [
    ...(before === undefined ? [`a new channel, which leads to ${version}`] : []),
    ...(before === undefined || before.version === version
      ? []
      : [`${printable(before.version)} → ${version}, for everybody who asks for it and has not locked it`]),
    ...(channel === 'latest' ? ['it stays there, and no longer follows the highest stable version'] : []),
  ];
}

async function findChannel(
  { signal }: Context,
  { client }: Session,
  id: WorkflowId,
  channel: string,
): Promise<Channel | undefined> {
  return (await client.listChannels(id, { signal })).find((each) => each.channel === channel);
}

interface ListData {
  readonly id: string;
  readonly registry: string;
  readonly channels: readonly Channel[];
}

const list = defineCommand<ListData, ChannelListJson>({
  name: 'channel list',
  about: 'List the channels of a workflow and where they point.',
  positionals: { names: ['WORKFLOW'], completes: ['reference'], required: 1 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf channel list acme/deploy', 'sheaf channel list acme/deploy --json'],
  exitCodes: [0, 3, 4, 5, 6],
  run: async (context, input) => {
    const word = input.positionals[0] ?? '';
    const id = readWorkflow(word, 'channel list');
    return withReference(context, input, word, async (session) => {
      const channels = await session.client.listChannels(id, { signal: context.signal });
      return { data: { id, registry: session.url, channels } };
    });
  },
  render: ({ id, channels }, { columns, style }) => ({
    ...(channels.length === 0 && { talk: `${id} has no channels` }),
    answer: renderTable([{}, {}, { least: 20 }], channels.map(describe), { columns, style }),
  }),
});

function describe({ channel, version, mode, state, revoked, resolves }: Channel): readonly string[] {
  const what = revoked === true ? 'revoked' : state;
  const notes = [
    ...(mode === 'follows' ? ['follows the highest stable version'] : []),
    ...(resolves ? [] : [`${what}: it is not taken`]),
    ...(resolves && state !== 'active' ? [state] : []),
  ];
  return [channel, version, notes.join(', ')];
}

interface RemoveData {
  readonly id: string;
  readonly channel: string;
  /** Where `latest` points now that it follows again. */
  readonly version?: string;
  readonly registry: string;
}

const remove = defineCommand<RemoveData, ChannelRemoveJson>({
  name: 'channel remove',
  about: 'Remove a channel; latest follows the highest stable version again.',
  positionals: { names: ['WORKFLOW', 'CHANNEL'], completes: ['reference', []], required: 2 },
  flags: [AGREE_FLAG, REGISTRY_FLAG],
  examples: ['sheaf channel remove acme/deploy beta', 'sheaf channel remove acme/deploy latest'],
  exitCodes: [0, 1, 2, 3, 4, 5, 6],
  run: async (context, input) => {
    const word = input.positionals[0] ?? '';
    const id = readWorkflow(word, 'channel remove');
    const channel = input.positionals[1] ?? '';
    return withReference(context, input, word, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const before = await findChannel(context, session, id, channel);
      if (before !== undefined && before.mode !== 'follows') {
        const what = printable(`${id}@${channel}, which is ${before.version}`);
        await agreeToChange(context, { what, ...effectOfRemoval(channel), yes: input.has('yes') });
      }
      const { current } = await session.client.removeChannel(id, channel, { signal: context.signal });
      const follows = current?.mode === 'follows' ? { version: current.version } : {};
      return { data: { id, channel, ...follows, registry: session.url } };
    });
  },
  render: ({ id, channel, version }) => ({
    answer:
      version === undefined ? `${id}@${channel} removed` : `${id}@${channel} follows: ${printable(version)}`,
  }),
});

function effectOfRemoval(channel: string) {
  return channel === 'latest'
    ? { effect: ['it follows the highest stable version again'], act: 'let it follow' }
    : { effect: ['it leads nowhere any more: whoever asks for it gets an error'], act: 'remove it' };
}

/** A workflow without a version. @throws CliError `reference.version_unexpected` */
function readWorkflow(text: string, verb: string): WorkflowId {
  const { id, selector } = parseReference(text);
  if (selector.kind === 'latest') return id;
  throw new CliError('reference.version_unexpected', `${verb} takes a workflow without a version`, {
    hint: `sheaf ${verb} ${id}${verb === 'channel list' ? '' : ' beta'}`,
  });
}

export const command: CommandGroup = {
  name: 'channel',
  about: 'Point channels of a workflow at versions.',
  commands: [set, list, remove],
};

import type { Stage } from '@sheaf/client/contract';
import { defineCommand } from '../frame/command.js';
import type { StageListJson } from '../json/stage-list.js';
import type { StageRejectJson } from '../json/stage-reject.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { formatAge, shortId } from '../terminal/text.js';

interface Listed {
  readonly registry: string;
  readonly stages: readonly Stage[];
}

export const list = defineCommand<Listed, StageListJson>({
  name: 'stage list',
  about: 'List the versions that wait for an approval in the namespaces that you may publish to.',
  positionals: { names: [], required: 0 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf stage list', 'sheaf stage list --json'],
  exitCodes: [0, 3, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const { stages } = await session.client.listStages({ signal: context.signal });
      return { data: { registry: session.url, stages } };
    }),
  render: ({ stages }, { nowMs, columns }) => ({
    ...(stages.length === 0 ? { talk: 'nothing waits for an approval' } : {}),
    answer: stages
      .flatMap((stage) =>
        stage.versions.map(({ id, version, signers, threshold }) =>
          [
            stage.id,
            `${id}@${version}`,
            `${signers.length} of ${threshold} signatures (${signers.map(shortId).join(', ')})`,
            `${formatAge(stage.createdAt, nowMs)}${stage.createdBy === undefined ? '' : ` by ${printable(stage.createdBy)}`}`,
          ].join(columns === undefined ? '\t' : '  '),
        ),
      )
      .join('\n'),
  }),
});

interface Rejected {
  readonly registry: string;
  readonly id: string;
  readonly versions: readonly string[];
}

export const reject = defineCommand<Rejected, StageRejectJson>({
  name: 'stage reject',
  about: 'Throw staged versions away; they can be staged again.',
  positionals: { names: ['ID'], required: 1 },
  flags: [REGISTRY_FLAG],
  examples: [
    'sheaf stage reject 5be2f0c19d3a4b6e8f7a0b1c2d3e4f50',
    'sheaf stage reject 5be2f0c19d3a4b6e8f7a0b1c2d3e4f50 --json',
  ],
  exitCodes: [0, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const { signal } = context;
      const stage = await session.client.getStage(input.positionals[0] ?? '', { signal });
      await session.client.deleteStage(stage.id, { signal });
      const versions = stage.versions.map(({ id, version }) => `${id}@${version}`);
      return { data: { registry: session.url, id: stage.id, versions } };
    }),
  render: ({ id, versions }) => ({
    talk: `rejected: ${versions.join(', ')}; nothing was published`,
    answer: id,
  }),
});

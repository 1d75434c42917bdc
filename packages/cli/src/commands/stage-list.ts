import type { Stage } from '@sheaf/client/contract';
import { defineCommand } from '../frame/command.js';
import type { StageListJson } from '../json/stage-list.js';
import type { StageRejectJson } from '../json/stage-reject.js';
import { AGREE_FLAG, agreeToChange } from '../registry/agreement.js';
import { findStage } from '../registry/find-stage.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { renderTable, type Cell } from '../terminal/table.js';
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
  render: ({ stages }, { nowMs, columns, style }) => ({
    ...(stages.length === 0 ? { talk: 'nothing waits for an approval' } : {}),
    answer: renderTable(
      [
        { title: 'ID' },
        { title: 'WORKFLOW', least: 16 },
        { title: 'SIGNED', least: 6 },
        { title: 'BY', least: 8, drop: 2 },
        { title: 'AGE', drop: 1 },
      ],
      stages.flatMap((stage) => stage.versions.map((version) => describeStaged(stage, version, nowMs))),
      { columns, style },
    ),
  }),
});

function describeStaged(
  stage: Stage,
  { id, version, signers, threshold }: Stage['versions'][number],
  nowMs: number,
): readonly Cell[] {
  const count = `${signers.length} of ${threshold}`;
  return [
    stage.id,
    `${id}@${version}`,
    { text: count, full: `${count} signatures (${signers.map(shortId).join(', ')})` },
    stage.createdBy ?? '',
    { text: formatAge(stage.createdAt, nowMs), full: stage.createdAt },
  ];
}

interface Rejected {
  readonly registry: string;
  readonly id: string;
  readonly versions: readonly string[];
}

export const reject = defineCommand<Rejected, StageRejectJson>({
  name: 'stage reject',
  about: 'Throw staged versions away; they can be staged again.',
  positionals: { names: ['ID|REF'], completes: [[]], required: 1 },
  flags: [AGREE_FLAG, REGISTRY_FLAG],
  examples: [
    'sheaf stage reject 5be2f0c19d3a4b6e8f7a0b1c2d3e4f50',
    'sheaf stage reject acme/deploy@1.2.0 --json',
  ],
  exitCodes: [0, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const { signal } = context;
      const stage = await findStage(session.client, input.positionals[0] ?? '', signal);
      const versions = stage.versions.map(({ id, version }) => `${id}@${version}`);
      await agreeToChange(context, {
        what: versions.join(', '),
        effect: [
          'nobody can approve it any more, and what was signed is thrown away',
          'it can be staged again',
        ],
        act: 'reject it',
        yes: input.has('yes'),
      });
      await session.client.deleteStage(stage.id, { signal });
      return { data: { registry: session.url, id: stage.id, versions } };
    }),
  render: ({ id, versions }) => ({
    talk: `rejected: ${versions.join(', ')}; nothing was published`,
    answer: id,
  }),
});

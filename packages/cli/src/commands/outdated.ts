import { defineCommand, type Look, type Rendered } from '../frame/command.js';
import type { OutdatedJson } from '../json/outdated.js';
import { isNews, renderSurvey } from '../output/survey.js';
import { assertNames } from '../project/assert-names.js';
import { getProject } from '../project/open-project.js';
import { surveyProject } from '../project/survey.js';
import { ALLOW_YOUNG_FLAG } from '../registry/policy.js';
import { REGISTRY_FLAG } from '../registry/session.js';
import { helpOffWithdrawn } from '../output/withdrawn.js';
import { plural } from '../terminal/text.js';

export const command = defineCommand<OutdatedJson, OutdatedJson>({
  name: 'outdated',
  about:
    'Show what is locked beside what there is by now: newer versions, states, signers, permissions. Changes and verifies nothing.',
  positionals: { names: ['NAME'], required: 0, more: true, completes: ['name'] },
  flags: [
    { name: 'check', summary: 'exit 1 when something is behind its range, not locked, or withdrawn' },
    ALLOW_YOUNG_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf outdated', 'sheaf outdated deploy --check'],
  exitCodes: [0, 1, 3, 4, 6, 7],
  run: async (context, input) => {
    const project = await getProject(context);
    assertNames(project, input.positionals);
    const options = { names: input.positionals, allowYoung: input.all('allow-young') };
    const { rows: workflows } = await surveyProject({ context, input, project }, options);
    const isBad = workflows.some(({ status }) => status !== 'current');
    return { data: { file: project.file, workflows }, exitCode: isBad && input.has('check') ? 1 : 0 };
  },
  render,
});

function render({ file, workflows }: OutdatedJson, { columns, style, talkStyle, nowMs }: Look): Rendered {
  const rows = workflows.filter(isNews);
  const count = (status: string) => workflows.filter((row) => row.status === status).length;
  const counts = [
    [count('behind'), 'behind'],
    [count('not_locked'), 'not locked'],
    [count('withdrawn'), 'withdrawn'],
    [count('unknown'), 'without a version that fits'],
  ] as const;
  const told = counts.flatMap(([many, what]) => (many === 0 ? [] : [`${many} ${what}`]));
  const verdict =
    told.length === 0
      ? talkStyle.green(
          `${plural(workflows.length, 'workflow')} of ${file}: each is the newest that its range allows`,
        )
      : `${talkStyle.yellow(told.join(', '))}, of ${plural(workflows.length, 'workflow')}`;
  return {
    answer: renderSurvey(rows, { columns, style, nowMs }),
    epilogue: [
      `${verdict} · as the registry says, nothing was verified`,
      ...(count('behind') + count('not_locked') > 0 ? ['  help: sheaf upgrade'] : []),
      ...helpOffWithdrawn(workflows).map((line) => `  help: ${line}`),
    ].join('\n'),
  };
}

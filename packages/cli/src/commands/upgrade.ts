import { formatReference, formatSelector, setProjectEntry, type Reference } from '@sheaf/client';
import { parseVersion, type Version } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import { defineCommand, omit } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { UpgradeJson } from '../json/upgrade.js';
import { isNews, renderSurvey } from '../output/survey.js';
import { exitCodeOfUpgrade, renderUpgrade, type Outcome, type Upgraded } from '../output/upgrade.js';
import { askUpgrade, describeUpgrade, keepAgreement, listConcerns } from '../project/agree-upgrade.js';
import { assertNames } from '../project/assert-names.js';
import { makeLock } from '../project/make-lock.js';
import { getProject, withText, type OpenProject } from '../project/open-project.js';
import {
  planUpgrades,
  type PlannedUpgrade,
  type RefusedUpgrade,
  type UpgradeWish,
} from '../project/plan-upgrade.js';
import { describeRefused } from '../project/render-lock.js';
import { surveyProject } from '../project/survey.js';
import { writeProject } from '../project/write-project.js';
import { ALLOW_YOUNG_FLAG } from '../registry/policy.js';
import { REGISTRY_FLAG, YES_FLAG } from '../registry/session.js';
import { printable } from '../terminal/escape.js';

export const command = defineCommand<Upgraded, UpgradeJson>({
  name: 'upgrade',
  about: 'Move workflows of sheaf.toml to newer versions, after showing what changes with them.',
  positionals: { names: ['NAME'], required: 0, more: true, completes: ['name'] },
  flags: [
    {
      name: 'latest',
      summary: 'the newest versions, also beyond the range in sheaf.toml, which moves along',
    },
    { name: 'to', value: 'VERSION', summary: 'just this version, of one NAME' },
    { name: 'check', summary: 'show what is newer and stop; exit 1 when something is' },
    { name: 'dry-run', summary: 'verify and show all changes, ask and write nothing' },
    ALLOW_YOUNG_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf upgrade', 'sheaf upgrade deploy --latest --dry-run'],
  exitCodes: [0, 1, 2, 3, 4, 5, 6, 7],
  run: async (context, input) => {
    const data = await upgrade(context, input);
    return { data, exitCode: exitCodeOfUpgrade(data) };
  },
  toJson: (data) => ({ ...omit(data, 'mode'), dryRun: data.mode !== 'upgrade' }),
  render: renderUpgrade,
});

async function upgrade(context: Context, input: Input): Promise<Upgraded> {
  const wish = readWish(input);
  const mode = input.has('check') ? 'check' : input.has('dry-run') ? 'dry_run' : 'upgrade';
  const project = await getProject(context);
  assertNames(project, input.positionals);
  const allowYoung = input.all('allow-young');
  const names = [...new Set(input.positionals)];
  const survey = await surveyProject({ context, input, project }, { names, allowYoung });
  const { ui } = context;
  const news = survey.rows.filter(isNews);
  if (news.length > 0 && mode !== 'check') sayTable(context, news);
  const base = {
    file: project.file,
    lockFile: project.lockFile,
    mode,
    workflows: survey.rows,
    upgrades: [],
    projectWritten: false,
    lockWritten: false,
    changes: [],
    refused: [],
  } as const;
  if (mode === 'check') return base;
  const references = new Map([...project.workflows.values()].map(({ name, reference }) => [name, reference]));
  const options = { yes: input.has('yes'), allowYoung, offline: false };
  const planned = await planUpgrades(context, survey, { wish, references, options });
  const outcomes: Outcome[] = [];
  const accepted: PlannedUpgrade[] = [];
  for (const one of planned) {
    if (one.kind === 'refused') {
      outcomes.push(describeRefusal(one));
      continue;
    }
    for (const line of describeUpgrade(one, ui.stderr.style)) ui.say(line);
    const outcome = mode === 'dry_run' ? 'would_upgrade' : await decide(context, input, one);
    if (outcome === 'upgraded') accepted.push(one);
    outcomes.push(describeOutcome(one, outcome, references.get(one.row.name)));
  }
  if (mode === 'dry_run') return { ...base, upgrades: outcomes };
  const isAnyUnlocked = survey.rows.some(({ status }) => status === 'not_locked');
  if (accepted.length === 0 && !isAnyUnlocked) return { ...base, upgrades: outcomes };
  return { ...base, upgrades: outcomes, ...(await write(context, input, project, accepted)) };
}

function readWish(input: Input): UpgradeWish {
  const to = input.get('to');
  const isLatest = input.has('latest');
  if (to !== undefined && (isLatest || input.positionals.length !== 1)) {
    throw new CliError(
      'usage.exclusive_flags',
      '--to says a version of one NAME, and stands without --latest',
      {
        hint: `sheaf upgrade ${input.positionals[0] ?? 'NAME'} --to ${printable(to)}`,
      },
    );
  }
  if (input.has('check') && input.has('dry-run'))
    throw new CliError('usage.exclusive_flags', '--check stops before --dry-run begins', {
      hint: 'leave out one of them',
    });
  return { to: to === undefined ? undefined : readVersion(to), isLatest };
}

function readVersion(text: string): Version {
  try {
    return parseVersion(text);
  } catch (error) {
    throw new CliError('usage.version', `--to ${JSON.stringify(printable(text))} is not a version`, {
      hint: '--to 1.2.0',
      cause: error,
    });
  }
}

function sayTable({ ui, now }: Context, rows: Upgraded['workflows']): void {
  const { stderr } = ui;
  const look = { columns: stderr.columns(), style: stderr.style, nowMs: now() };
  for (const line of renderSurvey(rows, look).split('\n')) ui.say(line);
}

async function decide(context: Context, input: Input, one: PlannedUpgrade): Promise<Outcome['outcome']> {
  const concerns = listConcerns(one);
  if (concerns.length === 0) return 'upgraded';
  if (input.has('yes')) {
    context.ui.say(`agreed to by --yes: ${concerns.join(', ')}`);
    return 'upgraded';
  }
  return askUpgrade(context, one);
}

function describeRefusal({ row, from, to, error }: RefusedUpgrade): Outcome {
  return { name: row.name, from, to, outcome: 'refused', code: error.code, message: error.message };
}

function describeOutcome(
  one: PlannedUpgrade,
  outcome: Outcome['outcome'],
  known: Reference | undefined,
): Outcome {
  const { row, from, to, selector, changes } = one;
  const reference = known === undefined ? row.reference : formatReference({ ...known, selector });
  return {
    name: row.name,
    from,
    to,
    outcome,
    reference,
    ...(reference === row.reference ? {} : { before: row.reference }),
    changes,
  };
}

/** Writes what was agreed to; whatever else is locked stays what it is. */
async function write(
  context: Context,
  input: Input,
  project: OpenProject,
  accepted: readonly PlannedUpgrade[],
): Promise<Pick<Upgraded, 'projectWritten' | 'lockWritten' | 'changes' | 'refused'>> {
  const text = accepted.reduce((before, { row, selector }) => {
    const known = project.workflows.get(row.name)?.reference;
    if (known === undefined || formatSelector(known.selector) === formatSelector(selector)) return before;
    const value = formatReference({ ...known, selector });
    return setProjectEntry(before, project.file, { table: 'workflows', name: row.name, value });
  }, project.text);
  const next = withText(project, text);
  const made = await makeLock(
    { context, input, project: next },
    {
      yes: input.has('yes'),
      allowYoung: input.all('allow-young'),
      update: new Set(accepted.map(({ row }) => row.name)),
      given: accepted.map(({ fetched, selector }) => ({
        ...fetched,
        wanted: { id: fetched.workflow.id, selector },
      })),
    },
  );
  const written = await writeProject(context, {
    project: next,
    before: project.text,
    lock: { after: made.lock, before: made.before },
  });
  for (const one of accepted) await keepAgreement(context, one);
  return {
    projectWritten: written.project,
    lockWritten: written.lock,
    changes: made.changes,
    refused: made.refused.map(describeRefused),
  };
}

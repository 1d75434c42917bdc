import {
  isRefusal,
  openCache,
  refreshLock,
  verifyLocked,
  type LockChange,
  type StateChange,
} from '@sheaf/client';
import type { Input } from '../frame/args.js';
import { defineCommand, type Look, type Rendered } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { LockJson } from '../json/lock.js';
import { assertNames } from '../project/assert-names.js';
import { getLock, getLockOnDisk } from '../project/lock-on-disk.js';
import { makeLock } from '../project/make-lock.js';
import { getProject, type OpenProject } from '../project/open-project.js';
import { describeRefused, renderLockChange, type Refused } from '../project/render-lock.js';
import { assertFits } from '../project/stale.js';
import { getPin } from '../project/verify-closure.js';
import { listWanted } from '../project/wanted.js';
import { openTrust } from '../registry/open-trust.js';
import { writeProject } from '../project/write-project.js';
import { ALLOW_YOUNG_FLAG, policyFor } from '../registry/policy.js';
import { REGISTRY_FLAG, withSessions, YES_FLAG } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { plural } from '../terminal/text.js';

interface Locked {
  readonly action: 'locked' | 'checked' | 'refreshed';
  readonly file: string;
  /** How many entries the lockfile has. */
  readonly entries: number;
  /** Whether the file on disk is another now. */
  readonly lockWritten: boolean;
  readonly changes: readonly LockChange[];
  /** What became of locked releases since, under `--refresh`. */
  readonly states: readonly StateChange[];
  readonly refused: readonly Refused[];
}

export const command = defineCommand<Locked, LockJson>({
  name: 'lock',
  about: 'Write sheaf.lock: the exact versions of what sheaf.toml names, with all that proves them.',
  positionals: { names: ['NAME'], required: 0, more: true, completes: ['name'] },
  flags: [
    { name: 'check', summary: 'write nothing; exit 1 when sheaf.lock does not fit sheaf.toml' },
    { name: 'refresh', summary: 'move nothing; ask what became of each version since it was locked' },
    ALLOW_YOUNG_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: ['sheaf lock deploy', 'sheaf lock --refresh'],
  exitCodes: [0, 1, 3, 4, 5, 6, 7],
  run: async (context, input) => {
    const project = await getProject(context);
    const names = readNames(input, project);
    if (input.has('check')) return { data: await check(context, input, project) };
    const data = input.has('refresh')
      ? await refresh(context, input, project)
      : await lock(context, input, project, names);
    return { data, exitCode: data.refused.length === 0 ? 0 : 3 };
  },
  render,
});

function readNames(input: Input, project: OpenProject): ReadonlySet<string> {
  const flags = ['check', 'refresh'].filter((flag) => input.has(flag));
  if (flags.length === 2 || (flags.length === 1 && input.positionals.length > 0)) {
    throw new CliError('usage.conflict', `--${flags[0] ?? ''} is for the whole file, and stands alone`, {
      hint: 'sheaf lock --help',
    });
  }
  assertNames(project, input.positionals);
  return new Set(input.positionals);
}

async function lock(
  context: Context,
  input: Input,
  project: OpenProject,
  update: ReadonlySet<string>,
): Promise<Locked> {
  const settings = { yes: input.has('yes'), allowYoung: input.all('allow-young'), update };
  const made = await makeLock({ context, input, project }, settings);
  const written = await writeProject(context, {
    project,
    before: project.text,
    lock: { after: made.lock, before: made.before },
  });
  return {
    ...nothing(project, 'locked'),
    entries: made.lock.workflows.length,
    lockWritten: written.lock,
    changes: made.changes,
    refused: made.refused.map(describeRefused),
  };
}

async function check(context: Context, input: Input, project: OpenProject): Promise<Locked> {
  const locked = await getLock(project);
  const trust = await openTrust(context);
  const { wanted } = await withSessions(context, (use) =>
    listWanted({ context, input, project, use }, ({ url }) => trust.findPin(url), locked),
  );
  await assertFits(context, project, locked, { wanted, why: '' });
  return { ...nothing(project, 'checked'), entries: locked.workflows.length };
}

async function refresh(context: Context, input: Input, project: OpenProject): Promise<Locked> {
  const { lock: before, text } = await getLockOnDisk(project);
  const options = { yes: input.has('yes'), allowYoung: input.all('allow-young') };
  const policy = await policyFor(context, options);
  const trust = await openTrust(context);
  const cache = await openCache(context.paths.cache());
  return withSessions(context, async (use) => {
    const findPin = ({ url }: { readonly url: string }) => trust.findPin(url);
    const { urls } = await listWanted({ context, input, project, use }, findPin, before);
    const refreshed = await refreshLock(before, {
      findFacts: async ({ registry, id, version }) => {
        const { logKey } = await getPin({ context, use, urls }, trust, registry, options);
        return trust.findFacts({ logKey, id, version });
      },
      verify: async (entry) => {
        const pin = await getPin({ context, use, urls }, trust, entry.registry, options);
        const deps = { pin, policy, trust, cache, signal: context.signal };
        const outcome = await use(pin.url, ({ client }) =>
          verifyLocked(before, entry, { ...deps, client }).then(
            (workflow) => ({ workflow }),
            (error: unknown) => {
              // What is refused is one line of the answer; all else ends the command, explained.
              if (isRefusal(error)) return { error };
              throw error;
            },
          ),
        );
        if ('error' in outcome) throw outcome.error;
        return { workflow: outcome.workflow, pin };
      },
    });
    const written = await writeProject(context, {
      project,
      before: project.text,
      lock: { after: refreshed.lock, before: text },
    });
    return {
      ...nothing(project, 'refreshed'),
      entries: before.workflows.length,
      lockWritten: written.lock,
      states: refreshed.changes,
      refused: refreshed.refused.map(describeRefused),
    };
  });
}

function nothing(project: OpenProject, action: Locked['action']): Locked {
  return {
    action,
    file: project.lockFile,
    entries: 0,
    lockWritten: false,
    changes: [],
    states: [],
    refused: [],
  };
}

function render(data: Locked, { style, talkStyle }: Look): Rendered {
  const count = plural(data.entries, 'workflow');
  const verdict = {
    checked: `${data.file} matches: ${count}`,
    locked: data.lockWritten ? `${data.file} written: ${count}` : `${data.file} is as it was: ${count}`,
    refreshed: `${data.file} refreshed: ${count}`,
  }[data.action];
  return {
    answer: [
      ...data.changes.map((change) => renderLockChange(change)),
      ...data.states.map((change) => renderState(change)),
      ...data.refused.map(
        ({ id, version, code, message }) =>
          `${style.red('FAIL')} ${id} ${version}  ${code}: ${printable(message)}`,
      ),
    ].join('\n'),
    epilogue:
      data.refused.length === 0
        ? talkStyle.green(verdict)
        : [
            ...(data.action === 'locked' ? [verdict] : []),
            talkStyle.red(describeStuck(data)),
            helpFor(data),
          ].join('\n'),
  };
}

function describeStuck({ action, refused }: Locked): string {
  return action === 'refreshed'
    ? `${plural(refused.length, 'locked workflow')} may no longer be used`
    : `${plural(refused.length, 'name')} stayed at what is locked: the rest is done`;
}

function helpFor({ action, refused: [first] }: Locked): string {
  if (action === 'refreshed') return '  help: move to another version: sheaf lock NAME';
  const name = first?.name ?? 'NAME';
  return `  help: look what else there is: sheaf outdated, then sheaf lock ${name} or sheaf remove ${name}`;
}

function renderState({ id, version, from, to, reason, replacement }: StateChange): string {
  const why = reason === undefined ? '' : `: ${printable(reason)}`;
  const instead = replacement === undefined ? '' : ` (replacement: ${printable(replacement)})`;
  return `! ${id} ${version}  ${from} → ${to}${why}${instead}`;
}

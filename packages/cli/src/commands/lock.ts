import {
  formatLockfile,
  isRefusal,
  lockProject,
  openCache,
  refreshLock,
  verifyLocked,
  type LockChange,
  type RefusedEntry,
  type StateChange,
} from '@sheaf/client';
import type { Input } from '../frame/args.js';
import { defineCommand, type Look, type Rendered } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { LockJson } from '../json/lock.js';
import { getLock, readPrevious, writeLock } from '../project/lock-on-disk.js';
import { getProject, type OpenProject } from '../project/open-project.js';
import { assertFits } from '../project/stale.js';
import { getPin } from '../project/verify-closure.js';
import { listWanted, openTrust } from '../project/wanted.js';
import { fetchVerified } from '../registry/fetch.js';
import { ensurePinned } from '../registry/first-contact.js';
import { ALLOW_YOUNG_FLAG, policyFor } from '../registry/policy.js';
import { REGISTRY_FLAG, withSessions, YES_FLAG } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { plural } from '../terminal/text.js';

interface Locked {
  readonly action: 'locked' | 'checked' | 'refreshed';
  readonly file: string;
  /** How many entries the lockfile has. */
  readonly workflows: number;
  /** Whether the file on disk is another now. */
  readonly written: boolean;
  readonly changes: readonly LockChange[];
  /** What became of locked releases since, under `--refresh`. */
  readonly states: readonly StateChange[];
  readonly refused: readonly Refused[];
}

interface Refused {
  readonly id: string;
  readonly version: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export const command = defineCommand<Locked, LockJson>({
  name: 'lock',
  about: 'Write sheaf.lock: the exact versions of what sheaf.toml names, with all that proves them.',
  positionals: { names: ['NAME'], required: 0, more: true },
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
    if (!input.has('refresh')) return { data: await lock(context, input, project, names) };
    const data = await refresh(context, input, project);
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
  const unknown = input.positionals.find((name) => !project.workflows.has(name));
  if (unknown === undefined) return new Set(input.positionals);
  const known = [...project.workflows.keys()];
  throw new CliError('project.name_unknown', `${project.file} has no workflow called ${printable(unknown)}`, {
    hint: known.length === 0 ? 'it has none: add one to [workflows]' : `it has ${known.join(', ')}`,
  });
}

async function lock(
  context: Context,
  input: Input,
  project: OpenProject,
  update: ReadonlySet<string>,
): Promise<Locked> {
  const previous = await readPrevious(project);
  const options = { yes: input.has('yes'), allowYoung: input.all('allow-young'), offline: false };
  return withSessions(context, async (use) => {
    const contact = (session: Parameters<typeof ensurePinned>[1]) => ensurePinned(context, session, options);
    const { wanted, urls } = await listWanted({ context, input, project, use }, contact, previous.lock);
    const request = { wanted, previous: previous.lock, update };
    const made = await lockProject(request, {
      fetch: ({ id, registry, selector }, kept) =>
        use(urls.get(registry), (session) =>
          fetchVerified(
            context,
            session,
            { id, selector: kept === undefined ? selector : { kind: 'digest', digest: kept.tar } },
            options,
          ),
        ),
    });
    const written = await writeLock(project, made.lock, previous.text);
    return {
      ...nothing(project, 'locked'),
      workflows: made.lock.workflows.length,
      written,
      changes: made.changes,
    };
  });
}

async function check(context: Context, input: Input, project: OpenProject): Promise<Locked> {
  const locked = await getLock(project);
  const trust = await openTrust(context);
  const { wanted } = await withSessions(context, (use) =>
    listWanted({ context, input, project, use }, ({ url }) => trust.findPin(url), locked),
  );
  await assertFits(context, project, locked, { wanted, why: '' });
  return { ...nothing(project, 'checked'), workflows: locked.workflows.length };
}

async function refresh(context: Context, input: Input, project: OpenProject): Promise<Locked> {
  const before = await getLock(project);
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
    const written = await writeLock(project, refreshed.lock, formatLockfile(before));
    return {
      ...nothing(project, 'refreshed'),
      workflows: before.workflows.length,
      written,
      states: refreshed.changes,
      refused: refreshed.refused.map(describeRefused),
    };
  });
}

function nothing(project: OpenProject, action: Locked['action']): Locked {
  return {
    action,
    file: project.lockFile,
    workflows: 0,
    written: false,
    changes: [],
    states: [],
    refused: [],
  };
}

function describeRefused({ id, version, error }: RefusedEntry): Refused {
  const { code, message, hint } = error;
  return { id, version, code, message, ...(hint === undefined ? {} : { hint }) };
}

function render(data: Locked, { style, talkStyle }: Look): Rendered {
  const count = plural(data.workflows, 'workflow');
  const verdict = {
    checked: `${data.file} matches: ${count}`,
    locked: data.written ? `${data.file} written: ${count}` : `${data.file} is as it was: ${count}`,
    refreshed: `${data.file} refreshed: ${count}`,
  }[data.action];
  return {
    answer: [
      ...data.changes.map((change) => renderChange(change)),
      ...data.states.map((change) => renderState(change)),
      ...data.refused.map(
        ({ id, version, code, message }) =>
          `${style.red('FAIL')} ${id} ${version}  ${code}: ${printable(message)}`,
      ),
    ].join('\n'),
    epilogue:
      data.refused.length === 0
        ? talkStyle.green(verdict)
        : `${talkStyle.red(`${plural(data.refused.length, 'locked workflow')} may no longer be used`)}\n  help: move to another version: sheaf lock NAME`,
  };
}

function renderChange(change: LockChange): string {
  switch (change.kind) {
    case 'added':
      return `+ ${change.id} ${change.version}`;
    case 'removed':
      return `- ${change.id} ${change.version}`;
    case 'moved':
      return `~ ${change.id} ${change.from} -> ${change.version}`;
  }
}

function renderState({ id, version, from, to, reason, replacement }: StateChange): string {
  const why = reason === undefined ? '' : `: ${printable(reason)}`;
  const instead = replacement === undefined ? '' : ` (replacement: ${printable(replacement)})`;
  return `! ${id} ${version}  ${from} -> ${to}${why}${instead}`;
}

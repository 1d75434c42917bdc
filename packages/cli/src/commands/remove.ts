import {
  compareLockfiles,
  formatReference,
  pruneLockfile,
  removeProjectEntry,
  type LockChange,
  type Lockfile,
} from '@sheaf/client';
import { defineCommand } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import type { RemoveJson } from '../json/remove.js';
import { assertNames } from '../project/assert-names.js';
import { readPrevious } from '../project/lock-on-disk.js';
import { getProject, withText, type OpenProject } from '../project/open-project.js';
import { renderLockChange } from '../project/render-lock.js';
import { listWanted } from '../project/wanted.js';
import { openTrust } from '../registry/open-trust.js';
import { writeProject } from '../project/write-project.js';
import { REGISTRY_FLAG, withSessions } from '../registry/session.js';
import { plural } from '../terminal/text.js';

interface Removed extends Omit<RemoveJson, 'changes'> {
  readonly changes: readonly LockChange[];
}

export const command = defineCommand<Removed, RemoveJson>({
  name: 'remove',
  about: 'Take workflows out of sheaf.toml and sheaf.lock. Needs no network.',
  positionals: { names: ['NAME'], required: 1, more: true, completes: ['name'] },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf remove deploy', 'sheaf remove lint release-notes'],
  exitCodes: [0, 1, 3, 4, 7],
  run: async (context, input) => ({ data: await remove(context, input) }),
  render: ({ file, removed, lockFile, lockWritten, changes }, { talkStyle }) => ({
    answer: changes.map((change) => renderLockChange(change)).join('\n'),
    epilogue: talkStyle.green(
      `${file}: ${removed.map(({ name, reference }) => `${name} (${reference})`).join(', ')} removed${lockWritten ? `; ${plural(changes.length, 'workflow')} gone from ${lockFile}` : ''}`,
    ),
  }),
});

async function remove(context: Context, input: Input): Promise<Removed> {
  const project = await getProject(context);
  const names = [...new Set(input.positionals)];
  assertNames(project, names);
  const text = names.reduce(
    (before, name) => removeProjectEntry(before, project.file, { table: 'workflows', name }),
    project.text,
  );
  const next = withText(project, text);
  const previous = await readPrevious(project);
  const lock = await prune(context, input, next, previous.lock);
  const written = await writeProject(context, {
    project: next,
    before: project.text,
    ...(previous.text === undefined ? {} : { lock: { after: lock, before: previous.text } }),
  });
  return {
    file: project.file,
    removed: names.flatMap((name) => {
      const entry = project.workflows.get(name);
      return entry === undefined ? [] : [{ name, reference: formatReference(entry.reference) }];
    }),
    lockFile: project.lockFile,
    lockWritten: written.lock,
    changes: compareLockfiles(previous.lock, lock),
  };
}

/** What the names that are left need of a lockfile; no registry is asked. */
async function prune(
  context: Context,
  input: Input,
  project: OpenProject,
  lock: Lockfile,
): Promise<Lockfile> {
  const trust = await openTrust(context);
  const { wanted } = await withSessions(context, (use) =>
    listWanted({ context, input, project, use }, ({ url }) => trust.findPin(url), lock),
  );
  return pruneLockfile(lock, wanted);
}

import {
  formatReference,
  setProjectEntry,
  type FetchedWorkflow,
  type LockChange,
  type Pin,
  type Reference,
  type RefusedName,
} from '@sheaf/client';
import type { Version } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import type { Context } from '../frame/context.js';
import { settingsOf } from '../registry/choose.js';
import { withSessions } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { keepMeaning } from './keep-meaning.js';
import { readPrevious } from './lock-on-disk.js';
import { makeLock } from './make-lock.js';
import { withText, type OpenProject } from './open-project.js';
import { locateWanted } from './registries.js';
import { requirementFor } from './short-name.js';
import { writeProject } from './write-project.js';

/** A workflow that was resolved, fetched and verified, and where it comes from. */
export interface Chosen {
  /** As it was asked for. */
  readonly reference: Reference;
  readonly fetched: FetchedWorkflow & { readonly pin: Pin };
  /** Address of its registry. */
  readonly url: string;
  /** How the project is to call that registry; undefined where it needs no name. */
  readonly registry: string | undefined;
}

export interface AddedEntry {
  /** What is written in `[workflows]` now. */
  readonly reference: string;
  readonly before: string | undefined;
  readonly version: Version;
  /** A line of `[registries]` that was needed. */
  readonly registry: { readonly name: string; readonly url: string } | undefined;
  readonly written: { readonly project: boolean; readonly lock: boolean };
  readonly changes: readonly LockChange[];
  readonly refused: readonly RefusedName[];
}

/**
 * Writes a workflow into `sheaf.toml` and `sheaf.lock`, both or neither.
 *
 * @param isNew there is no `sheaf.toml` yet
 */
export async function addWorkflow(
  {
    context,
    input,
    project,
  }: { readonly context: Context; readonly input: Input; readonly project: OpenProject },
  { name, chosen, isNew }: { readonly name: string; readonly chosen: Chosen; readonly isNew: boolean },
): Promise<AddedEntry> {
  const { fetched, registry, url } = chosen;
  const { id, version } = fetched.workflow;
  const known = project.workflows.get(name)?.reference;
  const selector =
    known !== undefined && chosen.reference.selector.kind === 'latest'
      ? known.selector
      : requirementFor(chosen.reference.selector, version);
  const reference = formatReference({ ...(registry === undefined ? {} : { registry }), id, selector });
  const isMissing = registry !== undefined && !project.registries.has(registry);
  const before = known === undefined ? undefined : formatReference(known);
  // With its own registry in front, a flag is not to lead the other names elsewhere.
  const others = registry === undefined ? input : withoutRegistry(input);
  const kept = isMissing
    ? await keepOthers({ context, input: others, project }, { name: registry, url }, name)
    : project.text;
  const named =
    before === reference
      ? kept
      : setProjectEntry(kept, project.file, { table: 'workflows', name, value: reference });
  const text = isMissing
    ? setProjectEntry(named, project.file, { table: 'registries', name: registry, value: url })
    : named;
  const next = withText(project, text);
  const made = await makeLock(
    { context, input: others, project: next },
    {
      yes: input.has('yes'),
      allowYoung: input.all('allow-young'),
      update: before === reference ? new Set() : new Set([name]),
      given: [{ ...fetched, wanted: { id, selector } }],
    },
  );
  const written = await writeProject(context, {
    project: next,
    before: isNew ? undefined : project.text,
    lock: { after: made.lock, before: made.before },
  });
  return {
    reference,
    before,
    version,
    registry: isMissing ? { name: registry, url } : undefined,
    written,
    changes: made.changes,
    refused: made.refused,
  };
}

/** Says what else of `sheaf.toml` changes with a line of `[registries]`. */
async function keepOthers(
  {
    context,
    input,
    project,
  }: { readonly context: Context; readonly input: Input; readonly project: OpenProject },
  added: { readonly name: string; readonly url: string },
  except: string,
): Promise<string> {
  const { registries } = await settingsOf(context);
  const { lock } = await readPrevious(project);
  const { text, changed } = await withSessions(context, (use) =>
    keepMeaning({ project, added, except, own: registries.values() }, (reference) =>
      locateWanted({ context, input, use }, reference, lock),
    ),
  );
  for (const line of changed) context.ui.say(`${printable(project.file)} says the registry now: ${line}`);
  return text;
}

function withoutRegistry(input: Input): Input {
  return { ...input, get: (flag) => (flag === 'registry' ? undefined : input.get(flag)) };
}

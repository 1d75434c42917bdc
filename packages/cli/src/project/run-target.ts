import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseReference, type Lockfile, type Reference } from '@sheaf/client';
import type { Input } from '../frame/args.js';
import { isCi, type Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { asPath } from '../registry/session.js';
import { readSubject } from '../run/subject.js';
import { findLock, getLock } from './lock-on-disk.js';
import { findProject, type OpenProject } from './open-project.js';
import { chooseProjectRegistry } from './registries.js';
import { describeLocked } from './stale.js';

/** What `run` is to run. */
export type RunTarget = { readonly kind: 'local'; readonly path: string } | PublishedTarget | LockedTarget;

/** A published workflow, resolved by its registry. */
export interface PublishedTarget {
  readonly kind: 'published';
  readonly reference: Reference;
  /** Address of the registry, where the project says it. */
  readonly url: string | undefined;
}

/** A workflow of the lockfile. */
export interface LockedTarget {
  readonly kind: 'locked';
  readonly reference: Reference;
  readonly project: OpenProject;
  readonly lock: Lockfile;
  /** Nothing but the lockfile counts; what asked for that. Undefined when a lockfile merely was there. */
  readonly why: string | undefined;
}

/**
 * Tells what a word means: a path, a short name of `sheaf.toml`, or a reference. A short name runs what is locked for
 * it. With `--locked`, and in CI, only what is locked runs, but for a path and for a digest, which say themselves what
 * exactly is meant.
 *
 * @throws CliError `lock.missing`, `reference.ambiguous`, `reference.registry_unknown`; as `findProject`, `findLock`
 */
export async function readTarget(context: Context, input: Input, word: string): Promise<RunTarget> {
  const path = asPath(word, context.cwd);
  if (path !== undefined) return { kind: 'local', path: word };
  const project = await findProject(context);
  const named = project?.workflows.get(word);
  const why = input.has('locked') || isCi(context) ? describeLocked(context, input.has('locked')) : undefined;
  if (project !== undefined && named !== undefined) {
    assertNoFolder(context.cwd, word, project);
    const lock = why === undefined ? await findLock(project) : await getLock(project, why);
    if (lock !== undefined) return { kind: 'locked', reference: named.reference, project, lock, why };
    context.ui.say(`${word} is not locked: sheaf lock`);
    return published(context, input, project, named.reference, word);
  }
  const reference = project === undefined ? undefined : findQualified(word, project);
  const subject =
    reference === undefined ? readSubject(word, context.cwd) : { kind: 'registry' as const, reference };
  if (subject.kind === 'local') return subject;
  if (why === undefined || subject.reference.selector.kind === 'digest')
    return published(context, input, project, subject.reference, word);
  if (project === undefined) {
    throw new CliError('lock.missing', `there is no sheaf.toml whose lockfile could hold ${word}${why}`, {
      hint: 'name it in [workflows] of a sheaf.toml and run sheaf lock, or run it by its digest',
    });
  }
  return { kind: 'locked', reference: subject.reference, project, lock: await getLock(project, why), why };
}

function published(
  context: Context,
  input: Input,
  project: OpenProject | undefined,
  reference: Reference,
  name: string,
): PublishedTarget {
  const url =
    project === undefined ? undefined : chooseProjectRegistry(context, input, project, { reference, name });
  return { kind: 'published', reference: { id: reference.id, selector: reference.selector }, url };
}

/** A reference that is qualified by a registry of the project. */
function findQualified(word: string, project: OpenProject): Reference | undefined {
  const [registry = ''] = word.split(':', 1);
  return word.includes(':') && project.registries.has(registry) ? parseReference(word) : undefined;
}

/** A workflow of somebody else must not be mistaken for one's own, nor the other way round. */
function assertNoFolder(cwd: string, name: string, project: OpenProject): void {
  const isWorkflow = ['workflow.toml', 'workflow.yaml'].some((file) => existsSync(join(cwd, name, file)));
  if (!isWorkflow) return;
  throw new CliError('reference.ambiguous', `${name} is a workflow of ${project.file}, and a folder here`, {
    hint: [`the folder, unsigned: ./${name}`, `the other: give it another name in ${project.file}`],
  });
}

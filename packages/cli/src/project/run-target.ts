import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isClientError, type Lockfile, type Reference } from '@sheaf/client';
import type { Input } from '../frame/args.js';
import { isCi } from '../frame/ci.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { asPath } from '../registry/session.js';
import { readSubject, type Subject } from '../run/subject.js';
import { explainBareWord } from './bare-word.js';
import { findLock, getLock } from './lock-on-disk.js';
import { findProject, type OpenProject } from './open-project.js';
import { describeLocked } from './stale.js';

/** What `run` is to run. */
export type RunTarget = { readonly kind: 'local'; readonly path: string } | PublishedTarget | LockedTarget;

/** A published workflow, resolved by its registry. */
export interface PublishedTarget {
  readonly kind: 'published';
  readonly reference: Reference;
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
    return { kind: 'published', reference: named.reference };
  }
  const subject = readWord(word, context.cwd, project);
  if (subject.kind === 'local') return subject;
  if (why === undefined || subject.reference.selector.kind === 'digest')
    return { kind: 'published', reference: subject.reference };
  if (project === undefined) {
    throw new CliError('lock.missing', `there is no sheaf.toml whose lockfile could hold ${word}${why}`, {
      hint: 'name it in [workflows] of a sheaf.toml and run sheaf lock, or run it by its digest',
    });
  }
  return { kind: 'locked', reference: subject.reference, project, lock: await getLock(project, why), why };
}

/** As {@link readSubject}; what is no reference, and looks like a short name, is one that the project lacks. */
function readWord(word: string, cwd: string, project: OpenProject | undefined): Subject {
  try {
    return readSubject(word, cwd);
  } catch (error) {
    if (isClientError(error, 'reference.invalid')) throw explainBareWord(error, word, project);
    throw error;
  }
}

/** A workflow of somebody else must not be mistaken for one's own, nor the other way round. */
function assertNoFolder(cwd: string, name: string, project: OpenProject): void {
  const isWorkflow = ['workflow.toml', 'workflow.yaml'].some((file) => existsSync(join(cwd, name, file)));
  if (!isWorkflow) return;
  throw new CliError('reference.ambiguous', `${name} is a workflow of ${project.file}, and a folder here`, {
    hint: [`the folder, unsigned: ./${name}`, `the other: give it another name in ${project.file}`],
  });
}

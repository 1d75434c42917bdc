import { copyFile, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StartCommand } from '../core/command.js';
import type { StepOutcome } from '../core/events.js';
import { evaluate } from '../core/names.js';
import type { StepState } from '../core/scope.js';
import {
  STOPPED,
  type Attempt,
  type AttemptContext,
  type AttemptEnd,
  type AttemptHooks,
  type StepCache,
} from './attempt-port.js';
import { describeMiss, findKey, type CacheKey, type Miss } from './cache-key.js';
import { isInside } from './inside.js';

export interface CachedAttempt {
  readonly entry: StepState;
  readonly command: StartCommand;
  readonly hooks: AttemptHooks;
  readonly env: Readonly<Record<string, string>>;
  readonly begin: () => Attempt;
}

/**
 * An attempt at a step that says what it depends on: when all of that is as it was for an earlier one that succeeded, what that did
 * stands for it, and the artifacts that it made are put back. Else it is done, and kept for a later one.
 */
export function cachedAttempt(context: AttemptContext, cache: StepCache, of: CachedAttempt): Attempt {
  let inner: Attempt | undefined;
  let isStopped = false;
  const stop = (act: 'stop' | 'kill') => (): void => {
    isStopped = true;
    inner?.[act]();
  };
  const perform = async (): Promise<AttemptEnd> => {
    const began = performance.now();
    const { step, attempt } = of.command;
    const key = await findKey({
      ...of,
      cwd: context.cwd,
      plan: context.state.plan,
      findVariable: cache.findVariable,
      versionOf: context.protection.secrets.versionOf,
    });
    const note = (result: 'hit' | 'miss', reason: Miss): void => {
      of.hooks.note({ type: 'step.cache', step, attempt, result, key: key.digest, ...reason });
    };
    if (isStopped) return STOPPED;
    const found = key.problem === undefined ? cache.store.find(key.digest) : undefined;
    if (found !== undefined && (await putBack(context, cache, key.digest, found.files))) {
      cache.keepLog(found.runId, context.runId, step);
      note('hit', { why: `as in run ${found.runId}` });
      return { outcome: { ...found.outcome, durationMs: Math.round(performance.now() - began) } };
    }
    note('miss', describeMiss(key, cache.store.findLast(key.about)));
    const before = await lookAtArtifacts(context);
    if (isStopped as boolean) return STOPPED;
    inner = of.begin();
    const end = await inner.end;
    if ('outcome' in end && end.outcome.status === 'succeeded' && key.problem === undefined) {
      await keep(context, cache, { key, outcome: end.outcome, before });
    }
    return end;
  };
  return { stop: stop('stop'), kill: stop('kill'), end: perform() };
}

type Seen = ReadonlyMap<string, { readonly path: string; readonly mark: string | undefined }>;

/** The artifacts of the plan as they are now. Those whose path is not known yet are no matter of this step. */
async function lookAtArtifacts({ state, cwd }: AttemptContext): Promise<Seen> {
  const seen = new Map<string, { readonly path: string; readonly mark: string | undefined }>();
  for (const [name, { path }] of Object.entries(state.plan.artifacts)) {
    try {
      const where = evaluate(path, state.root.names, state.runId);
      if (typeof where !== 'string') continue;
      const info = await stat(join(cwd, where)).catch(() => undefined);
      seen.set(name, {
        path: where,
        mark: info === undefined ? undefined : `${info.mtimeMs} ${info.size} ${info.ino}`,
      });
    } catch {
      // It rests on a step that is not done yet.
    }
  }
  return seen;
}

async function keep(
  context: AttemptContext,
  cache: StepCache,
  { key, outcome, before }: { readonly key: CacheKey; readonly outcome: StepOutcome; readonly before: Seen },
): Promise<void> {
  const files: Record<string, string> = {};
  const folder = join(cache.folder, key.digest);
  for (const [name, { path, mark }] of await lookAtArtifacts(context)) {
    if (mark === undefined || mark === before.get(name)?.mark) continue;
    const source = await realpath(join(context.cwd, path));
    if (!isInside(await realpath(context.cwd), source)) continue;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await copyFile(source, join(folder, name));
    files[name] = path;
  }
  cache.store.put({
    key: key.digest,
    about: key.about,
    parts: key.parts,
    runId: context.runId,
    outcome,
    files,
  });
}

/** False when a file is not there any more, or its place leads out of the workspace. */
async function putBack(
  { cwd }: AttemptContext,
  { folder }: StepCache,
  key: string,
  files: Readonly<Record<string, string>>,
): Promise<boolean> {
  try {
    for (const [name, path] of Object.entries(files)) {
      const target = join(cwd, path);
      await mkdir(dirname(target), { recursive: true });
      const place = join(await realpath(dirname(target)), 'x');
      if (!isInside(await realpath(cwd), place)) return false;
      await copyFile(join(folder, key, name), target);
    }
    return true;
  } catch {
    return false;
  }
}

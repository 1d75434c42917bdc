import { createHash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compileGlob, type JsonValue, type Plan } from '@sheaf/workflow';
import type { StartCommand } from '../core/command.js';
import type { StepState } from '../core/scope.js';
import { LIMITS } from '../limits.js';
import { namedSecrets } from '../secrets/named-secrets.js';

/** What a step depends on, each as a digest, so that what has changed can be named. */
export type CacheParts = Readonly<Record<string, string>>;

export interface CacheKey {
  /** sha256 of all parts. */
  readonly digest: string;
  readonly parts: CacheParts;
  /** Which step of which workflow it is: to tell what is not as it was the last time. */
  readonly about: string;
  /** Why it cannot be known; the step is done then, and not kept. */
  readonly problem?: string;
}

export interface KeyOf {
  readonly entry: StepState;
  readonly command: StartCommand;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly plan: Plan;
  readonly findVariable: (name: string) => string | undefined;
  /** Of a secret that the attempt is given. */
  readonly versionOf: (name: string) => string;
}

/** Digests of what a step is, what it was given, the files and the variables that it says it reads. A secret counts by its version. */
export async function findKey(of: KeyOf): Promise<CacheKey> {
  const { entry, command, env, cwd, plan, findVariable, versionOf } = of;
  const { step, scope } = entry;
  const { files = [], env: names = [] } = step.cache ?? {};
  const parts: Record<string, string> = {
    'its definition': digestOf([step.work, step.env, step.inputs ?? null, step.cache ?? null]),
    'which secrets it is given': digestOf(command.secretInputs ?? null),
  };
  for (const [name, value] of Object.entries(command.env)) parts[`env ${name}`] = digestOf(value);
  for (const [name, value] of Object.entries(command.inputs)) parts[`input ${name}`] = digestOf(value);
  if (step.work.kind === 'shell')
    for (const [name, value] of Object.entries(entry.names.parameters))
      parts[`parameter ${name}`] = digestOf(value);
  for (const name of names)
    parts[`variable ${name}`] = digestOf(command.env[name] ?? env[name] ?? findVariable(name) ?? null);
  for (const name of namedSecrets(command)) parts[`secret ${name}`] = digestOf(versionOf(name));
  const about = `${plan.workflow.id} ${scope.workflow ?? ''} ${entry.path}`;
  const found = await findFiles(cwd, files);
  if (typeof found === 'string') return { digest: digestOf(parts), parts, about, problem: found };
  for (const path of found) parts[`file ${path}`] = await digestFile(join(cwd, path));
  return { digest: digestOf(parts), parts, about };
}

/** Names at most so many of what has changed, in one line, and in all. */
const NAMED = 3;
const MAX_NAMED = 50;

/** Why what an earlier attempt did does not stand for this one. */
export interface Miss {
  /** In a few words. */
  readonly why: string;
  /** Each thing that is not as it was, at most 50; missing when it is something else. */
  readonly changed?: readonly string[];
}

/** Why what an earlier attempt did does not stand for this one, and what is not as it was the last time. */
export function describeMiss(key: CacheKey, last: CacheParts | undefined): Miss {
  if (key.problem !== undefined) return { why: key.problem };
  if (last === undefined) return { why: 'it was never done before' };
  const names = [...new Set([...Object.keys(last), ...Object.keys(key.parts)])];
  const changed = names.filter((name) => last[name] !== key.parts[name]);
  if (changed.length === 0) return { why: 'what it made is not here any more' };
  const shown = changed.slice(0, MAX_NAMED).map((name) => {
    if (!Object.hasOwn(last, name)) return `${name} is new`;
    return Object.hasOwn(key.parts, name) ? `${name} changed` : `${name} is gone`;
  });
  const more = changed.length > NAMED ? [`${changed.length - NAMED} more`] : [];
  return { why: [...shown.slice(0, NAMED), ...more].join(', '), changed: shown };
}

/** Files that globs mean, sorted; or why they cannot be told. Folders of version control are not looked into. */
async function findFiles(cwd: string, globs: readonly string[]): Promise<readonly string[] | string> {
  if (globs.length === 0) return [];
  const matches = globs.map((glob) => compileGlob(glob));
  const found: string[] = [];
  const folders = [''];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(join(cwd, folder), { withFileTypes: true }).catch(() => [])) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      seen += 1;
      if (seen > LIMITS.cacheFiles) return `there are more than ${LIMITS.cacheFiles} files to look at`;
      if (entry.isDirectory()) {
        if (entry.name !== '.git' && entry.name !== '.jj') folders.push(path);
      } else if (matches.some((match) => match(path))) found.push(path);
    }
  }
  return found.sort();
}

const CHUNK_BYTES = 256 * 1024;

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    const file = await open(path, 'r');
    try {
      const buffer = new Uint8Array(CHUNK_BYTES);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
        if (bytesRead === 0) return hash.digest('hex');
        hash.update(buffer.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  } catch {
    return 'unreadable';
  }
}

/** The same for the same value, whatever the order of its members. */
function digestOf(value: unknown): string {
  const text = JSON.stringify(value, (_, part: JsonValue) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1));
  });
  return createHash('sha256').update(text).digest('hex');
}

import {
  createPlaceFinder,
  PERMISSION_KINDS,
  type Permissions,
  type PlaceFinder,
  type Step,
} from '@sheaf/workflow';
import type { ComparedPermission, ComparedWorkflow, WorkflowChanges } from './compared.js';
import { compareText } from './compare-entries.js';

/** Compares what two versions ask for. What came or went is told with the step that uses it, where one visibly does. */
export function comparePermissions(
  before: ComparedWorkflow | undefined,
  after: ComparedWorkflow,
): WorkflowChanges['permissions'] {
  const [was, is] = [before, after].map((each) => each?.definition.permissions);
  const { added, removed } = diffPermissions(was, is);
  return {
    added: explain(after, added),
    removed: before === undefined ? [] : explain(before, removed),
    kept: listOf(is).length - added.length,
  };
}

/** What one set of permissions has and another lacks, by kind and then by the alphabet; undefined is an empty set. */
export function diffPermissions(
  before: Permissions | undefined,
  after: Permissions | undefined,
): { readonly added: readonly BarePermission[]; readonly removed: readonly BarePermission[] } {
  const [was, is] = [listOf(before), listOf(after)];
  return { added: missingIn(is, was), removed: missingIn(was, is) };
}

/** One permission, without what needs it. */
export type BarePermission = Pick<ComparedPermission, 'kind' | 'value'>;

/** Each once, by kind and then by the alphabet. */
function listOf(permissions: Permissions | undefined): readonly BarePermission[] {
  if (permissions === undefined) return [];
  return PERMISSION_KINDS.flatMap((kind) =>
    [...new Set(permissions[kind])].sort(compareText).map((value) => ({ kind, value })),
  );
}

function missingIn(
  these: readonly BarePermission[],
  those: readonly BarePermission[],
): readonly BarePermission[] {
  const key = ({ kind, value }: BarePermission) => `${kind} ${value}`;
  const known = new Set(those.map(key));
  return these.filter((each) => !known.has(key(each)));
}

function explain(
  { definition, definitionPath, files }: ComparedWorkflow,
  permissions: readonly BarePermission[],
): readonly ComparedPermission[] {
  if (permissions.length === 0) return [];
  const file = files?.find(({ path }) => path === definitionPath);
  const find =
    file === undefined
      ? undefined
      : createPlaceFinder({ text: new TextDecoder().decode(file.bytes), file: file.path });
  const steps = Object.values(definition.steps);
  return permissions.map((permission) => {
    const use = findUse(steps, permission);
    if (use === undefined) return permission;
    const line = placeOf(find, use)?.line;
    const place = file === undefined || line === undefined ? {} : { file: file.path, line };
    return { ...permission, neededBy: { step: use.step, ...place } };
  });
}

interface Use {
  readonly step: string;
  /** Where in the step its text is. */
  readonly path: readonly string[];
  readonly offset: number;
}

function placeOf(find: PlaceFinder | undefined, { step, path, offset }: Use) {
  return find?.(['steps', step, ...path], offset);
}

/** The first step whose commands or variables name what is permitted; patterns of paths are named by none. */
function findUse(steps: readonly Step[], { kind, value }: BarePermission): Use | undefined {
  if (kind === 'read' || kind === 'write') return undefined;
  for (const { id: step, work, env } of steps) {
    const offset = work.kind === 'shell' ? findWord(work.run, value) : undefined;
    if (offset !== undefined) return { step, path: ['run'], offset };
    for (const [name, text] of Object.entries(env)) {
      const inside = findWord(text, value) ?? (kind === 'secrets' && name === value ? 0 : undefined);
      if (inside !== undefined) return { step, path: ['env', name], offset: inside };
    }
  }
  return undefined;
}

const WORD = /[A-Za-z0-9_-]/;

/** Where a text has a word, not as a part of a longer one; linear in the text. */
function findWord(text: string, word: string): number | undefined {
  if (word === '') return undefined;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const around = [text[at - 1] ?? '', text[at + word.length] ?? ''];
    if (!around.some((character) => WORD.test(character))) return at;
  }
  return undefined;
}

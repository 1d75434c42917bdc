import type { Version } from './names.js';

/** What a workflow promises to those who use it: its parameters by name, and the names of its outputs. */
export interface DeclaredInterface {
  readonly parameters: Readonly<Record<string, DeclaredParameter>>;
  readonly outputs: readonly string[];
}

/** A parameter as definitions and stored summaries have it; fields of other types are absent. */
export interface DeclaredParameter {
  readonly type: string;
  readonly required: boolean;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly values?: readonly string[];
  readonly access?: string;
}

/** One thing that somebody who used the version before can no longer do. */
export interface InterfaceBreak {
  /** JSON pointer into the definition (RFC 6901). */
  readonly pointer: string;
  readonly detail: string;
}

/**
 * Whether somebody who asked for `^before` gets `after`, and so must be able to use it as before: within a major version,
 * within a minor one below 1.0.0, and never below 0.1.0.
 */
export function mustStayCompatible(before: Version, after: Version): boolean {
  if (after.includes('-')) return false;
  const [major, minor, patch] = before.split('-', 1)[0]?.split('.') ?? [];
  const [newMajor, newMinor, newPatch] = after.split('.');
  if (major !== newMajor) return false;
  if (major !== '0') return true;
  return minor === newMinor && (minor !== '0' || patch === newPatch);
}

/** What breaks for those who use `before`, in the order of its names; none when every use of it still works. */
export function findInterfaceBreaks(
  before: DeclaredInterface,
  after: DeclaredInterface,
): readonly InterfaceBreak[] {
  const outputs = before.outputs
    .filter((name) => !after.outputs.includes(name))
    .map((name) => ({ pointer: pointerTo('outputs', name), detail: 'the output was removed' }));
  const known = Object.entries(before.parameters).flatMap(([name, parameter]) =>
    breaksOf(pointerTo('parameters', name), parameter, own(after.parameters, name)),
  );
  const added = Object.entries(after.parameters)
    .filter(([name, { required }]) => required && own(before.parameters, name) === undefined)
    .map(([name]) => ({
      pointer: pointerTo('parameters', name),
      detail: 'the parameter is new and required',
    }));
  return [...outputs, ...known, ...added];
}

function breaksOf(
  pointer: string,
  before: DeclaredParameter,
  after: DeclaredParameter | undefined,
): readonly InterfaceBreak[] {
  if (after === undefined) return [{ pointer, detail: 'the parameter was removed' }];
  const details: string[] = [];
  if (after.required && !before.required) details.push('the parameter became required');
  const narrowed = narrowing(before, after);
  if (narrowed !== undefined) details.push(narrowed);
  return details.map((detail) => ({ pointer, detail }));
}

/** Why a value that was taken before may be refused now; undefined when each is still taken. */
function narrowing(before: DeclaredParameter, after: DeclaredParameter): string | undefined {
  if (before.type !== after.type && !isWider(before.type, after.type))
    return `the type changed from ${before.type} to ${after.type}`;
  if (after.pattern !== undefined && after.pattern !== before.pattern)
    return before.pattern === undefined ? 'a pattern was added' : 'the pattern changed';
  if (after.values !== undefined) {
    const lost = (before.values ?? []).filter((value) => !after.values?.includes(value));
    if (lost.length > 0)
      return `${lost.length} of the values ${lost.length === 1 ? 'is' : 'are'} no longer taken`;
  }
  if ((after.minimum ?? Number.NEGATIVE_INFINITY) > (before.minimum ?? Number.NEGATIVE_INFINITY))
    return 'the minimum was raised';
  if ((after.maximum ?? Number.POSITIVE_INFINITY) < (before.maximum ?? Number.POSITIVE_INFINITY))
    return 'the maximum was lowered';
  if (before.access !== undefined && after.access !== undefined && before.access !== after.access)
    return `the access changed from ${before.access} to ${after.access}`;
  return undefined;
}

/** Types that take every value of another one. */
function isWider(before: string, after: string): boolean {
  return (before === 'integer' && after === 'number') || (before === 'enum' && after === 'string');
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function pointerTo(table: string, name: string): string {
  return `/${table}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

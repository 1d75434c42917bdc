import { isDeepStrictEqual } from 'node:util';
import type { Bundle } from '@sheaf/bundle';
import { printable } from '../terminal/escape.js';
import { comparePermissions, listPermissions } from './permissions.js';

/**
 * What a bundle adds, drops and alters beside another, one line each: permissions, parameters, outputs, and every file
 * whose bytes are not the same. Without another everything is new.
 */
export function describeChanges(
  before: Pick<Bundle, 'definition' | 'files'> | undefined,
  after: Pick<Bundle, 'definition' | 'files'>,
): readonly string[] {
  if (before === undefined)
    return [
      'a new workflow',
      ...listPermissions(after.definition.permissions).map((line) => `+ ${line}`),
      ...after.files.map(({ path }) => `+ file ${printable(path)}`),
    ];
  return [
    ...comparePermissions(before.definition.permissions, after.definition.permissions),
    ...compare('parameter', Object.entries(before.definition.parameters), {
      entries: Object.entries(after.definition.parameters),
      added: ({ required }) => (required ? 'required' : undefined),
      altered: (was, is) => (is.required && !was.required ? 'now required' : 'altered'),
    }),
    ...compare('output', Object.entries(before.definition.outputs), {
      entries: Object.entries(after.definition.outputs),
      altered: () => 'altered',
    }),
    ...compare('file', filesOf(before), { entries: filesOf(after), altered: describeFile }),
  ];
}

type File = Bundle['files'][number];

const filesOf = ({ files }: Pick<Bundle, 'files'>) => files.map((file) => [file.path, file] as const);

function compare<T>(
  what: string,
  before: Iterable<readonly [string, T]>,
  after: {
    readonly entries: Iterable<readonly [string, T]>;
    readonly added?: (is: T) => string | undefined;
    readonly altered: (was: T, is: T) => string;
  },
): readonly string[] {
  const [old, now] = [new Map(before), new Map(after.entries)];
  const line = (sign: string, name: string, why?: string) =>
    `${sign} ${what} ${printable(name)}${why === undefined ? '' : ` (${why})`}`;
  const dropped = [...old.keys()].filter((name) => !now.has(name)).map((name) => line('-', name));
  const others = [...now].flatMap(([name, is]) => {
    if (!old.has(name)) return [line('+', name, after.added?.(is))];
    const was = old.get(name) as T;
    return isSame(was, is) ? [] : [line('~', name, after.altered(was, is))];
  });
  return [...others, ...dropped];
}

/** By content, whatever kind of byte array holds it. */
function isSame(was: unknown, is: unknown): boolean {
  if (isFile(was) && isFile(is))
    return was.executable === is.executable && Buffer.compare(was.bytes, is.bytes) === 0;
  return isDeepStrictEqual(was, is);
}

function isFile(value: unknown): value is File {
  return typeof value === 'object' && value !== null && 'bytes' in value;
}

function describeFile(was: File, is: File): string {
  const mode =
    was.executable === is.executable ? [] : [is.executable ? 'now executable' : 'not executable any more'];
  const [before, after] = [was.bytes.length, is.bytes.length];
  const content =
    before === after
      ? Buffer.compare(was.bytes, is.bytes) === 0
        ? []
        : [`other content, ${after} bytes`]
      : [`${before} to ${after} bytes`];
  return [...content, ...mode].join(', ');
}

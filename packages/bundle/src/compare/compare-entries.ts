import type { JsonValue } from '@sheaf/workflow';
import type { EntryChange, FieldChange } from './compared.js';
import { isSameJson } from './same-json.js';

interface Fields<T> {
  /** What is compared of an entry; undefined members are as if they were not there. */
  readonly fieldsOf: (entry: T) => Readonly<Record<string, JsonValue | undefined>>;
  readonly isBreaking?: (was: T | undefined, is: T | undefined, fields: readonly FieldChange[]) => boolean;
}

/** Compares two tables of named entries. */
export function compareEntries<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  { fieldsOf, isBreaking = () => false }: Fields<T>,
): readonly EntryChange[] {
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort(compareText);
  return names.flatMap((name): readonly EntryChange[] => {
    const [was, is] = [old.get(name), now.get(name)];
    if (was === undefined || is === undefined) {
      const change = was === undefined ? 'added' : 'removed';
      return [{ change, name, breaking: isBreaking(was, is, []), fields: [] }];
    }
    const fields = compareFields(fieldsOf(was), fieldsOf(is));
    if (fields.length === 0) return [];
    return [{ change: 'changed', name, breaking: isBreaking(was, is, fields), fields }];
  });
}

function compareFields(
  before: Readonly<Record<string, JsonValue | undefined>>,
  after: Readonly<Record<string, JsonValue | undefined>>,
): readonly FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareText);
  return names.flatMap((field) => {
    const [was, is] = [before[field], after[field]];
    if (isSameJson(was, is)) return [];
    return [
      { field, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) },
    ];
  });
}

/** By UTF-16 units, the same everywhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

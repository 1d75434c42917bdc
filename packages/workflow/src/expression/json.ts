import { WorkflowError } from '../errors.js';
import type { JsonValue } from '../model.js';
import { ENTRY_BYTES, ITEM_BYTES, charge, chargeMemory, checkDepth, type Budget } from './budget.js';
import { encodeBase64 } from './functions/base64.js';
import { DoubleNumber, LazyMap, SecretReference, type ScopeValue } from './scope.js';
import { secretError } from './secret.js';
import { formatDuration, formatTimestamp } from './time.js';
import { typeOf, type CelList, type CelMap, type CelValue } from './value.js';

/** What a name stands for, as a value; a number without a fraction is an int. Lists and maps are read as they are asked for. */
export function fromJson(json: ScopeValue): CelValue {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;
  if (json === null || typeof json !== 'object') return json;
  if (json instanceof LazyMap) return mapOfLazy(json);
  if (json instanceof DoubleNumber) return json.value;
  if (json instanceof SecretReference) return { kind: 'secret', name: json.name };
  if (Array.isArray(json)) return listOfJson(json as readonly ScopeValue[]);
  return mapOfJson(json as Readonly<Record<string, ScopeValue>>);
}

function listOfJson(json: readonly ScopeValue[]): CelList {
  return { kind: 'list', length: json.length, at: (index) => fromJson(json[index] ?? null) };
}

/** Only own keys exist. */
function mapOfJson(record: Readonly<Record<string, ScopeValue>>): CelMap {
  let keys: readonly string[] | undefined;
  const listKeys = () => (keys ??= Object.keys(record));
  return {
    kind: 'map',
    get size() {
      return listKeys().length;
    },
    get: (key) => {
      if (typeof key !== 'string' || !Object.hasOwn(record, key)) return undefined;
      const value = record[key];
      return value === undefined ? undefined : fromJson(value);
    },
    keys: listKeys,
  };
}

function mapOfLazy(map: LazyMap): CelMap {
  return {
    kind: 'map',
    get size() {
      return [...map.keys()].length;
    },
    get: (key) => {
      const value = typeof key === 'string' ? map.get(key) : undefined;
      return value === undefined ? undefined : fromJson(value);
    },
    keys: () => map.keys(),
  };
}

/**
 * A value as JSON: bytes as base64, times as RFC 3339, durations like `1.5s`, types by name. Throws WorkflowError `expression.overflow`
 * for integers and numbers that JSON cannot hold, `expression.value` for maps whose keys are no text, `expression.secret` for secrets.
 */
export function toJson(value: CelValue, budget: Budget, depth = 0): JsonValue {
  charge(budget, 1);
  checkDepth(depth);
  if (typeof value === 'bigint') return toSafeNumber(value);
  if (typeof value === 'number') return toFinite(value);
  if (value === null || typeof value !== 'object') return value;
  switch (value.kind) {
    case 'uint':
      return toSafeNumber(value.value);
    case 'bytes':
      return encodeBase64(value.value, budget);
    case 'timestamp':
      return formatTimestamp(value.nanos);
    case 'duration':
      return formatDuration(value.nanos);
    case 'type':
      return value.name;
    case 'secret':
      throw secretError();
    case 'list': {
      chargeMemory(budget, value.length * ITEM_BYTES);
      return Array.from({ length: value.length }, (_, index) => toJson(value.at(index), budget, depth + 1));
    }
    case 'map':
      return tableOf(value, budget, depth);
  }
}

function tableOf(map: CelMap, budget: Budget, depth: number): JsonValue {
  const table = Object.create(null) as Record<string, JsonValue>;
  chargeMemory(budget, map.size * ENTRY_BYTES);
  for (const key of map.keys()) {
    if (typeof key !== 'string') {
      const message = `a map with keys of type ${typeOf(key)} has no form as JSON`;
      throw new WorkflowError('expression.value', message, { hint: 'turn the keys into text with string()' });
    }
    table[key] = toJson(map.get(key) ?? null, budget, depth + 1);
  }
  return table;
}

function toSafeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new WorkflowError('expression.overflow', 'the integer is too large for JSON', {
      hint: 'turn it into text with string()',
    });
  }
  return Number(value);
}

function toFinite(value: number): number {
  if (!Number.isFinite(value)) {
    throw new WorkflowError('expression.overflow', `a result must be finite, not ${String(value)}`);
  }
  return value;
}

import type { JsonValue } from '../model.js';
import { isTable, nameOf } from '../schema/check.js';
import { MAX_FINDINGS, type Finding, type Path } from '../source/tree.js';

type Kind = 'line' | 'lines' | 'data';

/** Controls, what reorders text, the byte order mark and lone surrogates: they forge or hide what a person reads. */
const unreadable = (): RegExp => /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;
/** The same, but for what lines of text are made of. */
const unreadableInLines = (): RegExp =>
  /(?!\t|\n|\r\n)[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;
const loneSurrogate = (): RegExp => /\p{Cs}/u;
// None of them is made before it is needed: of each property of theirs a table is made then.
const PLAIN = /^[ -~]*$/;

/**
 * Refuses characters that do not belong into texts: in what people read, all that moves the cursor or reorders what is
 * shown; anywhere, NUL and lone surrogates, which neither UTF-8 nor a database can hold.
 */
export function checkTexts(data: Readonly<Record<string, JsonValue>>): readonly Finding[] {
  const findings: Finding[] = [];
  visit(data, [], findings);
  return findings;
}

function visit(value: JsonValue, path: Path, findings: Finding[]): void {
  if (findings.length >= MAX_FINDINGS) return;
  if (typeof value === 'string') {
    const at = findBad(value, kindOf(path));
    if (at !== undefined) findings.push(describe(value, at, path));
  } else if (Array.isArray(value)) {
    (value as readonly JsonValue[]).forEach((item, index) => {
      visit(item, [...path, index], findings);
    });
  } else if (isTable(value)) {
    for (const [key, item] of Object.entries(value)) {
      const inside = [...path, key];
      const at = findBad(key, 'data');
      if (at === undefined) visit(item, inside, findings);
      else findings.push({ ...describe(key, at, inside), at: 'key' });
    }
  }
}

function kindOf(path: Path): Kind {
  const [first, , third] = path;
  if (path.length === 1 && first === 'description') return 'lines';
  if (path.length === 3 && first === 'parameters' && third === 'description') return 'lines';
  const isLine =
    first === 'permissions' ||
    first === 'tags' ||
    (path.length === 1 && (first === 'name' || first === 'license' || first === 'homepage'));
  return isLine ? 'line' : 'data';
}

function findBad(text: string, kind: Kind): number | undefined {
  if (PLAIN.test(text)) return undefined;
  if (kind === 'line') return found(text.search(unreadable()));
  if (kind === 'lines') return found(text.search(unreadableInLines()));
  const nul = found(text.indexOf('\0'));
  const lone = found(text.search(loneSurrogate()));
  return nul === undefined || lone === undefined ? (nul ?? lone) : Math.min(nul, lone);
}

function found(at: number): number | undefined {
  return at === -1 ? undefined : at;
}

function describe(text: string, at: number, path: Path): Finding {
  const hex = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  return {
    code: 'text.character',
    message: `${nameOf(path)} holds the character U+${hex}, which no text here may hold`,
    path,
    within: { start: at, end: at + 1 },
  };
}

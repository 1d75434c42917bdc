import { readKeyPath, type SourceText } from './source/layers.js';
import { readToml } from './source/toml.js';

/** Longest `path=value`, in UTF-16 units. */
const MAX_LENGTH = 65_536;

/**
 * What `path=value` lays over a definition, as a text that diagnostics can point into: the path is a key of TOML with dots, the value is
 * a value of TOML where it can be read as one, and text where it cannot; `null` takes away what is there. `name` is what diagnostics call it.
 * Undefined when it has no path.
 */
export function readSetting(setting: string, name: string): SourceText | undefined {
  const equals = findEquals(setting);
  if (equals === undefined || setting.length > MAX_LENGTH) return undefined;
  const path = setting.slice(0, equals).trim();
  const value = setting.slice(equals + 1).trim();
  if (readKeyPath(path) === undefined) return undefined;
  if (value === 'null') return { text: `remove = [${JSON.stringify(path)}]`, file: name };
  const text = `${path} = ${value}`;
  // A line break would begin a second setting.
  const isValue = !/[\r\n]/.test(value) && readToml(text).problems.length === 0;
  return { text: isValue ? text : `${path} = ${toTomlString(value)}`, file: name };
}

/** The first `=` outside quotes. */
function findEquals(setting: string): number | undefined {
  let quoted: string | undefined;
  for (let at = 0; at < setting.length; at++) {
    const c = setting[at] ?? '';
    if (quoted !== undefined) {
      if (c === quoted) quoted = undefined;
    } else if (c === '"' || c === "'") quoted = c;
    else if (c === '=') return at === 0 ? undefined : at;
  }
  return undefined;
}

/** JSON escapes what TOML escapes, but for DEL. */
function toTomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

import type { JsonValue } from '../model.js';
import { suggest } from '../suggest.js';
import { printable, quote } from '../text.js';
import { findManifestProblems } from './check-manifest.js';
import type { ActionDeprecation, ActionManifest } from './manifest.js';
import { readInputSchema, readOutputSchema } from './read-schema.js';

/** How a tool of a project does its work. */
export type ToolWork =
  /** A program with its arguments: `plain` reads variables and writes text, `json-lines` speaks lines of JSON. */
  | {
      readonly kind: 'command';
      readonly command: readonly string[];
      readonly protocol: 'plain' | 'json-lines';
    }
  /** An ES module that exports `action`, relative to the file. */
  | { readonly kind: 'module'; readonly module: string };

/** An action that a project declares in a file of its own. */
export interface Tool {
  readonly manifest: ActionManifest;
  readonly work: ToolWork;
}

/** What a file says, or why it is none. */
export type ReadTool = { readonly tool: Tool } | { readonly problems: readonly string[] };

/** The largest file of a tool, in UTF-16 units. */
export const MAX_TOOL_LENGTH = 262_144;

const KEYS = [
  'schema',
  'name',
  'version',
  'description',
  'inputs',
  'outputs',
  'permissions',
  'deprecated',
  'command',
  'protocol',
  'module',
];
const PERMISSIONS = ['hosts', 'exec', 'network', 'read', 'write'] as const;
const NOTHING: JsonValue = { type: 'object' };

/** Reads `tools/NAME.json` of a project. `file` is its path, for people. Never throws. */
export function readToolFile(text: string, file: string): ReadTool {
  if (text.length > MAX_TOOL_LENGTH) return { problems: [`it has more than ${MAX_TOOL_LENGTH} characters`] };
  let data: JsonValue;
  try {
    data = JSON.parse(text) as JsonValue;
  } catch {
    return { problems: ['it is no JSON'] };
  }
  if (!isObject(data)) return { problems: ['it must be an object'] };
  const problems: string[] = [];
  if (data['schema'] !== 'sheaf.tool/1') problems.push('it must begin with "schema": "sheaf.tool/1"');
  for (const key of Object.keys(data)) {
    if (KEYS.includes(key)) continue;
    const near = suggest(key, KEYS);
    problems.push(
      `there is no key ${quote(key)}${near === undefined ? '' : `: did you mean ${quote(near)}?`}`,
    );
  }
  const manifest = readManifest(data, file, problems);
  const work = readWork(data, problems);
  problems.push(...findManifestProblems(manifest));
  return problems.length > 0 || work === undefined
    ? { problems }
    : { tool: { manifest: withProgram(manifest, work), work } };
}

function readManifest(
  data: Readonly<Record<string, JsonValue>>,
  file: string,
  problems: string[],
): ActionManifest {
  const complain = (place: string, message: string): void => void problems.push(`${place} ${message}`);
  const inputs = readInputSchema(data['inputs'] ?? NOTHING, 'inputs', complain);
  const outputs = readOutputSchema(data['outputs'] ?? NOTHING, 'outputs', complain);
  const deprecated = readDeprecation(data['deprecated'], problems);
  return {
    name: textOf(data['name']),
    version: textOf(data['version']),
    description: textOf(data['description']),
    inputs: inputs.properties,
    ...(inputs.others === undefined ? {} : { otherInputs: inputs.others }),
    outputs: outputs.properties,
    ...(outputs.others === undefined ? {} : { otherOutputs: outputs.others }),
    permissions: readPermissions(data['permissions'], problems),
    ...(deprecated === undefined ? {} : { deprecated }),
    file,
  };
}

function readPermissions(value: JsonValue | undefined, problems: string[]): ActionManifest['permissions'] {
  if (value === undefined) return {};
  if (!isObject(value)) {
    problems.push('permissions must be an object');
    return {};
  }
  const read: Partial<Record<(typeof PERMISSIONS)[number], readonly string[]>> = {};
  for (const [key, given] of Object.entries(value)) {
    const kind = PERMISSIONS.find((each) => each === key);
    const texts = textsOf(given);
    if (kind === undefined)
      problems.push(`permissions has no key ${quote(key)}: it has ${PERMISSIONS.join(', ')}`);
    else if (texts === undefined) problems.push(`permissions.${kind} must be a list of texts`);
    else read[kind] = texts;
  }
  return read;
}

function readDeprecation(value: JsonValue | undefined, problems: string[]): ActionDeprecation | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value) || typeof value['since'] !== 'string' || typeof value['reason'] !== 'string') {
    problems.push('deprecated must have since and reason');
    return undefined;
  }
  const { since, reason, use } = value;
  return { since, reason, ...(typeof use === 'string' ? { use } : {}) };
}

function readWork(data: Readonly<Record<string, JsonValue>>, problems: string[]): ToolWork | undefined {
  const { command, module, protocol = 'plain' } = data;
  if ((command === undefined) === (module === undefined)) {
    problems.push('it must have either a command or a module');
    return undefined;
  }
  if (module !== undefined) {
    if (
      typeof module === 'string' &&
      /^\.\/[^\\\0]{1,500}$/.test(module) &&
      !module.split('/').includes('..')
    ) {
      return { kind: 'module', module };
    }
    problems.push('module must be a path that begins with ./ and stays in the folder of the file');
    return undefined;
  }
  const words = textsOf(command);
  const [program = ''] = words ?? [];
  if (
    words === undefined ||
    program === '' ||
    program.startsWith('-') ||
    words.some((word) => word.includes('\0'))
  ) {
    problems.push('command must be a list of texts, first a program');
    return undefined;
  }
  if (protocol !== 'plain' && protocol !== 'json-lines') {
    problems.push(`protocol must be plain or json-lines, not ${printable(JSON.stringify(protocol))}`);
    return undefined;
  }
  return { kind: 'command', command: words, protocol };
}

/** The program of a command is one of those that it starts. */
function withProgram(manifest: ActionManifest, work: ToolWork): ActionManifest {
  if (work.kind !== 'command') return manifest;
  const { exec = [] } = manifest.permissions;
  const [program = ''] = work.command;
  return { ...manifest, permissions: { ...manifest.permissions, exec: [...new Set([program, ...exec])] } };
}

function textsOf(value: JsonValue | undefined): readonly string[] | undefined {
  return Array.isArray(value) && value.length <= 1000 && value.every((item) => typeof item === 'string')
    ? value
    : undefined;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

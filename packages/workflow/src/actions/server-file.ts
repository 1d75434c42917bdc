import type { JsonValue } from '../model.js';
import { suggest } from '../suggest.js';
import { printable, quote } from '../text.js';
import { isReservedAction } from './catalogue.js';
import type { ActionManifest } from './manifest.js';
import { manifestOfTool } from './server-tool.js';

/** A server of tools (Model Context Protocol) that a project or a user has configured. */
export interface ToolServer {
  readonly name: string;
  /** The file that declares it, for people. */
  readonly file: string;
  /** What the action `mcp` is given to reach it. */
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** One for each tool that the file lists, `server:tool`; without a list one `server:*` that stands for all there are. */
  readonly manifests: readonly ActionManifest[];
}

/** What a file says, or why it declares no server. */
export type ReadServer = { readonly server: ToolServer } | { readonly problems: readonly string[] };

/** The largest file of a server with the list of its tools, in UTF-16 units. */
export const MAX_SERVER_LENGTH = 1_048_576;
const MAX_TOOLS = 500;
const NAME = /^[a-z][a-z0-9_-]{0,63}$/;
/** Words that stand before a colon for something else. */
const QUALIFIERS = ['workflow', 'project', 'built-in'];
const GIVEN = ['command', 'env', 'url', 'headers', 'connect_timeout_ms', 'timeout_ms', 'retries'] as const;
const KEYS = ['schema', 'name', 'description', 'tools', ...GIVEN];

/** Reads a file of a server, `{"schema": "sheaf.mcp/1", …}`. `file` is its path, for people. Never throws. */
export function readServerFile(text: string, file: string): ReadServer {
  if (text.length > MAX_SERVER_LENGTH)
    return { problems: [`it has more than ${MAX_SERVER_LENGTH} characters`] };
  let data: JsonValue;
  try {
    data = JSON.parse(text) as JsonValue;
  } catch {
    return { problems: ['it is no JSON'] };
  }
  if (!isObject(data)) return { problems: ['it must be an object'] };
  const problems: string[] = [];
  if (data['schema'] !== 'sheaf.mcp/1') problems.push('it must begin with "schema": "sheaf.mcp/1"');
  for (const key of Object.keys(data)) {
    if (KEYS.includes(key)) continue;
    const near = suggest(key, KEYS);
    problems.push(
      `there is no key ${quote(key)}${near === undefined ? '' : `: did you mean ${quote(near)}?`}`,
    );
  }
  const name = typeof data['name'] === 'string' ? data['name'] : '';
  problems.push(...findNameProblems(name), ...findPlaceProblems(data));
  const inputs = Object.fromEntries(
    GIVEN.flatMap((key) => {
      const value = data[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const server = { name, file, inputs };
  const manifests = readTools(data['tools'], server, problems);
  return problems.length > 0 ? { problems } : { server: { ...server, manifests } };
}

function findNameProblems(name: string): readonly string[] {
  if (!NAME.test(name)) return [`the name "${printable(name)}" is not one: lower-case letters and digits`];
  return QUALIFIERS.includes(name) || isReservedAction(name) ? [`the name ${name} is reserved`] : [];
}

function findPlaceProblems({ command, url }: Readonly<Record<string, JsonValue>>): readonly string[] {
  if ((command === undefined) === (url === undefined)) return ['it must have either a command or a url'];
  if (command === undefined)
    return typeof url === 'string' && /^(?:https?|wss?):\/\/[^\s]{1,2000}$/i.test(url)
      ? []
      : ['url must be an address that begins with https://, http://, wss:// or ws://'];
  const isCommand =
    Array.isArray(command) &&
    command.length > 0 &&
    command.length <= 1000 &&
    command.every((word) => typeof word === 'string' && !word.includes('\0')) &&
    command[0] !== '' &&
    !String(command[0]).startsWith('-');
  return isCommand ? [] : ['command must be a list of texts, first a program'];
}

function readTools(
  tools: JsonValue | undefined,
  server: Omit<ToolServer, 'manifests'>,
  problems: string[],
): readonly ActionManifest[] {
  if (tools === undefined) return manifestOfAll(server);
  if (!Array.isArray(tools) || tools.length > MAX_TOOLS) {
    problems.push(`tools must be a list of at most ${MAX_TOOLS}, as the server gives it`);
    return [];
  }
  return (tools as readonly JsonValue[]).flatMap((tool, index) => {
    const manifest = isObject(tool) ? manifestOfTool(tool, server) : undefined;
    if (manifest === undefined) problems.push(`the tool ${index + 1} has no name that can be used`);
    return manifest ?? [];
  });
}

/** Stands for every tool of a server whose tools nobody has listed: what it takes is not known. */
function manifestOfAll(server: Omit<ToolServer, 'manifests'>): readonly ActionManifest[] {
  const manifest = manifestOfTool({ name: 'any' }, server);
  const description = `Any tool of ${server.name}, whose tools are not listed`;
  return manifest === undefined ? [] : [{ ...manifest, name: `${server.name}:*`, description }];
}

function isObject(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

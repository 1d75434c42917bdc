import type { JsonValue } from '../model.js';
import { printable } from '../text.js';
import type { ActionInput, ActionManifest, ActionPermissions } from './manifest.js';
import { MCP, MCP_OUTPUTS } from './mcp.js';
import { readInputSchema, readOutputSchema } from './read-schema.js';

/** What is known of a server whose tools are described. */
interface Server {
  readonly name: string;
  readonly file: string;
  readonly inputs: Readonly<Record<string, JsonValue>>;
}

const TOOL = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}$/;

/**
 * A tool as `tools/list` gives it, as an action that stands for `mcp` with the server and the tool filled in. Its schemas are read as
 * far as they can be: the server has the last word on what it takes. Undefined for a name that cannot stand in `uses`.
 */
export function manifestOfTool(
  tool: Readonly<Record<string, JsonValue>>,
  server: Server,
): ActionManifest | undefined {
  const { name, description, inputSchema, outputSchema } = tool;
  if (typeof name !== 'string' || !TOOL.test(name)) return undefined;
  const ignore = (): void => undefined;
  const takes = readInputSchema(withType(inputSchema), '', ignore);
  const isOpen = field(inputSchema, 'additionalProperties') !== false && isEmpty(takes.properties);
  const structured =
    outputSchema === undefined
      ? MCP_OUTPUTS.structured
      : {
          type: 'map' as const,
          description: 'what it gives as a value',
          fields: readOutputSchema(withType(outputSchema), '', ignore).properties,
        };
  return {
    name: `${server.name}:${name}`,
    version: MCP.version,
    description: describe(description, name, server.name),
    inputs: Object.fromEntries(Object.entries(takes.properties).map(([key, input]) => [key, plain(input)])),
    ...(isOpen ? { otherInputs: { type: 'json' } } : {}),
    outputs: { ...MCP.outputs, structured },
    permissions: permissionsOf(server),
    file: server.file,
    server: server.name,
    call: { action: MCP.name, with: { ...server.inputs, tool: name }, under: 'arguments' },
  };
}

/** What reaching the server touches. */
function permissionsOf({ inputs }: Server): ActionPermissions {
  const { command, url } = inputs;
  if (Array.isArray(command) && typeof command[0] === 'string') return { exec: [command[0]] };
  const host = typeof url === 'string' ? /^[a-z]+:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(url)?.[1] : undefined;
  return host === undefined ? {} : { hosts: [host.toLowerCase()] };
}

/** Without what only the server can judge: its patterns may be of another kind, and its defaults it adds itself. */
function plain(input: ActionInput): ActionInput {
  const { required, description } = input;
  const base = { required, ...(description === undefined ? {} : { description }) };
  switch (input.type) {
    case 'string':
    case 'boolean':
      return { ...base, type: input.type };
    case 'enum':
      return input.values.length === 0
        ? { ...base, type: 'json' }
        : { ...base, type: 'enum', values: input.values };
    case 'integer':
    case 'number': {
      const { type, minimum, maximum } = input;
      return {
        ...base,
        type,
        ...(minimum === undefined ? {} : { minimum }),
        ...(maximum === undefined ? {} : { maximum }),
      };
    }
    case 'list':
    case 'map':
      return { ...base, type: input.type, ...(input.items === undefined ? {} : { items: input.items }) };
    default:
      return { ...base, type: 'json' };
  }
}

function describe(description: JsonValue | undefined, tool: string, server: string): string {
  const [first = ''] = typeof description === 'string' ? description.trim().split(/\n|(?<=\.)\s/, 1) : [];
  const said = printable(first.replace(/\.$/, ''), 300);
  return said === '' ? `The tool ${tool} of ${server}` : said;
}

function withType(schema: JsonValue | undefined): JsonValue {
  return isMap(schema) ? { ...schema, type: 'object' } : { type: 'object' };
}

function field(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isMap(value) ? value[name] : undefined;
}

function isMap(value: JsonValue | undefined): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(table: object): boolean {
  return Object.keys(table).length === 0;
}

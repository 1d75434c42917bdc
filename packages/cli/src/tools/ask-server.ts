import { readFile } from 'node:fs/promises';
import {
  discoverServer,
  type DiscoveredServer,
  type DiscoverOptions,
  type ProjectServer,
  type ProjectTools,
  type SecretSource,
} from '@sheaf/engine';
import { manifestOfTool, type ActionManifest, type JsonValue, type ToolServer } from '@sheaf/workflow';
import { replaceFile } from '../config/replace-file.js';
import { CliError } from '../frame/errors.js';
import type { Context } from '../frame/context.js';
import { printable } from '../terminal/escape.js';
import { shellWord } from '../terminal/shell.js';
import type { AskedServer } from './tool-list.js';

/** What is kept of a tool: what a step that uses it is checked against, and what says whether it may be called twice. */
const KEPT = ['name', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;
/** Of what this process has, what a program cannot do without. */
const VARIABLES = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR'] as const;

export interface AskOptions {
  readonly name: string;
  readonly save: boolean;
  readonly secrets: SecretSource;
}

/**
 * Asks a server of the project what tools it has. To name it is to agree that its program is started, so that it is said first
 * which. `save` writes them to the file of the server, which steps are then checked against.
 *
 * @throws CliError `tool.no_server`, `tool.no_secret`, `tool.server_failed`
 */
export async function askServer(
  context: Context,
  { servers }: ProjectTools,
  { name, save, secrets }: AskOptions,
): Promise<{ readonly manifests: readonly ActionManifest[]; readonly asked: AskedServer }> {
  const found = servers.find(({ server }) => server.name === name);
  if (found === undefined) {
    const names = servers.map(({ server }) => server.name);
    throw new CliError('tool.no_server', `the project has no server ${JSON.stringify(name)}`, {
      hint:
        names.length === 0
          ? 'declare one in tools/NAME.json: sheaf help tool.no_server'
          : names.map((each) => `sheaf tools --mcp ${shellWord(each)}`),
    });
  }
  const { server, file } = found;
  context.ui.say(sayWhich(found));
  const discovered = await discover(server, {
    cwd: context.cwd,
    env: Object.fromEntries(
      VARIABLES.flatMap((variable) => {
        const value = context.env[variable];
        return value === undefined ? [] : [[variable, value]];
      }),
    ),
    secret: (secret) => findSecret(context, secrets, secret),
    signal: context.signal,
    log: (text) => {
      for (const line of text.trimEnd().split('\n')) context.ui.say(`[${name}] ${printable(line)}`);
    },
  });
  if (save) await saveTools(file, discovered);
  const manifests = discovered.tools.flatMap((tool) => manifestOfTool(tool, server) ?? []);
  const { protocol } = discovered;
  const asked = { name, server: discovered.server, protocol, ...(save ? { saved: server.file } : {}) };
  return { manifests: manifests.sort((a, b) => (a.name < b.name ? -1 : 1)), asked };
}

/** @throws CliError `tool.server_failed` in place of the engine's own */
async function discover(server: ToolServer, options: DiscoverOptions): Promise<DiscoveredServer> {
  try {
    return await discoverServer(server, options);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ActionError') throw error;
    const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
    throw new CliError('tool.server_failed', error.message, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

function sayWhich({ server }: ProjectServer): string {
  const { command, url } = server.inputs;
  if (!Array.isArray(command)) return `asking ${printable(typeof url === 'string' ? url : '')}`;
  const words = (command as readonly JsonValue[]).map((word) =>
    shellWord(typeof word === 'string' ? word : ''),
  );
  return `starting ${printable(words.join(' '))}`;
}

async function findSecret(context: Context, secrets: SecretSource, name: string): Promise<string> {
  const found = await secrets.find(name, {
    workflow: 'sheaf tools',
    signal: context.signal,
  });
  if (found !== undefined) return found.value;
  throw new CliError('tool.no_secret', `the server wants the secret ${name}, which this machine has not`, {
    hint: `set the variable ${name}`,
  });
}

async function saveTools(file: string, { tools }: DiscoveredServer): Promise<void> {
  const declared = JSON.parse(await readFile(file, 'utf8')) as object;
  const kept = tools.map((tool) =>
    Object.fromEntries(KEPT.flatMap((key) => (tool[key] === undefined ? [] : [[key, tool[key]]]))),
  );
  await replaceFile(file, `${JSON.stringify({ ...declared, tools: kept }, undefined, 2)}\n`);
}

import type { JsonValue, Permissions, ToolServer } from '@sheaf/workflow';
import { startPlainProcess } from '../../processes/plain-process.js';
import type { ActionProcess } from '../action.js';
import { connect } from './connection.js';
import { loadSdk } from './load-sdk.js';
import { readTarget } from './target.js';
import { McpTrouble, troubleInCall } from './trouble.js';

export interface DiscoverOptions {
  /** Where a program is started. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The value of a secret that the server wants. */
  readonly secret: (name: string) => Promise<string>;
  readonly signal: AbortSignal;
  /** Gets what the server says meanwhile. */
  readonly log: (text: string) => void;
}

/** What a server says of itself. */
export interface DiscoveredServer {
  /** The name and version that it gives itself. */
  readonly server: string;
  readonly protocol: string;
  /** As it lists them. */
  readonly tools: readonly Readonly<Record<string, JsonValue>>[];
}

/** Starts or reaches a server, and asks what it has. Throws ActionError. */
export async function discoverServer(
  server: ToolServer,
  options: DiscoverOptions,
): Promise<DiscoveredServer> {
  const { cwd, env, secret, signal, log } = options;
  const target = await readTarget(server.inputs, { cwd, env, secret, permissions: permissionsOf(server) });
  const sdk = await loadSdk();
  const base = {
    cwd,
    env,
    signal,
    log: (_: unknown, text: string) => {
      log(text);
    },
  };
  // What it writes to standard error is heard by `base` already.
  const own = { startProcess: (spec: ActionProcess) => startPlainProcess(base, spec) };
  try {
    const connection = await connect(sdk, target, own, () => undefined);
    try {
      const { server: name, protocol } = connection;
      return { server: name, protocol, tools: await connection.tools() };
    } catch (error) {
      throw troubleInCall(sdk, 'tools/list', error, connection.describeEnd());
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw error instanceof McpTrouble ? error.reason : error;
  }
}

/** Who asks a server by its name wants just it. */
function permissionsOf({ inputs }: ToolServer): Permissions {
  const { command, url } = inputs;
  const program = Array.isArray(command) && typeof command[0] === 'string' ? [command[0]] : [];
  const host = typeof url === 'string' && URL.canParse(url) ? [new URL(url).hostname] : [];
  return { network: host, exec: program, read: [], write: [], secrets: [] };
}

import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { printable, type JsonValue } from '@sheaf/workflow';
import type { Kept, KeptContext } from '../action.js';
import { isMap, isList, textOf, type Inputs } from '../inputs.js';
import { copyJson } from '../json-value.js';
import { guardedFetch } from './guarded-fetch.js';
import { MAX_TOOLS } from './limits.js';
import type { Sdk } from './load-sdk.js';
import { stdioTransport } from './stdio-transport.js';
import type { Target } from './target.js';
import { troubleAtStart } from './trouble.js';
import { webSocketTransport } from './websocket-transport.js';

/** A server that has said what it is. */
export interface McpConnection extends Kept {
  /** The name and version that it gives itself. */
  readonly server: string;
  readonly protocol: string;
  /** What it says it has, asked once. */
  readonly tools: () => Promise<readonly Inputs[]>;
  /** The result of a call as the protocol has it. Throws what the SDK throws. */
  readonly call: (call: ToolCall) => Promise<unknown>;
  /** Why it has ended by itself, if it has. */
  readonly describeEnd: () => string | undefined;
}

export interface ToolCall {
  readonly tool: string;
  readonly given: Inputs;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Gets what the server tells meanwhile. */
  readonly log: (line: string) => void;
}

/** How long a call may hang without any answer under way. */
const SILENCE_MS = 5_000;

/** Connects to a server and agrees with it on a version of the protocol. Throws McpTrouble, ActionError `mcp.connect`. */
export async function connect(
  sdk: Sdk,
  target: Target,
  own: KeptContext,
  log: (line: string) => void,
): Promise<McpConnection> {
  // Who opens it hears what is said until then, and afterwards whoever calls.
  const listeners = new Set([log]);
  const tell = (text: string): void => {
    for (const listener of listeners) listener(text.endsWith('\n') ? text : `${text}\n`);
  };
  const line = await openLine(sdk, target, own, tell);
  const client = new sdk.Client(
    { name: 'sheaf', version: '1' },
    // What a tool gives is checked here in another way, which loads nothing.
    {
      capabilities: {},
      jsonSchemaValidator: {
        getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
      },
    },
  );
  client.fallbackNotificationHandler = ({ method, params }) => {
    if (method === 'notifications/message') tell(describeMessage(params));
    return Promise.resolve();
  };
  let isOpen = true;
  client.onclose = () => {
    isOpen = false;
  };
  const close = async (): Promise<void> => {
    isOpen = false;
    await line.goodbye();
    await client.close().catch(() => undefined);
    await line.close();
  };
  try {
    await client.connect(line.transport, { timeout: target.connectTimeoutMs });
    listeners.delete(log);
  } catch (error) {
    const trouble = troubleAtStart(sdk, target.name, error, line.describeEnd());
    await close();
    throw trouble;
  }
  const { name = '', version = '' } = client.getServerVersion() ?? {};
  let listing: Promise<readonly Inputs[]> | undefined;
  let pending = 0;
  return {
    get isOpen() {
      return isOpen;
    },
    server: printable(`${name} ${version}`.trim(), 200),
    protocol: line.protocol(),
    tools: () => {
      listing ??= listTools(client, target.connectTimeoutMs);
      listing.catch(() => (listing = undefined));
      return listing;
    },
    call: async ({ tool, given, timeoutMs, signal, log }) => {
      listeners.add(log);
      pending += 1;
      const silence = watchSilence(() => line.isSilent() && pending > 0);
      try {
        return await Promise.race([
          client.callTool({ name: tool, arguments: { ...given } }, undefined, {
            timeout: timeoutMs,
            signal,
            onprogress: ({ progress, total, message }) => {
              const share = total === undefined ? String(progress) : `${progress} of ${total}`;
              log(`${tool}: ${printable(message ?? share, 300)}\n`);
            },
          }),
          silence.broken,
        ]);
      } finally {
        silence.end();
        pending -= 1;
        listeners.delete(log);
      }
    },
    describeEnd: line.describeEnd,
    close,
  };
}

/** A transport, and what is known of it besides messages. */
interface Line {
  readonly transport: Transport;
  readonly protocol: () => string;
  readonly describeEnd: () => string | undefined;
  /** No answer can come any more, although the transport is open. */
  readonly isSilent: () => boolean;
  /** Says that the session is over, where there is one. */
  readonly goodbye: () => Promise<void>;
  readonly close: () => Promise<void>;
}

async function openLine(
  sdk: Sdk,
  target: Target,
  own: KeptContext,
  log: (text: string) => void,
): Promise<Line> {
  const { place, connectTimeoutMs } = target;
  const parse = (value: unknown) => sdk.JSONRPCMessageSchema.parse(value);
  const nothing = (): Promise<void> => Promise.resolve();
  const plain = { describeEnd: () => undefined, isSilent: () => false, goodbye: nothing, close: nothing };
  if (place.kind === 'http') {
    const guarded = await guardedFetch(place.host, connectTimeoutMs);
    const transport = new sdk.StreamableHTTPClientTransport(place.url, {
      fetch: guarded.fetch,
      requestInit: { headers: place.headers },
    });
    return {
      ...plain,
      transport: transport,
      protocol: () => transport.protocolVersion ?? '',
      isSilent: () => guarded.openAnswers() === 0,
      goodbye: () => Promise.race([transport.terminateSession().catch(() => undefined), after(1_000)]),
      close: guarded.close,
    };
  }
  const made =
    place.kind === 'stdio'
      ? stdioTransport({ place, parse, log, startProcess: own.startProcess })
      : webSocketTransport({ place, parse, connectTimeoutMs });
  let version = '';
  made.setProtocolVersion = (agreed) => {
    version = agreed;
  };
  const describeEnd =
    'describeEnd' in made
      ? () => (made as { describeEnd(): string | undefined }).describeEnd()
      : plain.describeEnd;
  return { ...plain, transport: made, protocol: () => version, describeEnd };
}

/** Rejects when nothing can come any more for a while. */
function watchSilence(isSilent: () => boolean): {
  readonly broken: Promise<never>;
  readonly end: () => void;
} {
  let timer: NodeJS.Timeout | undefined;
  let silentTurns = 0;
  const broken = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      silentTurns = isSilent() ? silentTurns + 1 : 0;
      if (silentTurns * 1_000 >= SILENCE_MS) reject(new Error('the answer ended without a result'));
    }, 1_000);
  });
  broken.catch(() => undefined);
  return {
    broken,
    end: () => {
      clearInterval(timer);
    },
  };
}

async function listTools(client: InstanceType<Sdk['Client']>, timeout: number): Promise<readonly Inputs[]> {
  const tools: Inputs[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout });
    const copied = copyJson(page.tools);
    tools.push(...(isList(copied) ? copied : []).filter(isMap));
    cursor = page.nextCursor;
  } while (cursor !== undefined && tools.length < MAX_TOOLS);
  return tools.slice(0, MAX_TOOLS);
}

/** `notifications/message`: what a server logs. */
function describeMessage(params: unknown): string {
  const copied = copyJson(params);
  const table: Readonly<Record<string, JsonValue>> = isMap(copied) ? copied : {};
  const { data } = table;
  const said = typeof data === 'string' ? data : JSON.stringify(data ?? null);
  return printable(`${textOf(table, 'level') ?? 'info'}: ${said}`, 2_000);
}

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
}

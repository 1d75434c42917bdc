import { printable, quote, suggest } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import type { ActionContext, ActionImplementation, ActionOutputs } from '../action.js';
import { mapOf, numberOf, textOf, type Inputs } from '../inputs.js';
import type { Breaker } from '../outbound/breaker.js';
import { OUTBOUND, tryAgain, type OutboundDeps } from '../outbound/try-again.js';
import { connect, type McpConnection } from './connection.js';
import { loadSdk, type Sdk } from './load-sdk.js';
import { readResult } from './result.js';
import { readTarget } from './target.js';
import { McpTrouble, troubleInCall } from './trouble.js';

/** `mcp`. */
export const run: ActionImplementation = (inputs, context) => callTool(OUTBOUND, inputs, context);

/** What does not leave the machine needs no breaker. */
const NO_BREAKER: Breaker = { enter: () => ({ ended: () => undefined, gaveUp: () => undefined }) };

export async function callTool(
  deps: OutboundDeps,
  inputs: Inputs,
  context: ActionContext,
): Promise<ActionOutputs> {
  const target = await readTarget(inputs, context);
  if (target.place.kind !== 'stdio') context.onReach(target.place.host.hostname);
  const sdk = await loadSdk();
  const name = textOf(inputs, 'tool') ?? '';
  const breaker = target.origin === undefined ? NO_BREAKER : deps.breaker;
  const log = (text: string): void => {
    context.log('stderr', text);
  };
  const { value, attempts } = await tryAgain(
    { ...deps, breaker },
    {
      origin: target.origin ?? target.name,
      name: target.name,
      attempts: 1 + (numberOf(inputs, 'retries') ?? 0),
      once: async () => {
        const opening = context.keep(target.key, (own) => connect(sdk, target, own, log));
        const connection = await untilAborted(opening, context.signal);
        const tool = await findTool(sdk, connection, name);
        const result = await callOnce(sdk, connection, tool, inputs, context);
        return { value: { ...readResult(tool, result), ...aboutServer(connection) }, isWell: true };
      },
      judge: (error) => {
        if (!(error instanceof McpTrouble)) throw error;
        return { error: error.reason, mayTryAgain: error.isUndone, why: error.reason.message };
      },
    },
    context,
  );
  return { ...value, attempts };
}

async function callOnce(
  sdk: Sdk,
  connection: McpConnection,
  tool: Inputs,
  inputs: Inputs,
  context: ActionContext,
): Promise<unknown> {
  const name = textOf(tool, 'name') ?? '';
  try {
    return await connection.call({
      tool: name,
      given: mapOf(inputs, 'arguments'),
      timeoutMs: numberOf(inputs, 'timeout_ms') ?? 60_000,
      signal: context.signal,
      log: (text) => {
        context.log('stderr', text);
      },
    });
  } catch (error) {
    context.signal.throwIfAborted();
    const trouble = troubleInCall(sdk, name, error, connection.describeEnd());
    if (trouble instanceof McpTrouble && trouble.reason.code !== 'mcp.timeout') await connection.close();
    // What a tool says of itself (readOnlyHint, idempotentHint): to do it twice is to do it once.
    if (trouble instanceof McpTrouble && isHarmless(tool)) throw new McpTrouble(trouble.reason, true);
    throw trouble;
  }
}

function isHarmless(tool: Inputs): boolean {
  const annotations = mapOf(tool, 'annotations');
  return annotations['readOnlyHint'] === true || annotations['idempotentHint'] === true;
}

/** The tool as the server lists it. Throws ActionError `mcp.unknown_tool`. */
async function findTool(sdk: Sdk, connection: McpConnection, name: string): Promise<Inputs> {
  let tools: readonly Inputs[];
  try {
    tools = await connection.tools();
  } catch (error) {
    const trouble = troubleInCall(sdk, 'tools/list', error, connection.describeEnd());
    await connection.close();
    throw trouble instanceof McpTrouble ? new McpTrouble(trouble.reason, true) : trouble;
  }
  const found = tools.find((tool) => tool['name'] === name);
  if (found !== undefined) return found;
  const names = tools.map((tool) => textOf(tool, 'name') ?? '');
  const near = suggest(name, names);
  const listed =
    names.length === 0 ? 'it has none' : `it has ${printable(names.slice(0, 20).join(', '), 500)}`;
  throw new ActionError(
    'mcp.unknown_tool',
    `${connection.server || 'the server'} has no tool ${quote(name)}`,
    {
      hint: near === undefined ? listed : `did you mean ${quote(near)}?`,
    },
  );
}

function aboutServer({ server, protocol }: McpConnection): ActionOutputs {
  return { server, protocol };
}

/** A connection may be for others too: who does not wait any longer does not end it. */
function untilAborted<T>(opening: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('it was stopped'));
    };
    signal.addEventListener('abort', stop, { once: true });
    opening.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}

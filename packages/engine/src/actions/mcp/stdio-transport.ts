import { StringDecoder } from 'node:string_decoder';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { printable } from '@sheaf/workflow';
import type { ActionProcessEnd, ActionProcessHandle, KeptContext } from '../action.js';
import { GOODBYE_MS, MAX_MESSAGE_BYTES } from './limits.js';
import type { Place } from './target.js';

export interface StdioOptions {
  readonly place: Extract<Place, { readonly kind: 'stdio' }>;
  readonly startProcess: KeptContext['startProcess'];
  /** Throws for what is no message. */
  readonly parse: (value: unknown) => JSONRPCMessage;
  /** Gets what it writes to standard error. */
  readonly log: (text: string) => void;
}

/** A transport, and what became of its process. */
export interface StdioTransport extends Transport {
  /** Why the server has ended, in a few words. */
  describeEnd(): string | undefined;
}

/**
 * Speaks to a server over its standard input and output, one message on each line. In place of the transport of the SDK, since a
 * process of a step is confined, marked and ended by the engine.
 */
export function stdioTransport({ place, startProcess, parse, log }: StdioOptions): StdioTransport {
  let handle: ActionProcessHandle | undefined;
  let end: ActionProcessEnd | undefined;
  const decoder = new StringDecoder('utf8');
  const transport: StdioTransport = {
    start: () => {
      const take = lineReader((line) => {
        try {
          transport.onmessage?.(parse(JSON.parse(line)));
        } catch (error) {
          transport.onerror?.(
            new Error(`a line that is no message: ${printable(line, 200)}`, { cause: error }),
          );
        }
      });
      handle = startProcess({
        file: place.program,
        args: place.args,
        env: place.env,
        keepStdin: true,
        onStdout: (chunk) => {
          if (!take(chunk)) handle?.stop();
        },
        onStderr: (chunk) => {
          log(decoder.write(Buffer.from(chunk)));
        },
      });
      void handle.done.then((ended) => {
        end = ended;
        transport.onclose?.();
      });
      return Promise.resolve();
    },
    send: (message) => {
      handle?.input?.write(`${JSON.stringify(message)}\n`);
      return Promise.resolve();
    },
    close: async () => {
      if (handle === undefined) return;
      handle.input?.end();
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, GOODBYE_MS);
      });
      await Promise.race([handle.done, patience]);
      clearTimeout(timer);
      handle.stop();
      await handle.done;
    },
    describeEnd: () => (end === undefined ? undefined : describe(end)),
  };
  return transport;
}

/** Calls with each line that is whole; false when one is too long. */
function lineReader(onLine: (line: string) => void): (chunk: Uint8Array) => boolean {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  return (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, at)]).toString('utf8');
      rest = [];
      restBytes = 0;
      from = at + 1;
      if (line.trim() !== '') onLine(line);
    }
    if (from < chunk.length) {
      rest.push(chunk.slice(from));
      restBytes += chunk.length - from;
    }
    if (restBytes <= MAX_MESSAGE_BYTES) return true;
    rest = [];
    return false;
  };
}

function describe({ spawnError, exitCode, signal, stderrTail }: ActionProcessEnd): string {
  if (spawnError !== undefined) return `it could not be started: ${printable(spawnError, 200)}`;
  const how =
    exitCode === undefined
      ? `it was ended by ${signal ?? 'a signal'}`
      : `it ended with exit code ${exitCode}`;
  const lines = stderrTail.trim().split('\n');
  // Some end with a line that says nothing, as Node does with its version.
  const said = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '';
  return said === '' ? how : `${how}: ${printable(said, 200)}`;
}

import { lookup } from 'node:dns/promises';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { guardedLookup } from '../http/guarded-lookup.js';
import { openWebSocket, type WebSocketConnection } from '../websocket/connect.js';
import { MAX_MESSAGE_BYTES } from './limits.js';
import type { Place } from './target.js';

export interface WebSocketTransportOptions {
  readonly place: Extract<Place, { readonly kind: 'http' | 'websocket' }>;
  readonly connectTimeoutMs: number;
  /** Throws for what is no message. */
  readonly parse: (value: unknown) => JSONRPCMessage;
}

/** In place of the transport of the SDK, which takes no headers, checks no address and has no limits. */
export function webSocketTransport({ place, connectTimeoutMs, parse }: WebSocketTransportOptions): Transport {
  let connection: WebSocketConnection | undefined;
  const transport: Transport = {
    start: async () => {
      connection = await openWebSocket({
        url: place.url,
        headers: place.headers,
        protocol: 'mcp',
        lookup: guardedLookup((hostname) => lookup(hostname, { all: true }), place.host),
        timeoutMs: connectTimeoutMs,
        maxBytes: MAX_MESSAGE_BYTES,
        onText: (text) => {
          try {
            transport.onmessage?.(parse(JSON.parse(text)));
          } catch (cause) {
            transport.onerror?.(new Error('a text that is no message', { cause }));
          }
        },
        onClose: (error) => {
          if (error !== undefined) transport.onerror?.(error);
          transport.onclose?.();
        },
      });
    },
    send: async (message) => {
      if (connection === undefined) throw new Error('it is not connected');
      await connection.send(JSON.stringify(message));
    },
    close: () => {
      connection?.close();
      return Promise.resolve();
    },
  };
  return transport;
}

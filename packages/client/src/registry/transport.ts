import type { Dispatcher } from 'undici';

/** What is used of an answer whose headers have arrived. */
export interface TransportAnswer {
  readonly statusCode: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives the connection up, for a body that nobody will read. */
  readonly giveUp: () => void;
}

/** Sends requests over connections that it keeps. */
export interface Transport {
  readonly request: (options: Dispatcher.RequestOptions) => Promise<TransportAnswer>;
  /** Ends all connections; what is still under way fails. */
  readonly destroy: () => Promise<void>;
}

/** The connections of a dispatcher of undici. */
export function transportOf(dispatcher: Dispatcher): Transport {
  return {
    async request(options) {
      const { statusCode, headers, body } = await dispatcher.request(options);
      const giveUp = (): void => {
        body.on('error', () => undefined).destroy();
      };
      return { statusCode, headers, body: body as AsyncIterable<Uint8Array>, giveUp };
    },
    destroy: () => dispatcher.destroy(),
  };
}

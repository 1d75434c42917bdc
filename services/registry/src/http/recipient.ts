import type { ServerResponse } from 'node:http';
import type { Reads } from '../domain/reads/reads.js';
import { networkOf } from './rate-address.js';
import type { Rates } from './rate-limit.js';
import type { Recipient } from './send-blob.js';

export interface RecipientDeps {
  readonly reads: Pick<Reads, 'outgoing'>;
  readonly rates: Pick<Rates, 'trustedHops'>;
}

/** Who takes an answer, and whose share of the memory it waits in. */
export function recipientOf({ reads, rates }: RecipientDeps, response: ServerResponse): Recipient {
  return { response, network: networkOf(response.req, rates.trustedHops), outgoing: reads.outgoing };
}

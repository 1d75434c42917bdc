import { expect, test } from 'vitest';
import { WebhookRefusedError } from './send.js';
import { describeUnanswered } from './unanswered.js';

const failure = (code: string) =>
  Object.assign(new Error(`connect ${code} 10.1.2.3:443 db.internal`), { code });

test.each([
  [new WebhookRefusedError('nothing is sent to 10.1.2.3'), 'nothing is sent to where the endpoint is'],
  [failure('ECONNREFUSED'), 'the endpoint takes no connections'],
  [failure('EWHATEVER'), 'the endpoint did not answer'],
  [
    failure('DEPTH_ZERO_SELF_SIGNED_CERT'),
    'the connection to the endpoint is not secure: DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
  [new AggregateError([failure('EHOSTUNREACH')]), 'the endpoint cannot be reached'],
  [new DOMException('no answer within 5 ms', 'TimeoutError'), 'the endpoint did not answer in time'],
  ['10.1.2.3', 'the endpoint did not answer'],
])('%s names no address', (error, text) => {
  expect(describeUnanswered(error)).toBe(text);
});

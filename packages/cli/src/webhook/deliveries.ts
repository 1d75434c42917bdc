import type { Delivery } from '@sheaf/client/contract';
import type { Input } from '../frame/args.js';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { WebhookDeliveriesJson } from '../json/webhook-deliveries.js';
import type { WebhookRedeliverJson } from '../json/webhook-redeliver.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { renderTable, type Cell } from '../terminal/table.js';
import { formatAge, groupDigits, plural } from '../terminal/text.js';
import { readDeliveryId, readWebhookId } from './ids.js';

const STATES = ['pending', 'delivered', 'dead'] as const;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 10_000;

interface DeliveriesData {
  readonly registry: string;
  readonly webhook: string;
  readonly deliveries: readonly Delivery[];
}

export const deliveries = defineCommand<DeliveriesData, WebhookDeliveriesJson>({
  name: 'webhook deliveries',
  about: 'Show what was sent to a webhook, what is to be sent, and what was given up; newest first.',
  positionals: { names: ['WEBHOOK'], completes: [[]], required: 1 },
  flags: [
    { name: 'state', value: 'STATE', summary: `${STATES.join(', ')}: these only` },
    {
      name: 'limit',
      value: 'N',
      summary: `at most so many (default ${DEFAULT_LIMIT}, at most ${groupDigits(MAX_LIMIT)})`,
    },
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf webhook deliveries wh_5f1c0a9be2d47f6380c1d2e3',
    'sheaf webhook deliveries wh_5f1c0a9be2d47f6380c1d2e3 --state dead --json',
  ],
  exitCodes: [0, 2, 3, 4, 5, 6],
  run: async (context, input) => {
    const webhook = readWebhookId(input.positionals[0] ?? '');
    const query = { state: readState(input), limit: readLimit(input) };
    return withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const found = await session.client.listDeliveries(webhook, query, { signal: context.signal });
      return { data: { registry: session.url, webhook, deliveries: found } };
    });
  },
  render: ({ webhook, deliveries: found }, { nowMs, columns, style }) => ({
    ...(found.length === 0 && { talk: `${webhook} has no such deliveries` }),
    answer: renderTable(
      [
        { title: 'ID' },
        { title: 'TOPIC', least: 12 },
        { title: 'STATE' },
        { title: 'ANSWER', least: 12, drop: 2 },
        { title: 'NEXT', drop: 1 },
        { title: 'AGE' },
      ],
      found.map((each) => describe(each, nowMs)),
      { columns, style },
    ),
  }),
});

interface Redelivered {
  readonly registry: string;
  readonly webhook: string;
  readonly delivery: string;
}

export const redeliver = defineCommand<Redelivered, WebhookRedeliverJson>({
  name: 'webhook redeliver',
  about: 'Send a delivery again that has ended; the receiver sees the same webhook-id.',
  positionals: { names: ['WEBHOOK', 'DELIVERY'], completes: [[], []], required: 2 },
  flags: [REGISTRY_FLAG],
  examples: [
    'sheaf webhook redeliver wh_5f1c0a9be2d47f6380c1d2e3 msg_0123456789abcdef0123456789abcdef',
    'sheaf webhook redeliver wh_5f1c0a9be2d47f6380c1d2e3 msg_0123456789abcdef0123456789abcdef --json',
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6],
  run: async (context, input) => {
    const webhook = readWebhookId(input.positionals[0] ?? '');
    const delivery = readDeliveryId(input.positionals[1] ?? '', webhook);
    return withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      await session.client.redeliver(webhook, delivery, { signal: context.signal });
      return { data: { registry: session.url, webhook, delivery } };
    });
  },
  render: ({ webhook, delivery }) => ({
    talk: `${delivery} is sent again soon; what became of it: sheaf webhook deliveries ${webhook}`,
  }),
});

/** `msg_…`, `workflow.published`, `delivered`, `200 in 31 ms`, when it is sent again, `2 minutes ago`. */
function describe(delivery: Delivery, nowMs: number): readonly Cell[] {
  const { id, topic, state, attempts, createdAt, nextAt, status, error, durationMs } = delivery;
  const answer =
    status === undefined ? [] : [durationMs === undefined ? `${status}` : `${status} in ${durationMs} ms`];
  const told = [
    ...answer,
    ...(error === undefined ? [] : [error]),
    ...(attempts > 1 ? [plural(attempts, 'attempt')] : []),
  ].join(', ');
  const next = nextAt === undefined ? '' : { text: nextAt.slice(0, 19).replace('T', ' '), full: nextAt };
  return [id, topic, state, told, next, { text: formatAge(createdAt, nowMs), full: createdAt }];
}

function readState(input: Input): Delivery['state'] | undefined {
  const text = input.get('state');
  const state = STATES.find((each) => each === text);
  if (text === undefined || state !== undefined) return state;
  throw new CliError('usage.invalid_value', `--state ${JSON.stringify(text)} is unknown`, {
    hint: `use one of ${STATES.join(', ')}`,
  });
}

function readLimit(input: Input): number {
  const text = input.get('limit') ?? String(DEFAULT_LIMIT);
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new CliError(
    'usage.invalid_value',
    `--limit ${JSON.stringify(text)} is not a number from 1 to ${MAX_LIMIT}`,
    { hint: 'sheaf webhook deliveries WEBHOOK --limit 100' },
  );
}

import type { CreatedWebhook, Webhook } from '@sheaf/client/contract';
import { parseNamespace, type Namespace } from '@sheaf/workflow';
import type { Flag, Input } from '../frame/args.js';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { WebhookCreateJson } from '../json/webhook-create.js';
import type { WebhookListJson } from '../json/webhook-list.js';
import type { WebhookRemoveJson } from '../json/webhook-remove.js';
import { AGREE_FLAG, agreeToChange } from '../registry/agreement.js';
import { explainChoice } from '../registry/choices.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { renderTable } from '../terminal/table.js';
import { readWebhookId } from './ids.js';
import { formatDay } from '../terminal/text.js';

export const TOPIC_FLAG: Flag = {
  name: 'topic',
  value: 'TOPIC',
  repeat: true,
  summary: 'tell it of this topic, such as workflow.published',
};

const WHOSE_FLAGS: readonly Flag[] = [
  { name: 'namespace', value: 'NS', completes: 'namespace', summary: 'of this namespace' },
  { name: 'all', summary: 'of every namespace, as an administrator' },
];

interface Created extends CreatedWebhook {
  readonly registry: string;
}

export const create = defineCommand<Created, WebhookCreateJson>({
  name: 'webhook create',
  about: 'Have what happens in a namespace sent to an address, signed; the secret is shown once.',
  positionals: { names: ['URL'], completes: [[]], required: 1 },
  flags: [
    ...WHOSE_FLAGS,
    { ...TOPIC_FLAG, summary: `${TOPIC_FLAG.summary} (default: every topic)` },
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf webhook create https://example.com/hooks/sheaf --namespace acme',
    'sheaf webhook create https://example.com/hooks/sheaf --all --topic release.yanked',
  ],
  exitCodes: [0, 2, 3, 4, 5, 6],
  run: async (context, input) => {
    const namespace = readNamespace(input, 'webhook create URL');
    const [url = ''] = input.positionals;
    const topics = [...input.all('topic')];
    return withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const request = { ...(namespace && { namespace }), url, ...(topics.length > 0 && { topics }) };
      try {
        const webhook = await session.client.createWebhook(request, { signal: context.signal });
        return { data: { registry: session.url, ...webhook } };
      } catch (error) {
        throw explainTopic(error, topics);
      }
    });
  },
  render: (data) => ({
    talk: `${printable(data.id)} sends ${topicsOf(data)} ${data.namespace === undefined ? 'of every namespace' : `of ${data.namespace}`} to ${printable(data.url)}; the secret that its messages are signed with is shown this once`,
    answer: printable(data.secret),
  }),
});

interface ListData {
  readonly registry: string;
  readonly webhooks: readonly Webhook[];
}

export const list = defineCommand<ListData, WebhookListJson>({
  name: 'webhook list',
  about: 'List the webhooks of a namespace, with what keeps them from being told.',
  positionals: { names: [], required: 0 },
  flags: [...WHOSE_FLAGS, REGISTRY_FLAG],
  examples: ['sheaf webhook list --namespace acme', 'sheaf webhook list --all --json'],
  exitCodes: [0, 2, 3, 4, 5, 6],
  run: async (context, input) => {
    const namespace = readNamespace(input, 'webhook list');
    return withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const webhooks = await session.client.listWebhooks(namespace, { signal: context.signal });
      return { data: { registry: session.url, webhooks } };
    });
  },
  render: ({ webhooks }, { columns, style }) => ({
    ...(webhooks.length === 0 && { talk: 'there are no webhooks' }),
    answer: renderTable(
      [
        { title: 'ID' },
        { title: 'OF' },
        { title: 'SENDS TO', least: 20 },
        { title: 'TOPICS', least: 11, drop: 1 },
        { title: 'STATE', least: 14 },
      ],
      webhooks.map(describe),
      { columns, style },
    ),
  }),
});

const LOSS = 'told of nothing any more, and what waits to be sent is given up';

interface Removed {
  readonly registry: string;
  readonly id: string;
}

export const remove = defineCommand<Removed, WebhookRemoveJson>({
  name: 'webhook remove',
  about: 'Remove a webhook with its deliveries; what waits to be sent is not.',
  positionals: { names: ['WEBHOOK'], completes: [[]], required: 1 },
  flags: [AGREE_FLAG, REGISTRY_FLAG],
  examples: [
    'sheaf webhook remove wh_5f1c0a9be2d47f6380c1d2e3',
    'sheaf webhook remove wh_5f1c0a9be2d47f6380c1d2e3 --json',
  ],
  exitCodes: [0, 2, 3, 4, 5, 6],
  run: async (context, input) => {
    const id = readWebhookId(input.positionals[0] ?? '');
    return withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const effect = [`it is ${LOSS}`];
      // With --yes the answer says it, once it is so.
      if (!input.has('yes')) await agreeToChange(context, { what: id, effect, act: 'remove it', yes: false });
      await session.client.removeWebhook(id, { signal: context.signal });
      return { data: { registry: session.url, id } };
    });
  },
  render: ({ id }) => ({ talk: `${id} removed: ${LOSS}` }),
});

/** What failed; of a topic that the registry does not know, with those that it knows. */
export function explainTopic(error: unknown, given: readonly string[]): unknown {
  return explainChoice(error, { flag: 'topic', pointer: /^\/topics\/(\d+)$/, given });
}

/** The namespace; none with `--all`. @throws CliError `usage.arguments` */
function readNamespace(input: Input, verb: string): Namespace | undefined {
  const name = input.get('namespace');
  if ((name === undefined) !== input.has('all'))
    throw new CliError('usage.arguments', `sheaf ${verb} needs --namespace or --all, and one of them`, {
      hint: `sheaf ${verb} --namespace NS`,
    });
  return name === undefined ? undefined : parseNamespace(name);
}

function topicsOf({ topics }: Webhook): string {
  return topics.length === 0 ? 'every topic' : printable(topics.join(', '));
}

/** `wh_…`, `acme`, `https://example.com/hook`, `every topic`, `stopped: it failed for five days`. */
function describe(webhook: Webhook): readonly string[] {
  const { id, namespace, url, enabled, note, failingSince } = webhook;
  const stopped = note === undefined ? 'stopped' : `stopped: ${note}`;
  const state = [
    ...(enabled ? [] : [stopped]),
    ...(failingSince === undefined ? [] : [`failing since ${formatDay(failingSince)}`]),
  ];
  return [id, namespace ?? '-', url, topicsOf(webhook), state.join(', ')];
}

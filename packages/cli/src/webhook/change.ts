import type { ChangeWebhookRequest, CreatedWebhook, Webhook } from '@sheaf/client/contract';
import type { Input } from '../frame/args.js';
import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { WebhookChangeJson } from '../json/webhook-change.js';
import type { WebhookSecretJson } from '../json/webhook-secret.js';
import { AGREE_FLAG, agreeToChange } from '../registry/agreement.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { readWebhookId } from './ids.js';
import { explainTopic, TOPIC_FLAG } from './manage.js';

interface Changed extends Webhook {
  readonly registry: string;
}

export const change = defineCommand<Changed, WebhookChangeJson>({
  name: 'webhook change',
  about: 'Send a webhook elsewhere, tell it of other topics, stop it, or start it again.',
  positionals: { names: ['WEBHOOK'], completes: [[]], required: 1 },
  flags: [
    { name: 'url', value: 'URL', summary: 'send to this address' },
    TOPIC_FLAG,
    { name: 'all-topics', summary: 'tell it of every topic' },
    { name: 'enable', summary: 'start it again, for what happens from now on' },
    { name: 'disable', summary: 'stop it; what waits to be sent is given up' },
    AGREE_FLAG,
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf webhook change wh_5f1c0a9be2d47f6380c1d2e3 --enable',
    'sheaf webhook change wh_5f1c0a9be2d47f6380c1d2e3 --topic release.yanked --topic key.revoked',
  ],
  exitCodes: [0, 2, 3, 4, 5, 6],
  run: async (context, input) => {
    const id = readWebhookId(input.positionals[0] ?? '');
    const wanted = readChange(input);
    return withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const effect = effectOf(wanted);
      // With --yes the answer says it, once it is so.
      if (effect.length > 0 && !input.has('yes'))
        await agreeToChange(context, { what: id, effect, act: 'change it', yes: false });
      try {
        const webhook = await session.client.changeWebhook(id, wanted, { signal: context.signal });
        return { data: { registry: session.url, ...webhook } };
      } catch (error) {
        throw explainTopic(error, input.all('topic'));
      }
    });
  },
  render: ({ id, url, topics, enabled, note }) => ({
    talk: [
      `${printable(id)} to ${printable(url)}`,
      topics.length === 0 ? 'every topic' : printable(topics.join(', ')),
      enabled ? 'enabled' : `stopped: ${printable(note ?? 'nobody said why')}`,
    ].join(' · '),
  }),
});

interface Rotated extends CreatedWebhook {
  readonly registry: string;
}

export const secret = defineCommand<Rotated, WebhookSecretJson>({
  name: 'webhook secret',
  about: 'Replace the secret of a webhook; the one before signs beside it for a day.',
  positionals: { names: ['WEBHOOK'], completes: [[]], required: 1 },
  flags: [REGISTRY_FLAG],
  examples: [
    'sheaf webhook secret wh_5f1c0a9be2d47f6380c1d2e3',
    'sheaf webhook secret wh_5f1c0a9be2d47f6380c1d2e3 --json',
  ],
  exitCodes: [0, 2, 3, 4, 5, 6],
  run: async (context, input) => {
    const id = readWebhookId(input.positionals[0] ?? '');
    return withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const webhook = await session.client.rotateWebhookSecret(id, { signal: context.signal });
      return { data: { registry: session.url, ...webhook } };
    });
  },
  render: (data) => ({
    talk: `new secret of ${printable(data.id)}; it is shown this once${data.oldSecretUntil === undefined ? '' : `, and the one before signs beside it until ${printable(data.oldSecretUntil.slice(0, 16).replace('T', ' '))} UTC`}`,
    answer: printable(data.secret),
  }),
});

function readChange(input: Input): ChangeWebhookRequest {
  const url = input.get('url');
  const topics = [...input.all('topic')];
  for (const [one, other] of [
    ['enable', 'disable'],
    ['topic', 'all-topics'],
  ] as const) {
    if (input.has(one) && input.has(other))
      throw new CliError('usage.exclusive_flags', `--${one} and --${other} exclude each other`, HELP);
  }
  const hasTopics = topics.length > 0 || input.has('all-topics');
  const isSwitched = input.has('enable') || input.has('disable');
  if (url === undefined && !hasTopics && !isSwitched)
    throw new CliError('usage.missing_flag', 'nothing is said to change', HELP);
  return {
    ...(url !== undefined && { url }),
    ...(hasTopics && { topics }),
    ...(isSwitched && { enabled: input.has('enable') }),
  };
}

/** What others notice of a change; to start a webhook again takes nothing from anybody. */
function effectOf({ url, topics, enabled }: ChangeWebhookRequest): readonly string[] {
  return [
    ...(url === undefined ? [] : [`it sends to ${printable(url)} from now on, and no longer where it did`]),
    ...(topics === undefined
      ? []
      : [`it is told of ${topics.length === 0 ? 'every topic' : `${printable(topics.join(', '))} only`}`]),
    ...(enabled === false ? ['it stops, and what waits to be sent is given up'] : []),
  ];
}

const HELP = { hint: 'sheaf webhook change --help' };

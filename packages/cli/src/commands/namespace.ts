import { policyEvent, type SignatureCount } from '@sheaf/client';
import type { NamespaceDocument } from '@sheaf/client/contract';
import { parseNamespace } from '@sheaf/workflow';
import { defineCommand, type CommandGroup } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { NamespaceCreateJson } from '../json/namespace-create.js';
import type { NamespaceShowJson } from '../json/namespace-show.js';
import type { NamespacePolicyJson } from '../json/namespace-policy.js';
import { chooseSigningKeys } from '../keys/signing-key.js';
import {
  EVENT_FLAG,
  openKeyDesk,
  renderOutcome,
  signAndSubmit,
  type EventOutcome,
} from '../keys/submit-event.js';
import { list, members, transfer } from '../namespace/members.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession, YES_FLAG } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { formatDay, plural, shortId } from '../terminal/text.js';
import { publisher } from './namespace-publisher.js';

interface Shown extends NamespaceDocument {
  readonly registry: string;
}

const create = defineCommand<Shown, NamespaceCreateJson>({
  name: 'namespace create',
  about: 'Create a namespace, which then is yours; the same again is safe.',
  positionals: { names: ['NS'], completes: ['namespace'], required: 1 },
  flags: [
    { name: 'private', summary: 'only its members can see that it is there; it cannot be changed later' },
    REGISTRY_FLAG,
  ],
  examples: ['sheaf namespace create acme', 'sheaf namespace create acme-internal --private'],
  exitCodes: [0, 1, 3, 5, 6, 7],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const name = parseNamespace(input.positionals[0] ?? '');
      await requireToken(context, session);
      await assertSameLog(context, session);
      const visibility = input.has('private') ? 'private' : 'public';
      const document = await session.client.createNamespace(name, { visibility, signal: context.signal });
      if (document.visibility !== visibility) {
        throw new CliError('namespace.exists', `${name} exists already, and is ${document.visibility}`, {
          hint: 'who may see a namespace cannot be changed: choose another name',
        });
      }
      return { data: { ...document, registry: session.url } };
    }),
  render: (data) => ({
    talk: [
      `namespace ${data.name} at ${data.registry} is yours${data.visibility === 'private' ? '; only its members can see it' : ''}`,
      ...(data.keys.length > 0
        ? []
        : [`it has no key yet: sheaf key register ${data.name} --key NAME, or sheaf publish, which asks`]),
    ].join('\n'),
    answer: data.name,
  }),
});

const show = defineCommand<Shown, NamespaceShowJson>({
  name: 'namespace show',
  about: 'Show what the registry says of a namespace: who may see it, its keys, how many must sign.',
  positionals: { names: ['NS'], completes: ['namespace'], required: 1 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf namespace show acme', 'sheaf namespace show acme --json'],
  exitCodes: [0, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const name = parseNamespace(input.positionals[0] ?? '');
      await assertSameLog(context, session);
      const document = await session.client.getNamespace(name, { signal: context.signal });
      return { data: { ...document, registry: session.url } };
    }),
  render: (data, { style, talkStyle }) => {
    const active = data.keys.filter((key) => key.revoked === undefined).length;
    return {
      talk: talkStyle.dim(`not verified; what the log proves: sheaf key list --namespace ${data.name}`),
      answer: [
        style.bold(data.name),
        `  seen by   ${data.visibility === 'private' ? 'its members' : 'everybody'}`,
        ...(data.role === undefined ? [] : [`  your role ${printable(data.role)}`]),
        `  must sign ${data.threshold} of ${plural(active, 'active key')}`,
        ...data.keys.map((key) => `  key       ${shortId(key.id)}  ${describeKey(key)}`),
      ].join('\n'),
    };
  },
});

function describeKey(key: NamespaceDocument['keys'][number]): string {
  const since = `since #${key.logIndex} ${formatDay(key.addedAt)}${key.recovery === true ? ', by recovery' : ''}`;
  const { revoked } = key;
  if (revoked === undefined) return since;
  const from = revoked.fromIndex === undefined ? '' : ` from #${revoked.fromIndex}`;
  return `${since}, revoked at #${revoked.logIndex} as ${revoked.reason}${from}`;
}

interface PolicyChanged extends EventOutcome {
  readonly threshold: number;
  readonly before: number;
  readonly activeKeys: number;
}

const policy = defineCommand<PolicyChanged, NamespacePolicyJson>({
  name: 'namespace policy',
  about: 'Set how many keys must sign whatever is published in a namespace, and its key events.',
  positionals: { names: ['NS'], completes: ['namespace'], required: 1 },
  flags: [
    { name: 'threshold', value: 'K', summary: 'how many different keys must sign, 1 to 15' },
    { name: 'key', value: 'NAME', completes: 'key', repeat: true, summary: 'sign with this key' },
    EVENT_FLAG,
    YES_FLAG,
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf namespace policy acme --threshold 2 --key laptop --key token',
    'sheaf namespace policy acme --threshold 2 --key laptop --event policy.json',
  ],
  exitCodes: [0, 1, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const threshold = readThreshold(input.get('threshold'));
      const [namespace = ''] = input.positionals;
      const desk = await openKeyDesk(context, session, { namespace, yes: input.has('yes') });
      const { history } = desk;
      const activeKeys = history.keys.filter((key) => key.revoked === undefined).length;
      const facts = { threshold, before: history.threshold, activeKeys };
      assertReachable(threshold, activeKeys, desk.namespace);
      const event = policyEvent(
        { registry: desk.pin.origin, namespace: desk.namespace },
        threshold,
        history.policyIndex,
      );
      if (history.threshold === threshold) {
        const none: Pick<SignatureCount, 'needed'> & { signedBy: [] } = { needed: 0, signedBy: [] };
        const { type } = event;
        return {
          data: {
            ...facts,
            ...none,
            status: 'unchanged',
            namespace: desk.namespace,
            type,
            registry: session.url,
          },
        };
      }
      const place = { registry: desk.pin.origin, namespace: desk.namespace };
      const keys = await chooseSigningKeys(context, input.all('key'), [place]);
      const signers = keys.map(({ key }) => key);
      const outcome = await signAndSubmit(context, session, desk, {
        event,
        signers,
        file: input.get('event'),
      });
      return { data: { ...outcome, ...facts } };
    }),
  render: (data) => ({
    talk: [
      `${data.namespace}: ${data.status === 'written' ? 'would ask' : 'asks'} for ${plural(data.threshold, 'signature')} of ${plural(data.activeKeys, 'active key')}${data.before === data.threshold ? '' : `, ${data.before} before`}`,
      ...renderOutcome(data),
    ].join('\n'),
    answer: data.file ?? `${data.namespace} ${data.threshold}`,
  }),
});

function readThreshold(text: string | undefined): number {
  if (text !== undefined && /^(?:[1-9]|1[0-5])$/.test(text)) return Number(text);
  throw new CliError(
    'usage.threshold',
    text === undefined
      ? 'the policy needs a threshold'
      : `--threshold ${JSON.stringify(text)} is not a number from 1 to 15`,
    { hint: 'sheaf namespace policy acme --threshold 2 --key NAME --key NAME' },
  );
}

function assertReachable(threshold: number, active: number, namespace: string): void {
  if (threshold <= active) return;
  throw new CliError(
    'usage.threshold',
    `${namespace} has ${plural(active, 'active key')}, and ${threshold} could never sign`,
    { hint: `register more first: sheaf key register ${namespace} --key NAME --endorse NAME` },
  );
}

export const command: CommandGroup = {
  name: 'namespace',
  about: 'Namespaces: who may publish under a name, who its members are, and how many keys must sign.',
  commands: [create, list, show, members, publisher, policy, transfer],
};

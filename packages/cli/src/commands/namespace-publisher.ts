import { isClientError } from '@sheaf/client';
import type { TrustedIssuerDocument, TrustedPublisher } from '@sheaf/client/contract';
import { parseNamespace, parseWorkflowName } from '@sheaf/workflow';
import type { Input } from '../frame/args.js';
import { defineCommand } from '../frame/command.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import type { NamespacePublisherJson } from '../json/namespace-publisher.js';
import { AGREE_FLAG, agreeToChange } from '../registry/agreement.js';
import { CLAIM_FLAGS, CLAIMS_BY_FLAG, claimsOf } from '../registry/job-claims.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession, type Session } from '../registry/session.js';
import { printable } from '../terminal/escape.js';
import { formatDay } from '../terminal/text.js';

interface PublisherData {
  readonly registry: string;
  readonly namespace: string;
  readonly action: 'add' | 'list' | 'remove';
  readonly created?: boolean;
  readonly removed?: string;
  readonly publishers: readonly TrustedPublisher[];
}

export const publisher = defineCommand<PublisherData, NamespacePublisherJson>({
  name: 'namespace publisher',
  about:
    'Let CI jobs publish in a namespace without a stored secret: add, list or remove trusted publishers. A namespace that is not there is created by the first publish.',
  positionals: { names: ['add|list|remove', 'NS', 'ID'], completes: [[], 'namespace', []], required: 2 },
  flags: [
    {
      name: 'issuer',
      value: 'ISSUER',
      summary: 'github, gitlab, or the URL of an issuer that the registry takes',
    },
    {
      name: 'only',
      value: 'WORKFLOW',
      completes: 'reference',
      summary: 'may publish this workflow of the namespace alone',
    },
    ...CLAIM_FLAGS,
    { ...AGREE_FLAG, summary: 'agree to a removal; needed where there is no terminal to ask on' },
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf namespace publisher add acme --issuer github --repository-id 1296269 --owner-id 583231 --workflow release.yml --ref "refs/tags/v*"',
    'sheaf namespace publisher list acme',
    'sheaf namespace publisher remove acme 1f0c9a2b3c4d5e6f',
  ],
  exitCodes: [0, 2, 3, 4, 5, 6],
  run: (context, input) =>
    withSession(context, input, async (session) => {
      const [action = '', name = '', id] = input.positionals;
      const namespace = parseNamespace(name);
      if (action !== 'add' && action !== 'list' && action !== 'remove')
        throw new CliError('usage.unknown_command', `${JSON.stringify(action)} is not add, list or remove`, {
          hint: 'sheaf namespace publisher list acme',
        });
      if (action === 'remove' && id === undefined)
        throw new CliError('usage.missing_argument', 'remove needs the ID of a trusted publisher', {
          hint: `sheaf namespace publisher list ${namespace}`,
        });
      await requireToken(context, session);
      await assertSameLog(context, session);
      const { signal } = context;
      const common = { registry: session.url, namespace, action } as const;
      if (action === 'list') {
        const publishers = await session.client.listTrustedPublishers(namespace, { signal });
        return { data: { ...common, publishers } };
      }
      if (action === 'add') {
        const added = await add(context, session, input, namespace);
        return { data: { ...common, created: added.created, publishers: [added.publisher] } };
      }
      const removed = await remove(context, session, { namespace, id, yes: input.has('yes') });
      return { data: { ...common, removed: removed.id, publishers: [removed] } };
    }),
  render: (data) => ({
    talk: talkOf(data),
    answer: data.publishers.map(describe).join('\n'),
  }),
});

async function add(context: Context, session: Session, input: Input, namespace: string) {
  const { signal } = context;
  const issuer = findIssuer(await session.client.listTrustedIssuers({ signal }), input.get('issuer'));
  const only = input.get('only');
  const request = {
    namespace,
    ...(only === undefined ? {} : { workflow: parseWorkflowName(only) }),
    issuer: issuer.issuer,
    claims: claimsOf(issuer.kind, input),
  };
  try {
    return await session.client.addTrustedPublisher(request, { signal });
  } catch (error) {
    throw explainClaims(error, issuer.kind);
  }
}

/** The registry speaks of claims; here they have flags. */
function explainClaims(error: unknown, kind: TrustedIssuerDocument['kind']): unknown {
  if (!isClientError(error, 'publisher.refused')) return error;
  const named = new Set(error.message.match(/[a-z_]+/g));
  const flags = Object.entries(CLAIMS_BY_FLAG[kind]).filter(([, claim]) => named.has(claim));
  if (flags.length === 0) return error;
  return new CliError(error.code, error.message, {
    cause: error,
    hint: [
      flags.map(([flag, claim]) => `--${flag} is ${claim}`).join(', '),
      'sheaf namespace publisher --help says where they are found',
    ],
  });
}

function findIssuer(
  issuers: readonly TrustedIssuerDocument[],
  asked: string | undefined,
): TrustedIssuerDocument {
  const found = issuers.filter(
    ({ issuer, kind }) => asked === undefined || issuer === asked || kind === asked,
  );
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const known = issuers.map(({ issuer }) => printable(issuer)).join(', ');
  throw new CliError(
    'usage.issuer',
    only === undefined
      ? `the registry takes no tokens of ${asked ?? 'any issuer'}`
      : `there are several issuers: ${found.map(({ issuer }) => printable(issuer)).join(', ')}`,
    {
      hint:
        known === ''
          ? 'its operator names issuers in SHEAF_TRUSTED_ISSUERS'
          : `name one with --issuer: ${known}`,
    },
  );
}

async function remove(
  context: Context,
  session: Session,
  {
    namespace,
    id,
    yes,
  }: { readonly namespace: string; readonly id: string | undefined; readonly yes: boolean },
): Promise<TrustedPublisher> {
  const { signal } = context;
  const publishers = await session.client.listTrustedPublishers(namespace, { signal });
  const found = publishers.find((each) => each.id === id);
  if (found === undefined)
    throw new CliError(
      'publisher.not_found',
      `${namespace} has no trusted publisher ${JSON.stringify(id ?? '')}`,
      {
        hint: `sheaf namespace publisher list ${namespace}`,
      },
    );
  const effect = ['its jobs publish no more, and the keys that it was given end', 'what it published stays'];
  await agreeToChange(context, { what: describe(found), effect, act: 'remove it', yes });
  await session.client.removeTrustedPublisher(found.id, { signal });
  return found;
}

function talkOf({ action, namespace, created, publishers }: PublisherData): string {
  if (action === 'list') return publishers.length === 0 ? `${namespace} has no trusted publishers` : '';
  if (action === 'remove') return 'removed, with the keys that it was given; what it published stays';
  const isPending = publishers.some(({ pending }) => pending === true);
  const next = isPending ? `; its first publish creates ${namespace}, which then is yours` : '';
  return `${created === true ? 'added' : 'it is there already'}${next}`;
}

function describe({
  id,
  namespace,
  workflow,
  issuer,
  claims,
  pending,
  createdBy,
  lastUsedAt,
}: TrustedPublisher): string {
  const listed = Object.entries(claims).map(([name, value]) => `${name}=${value}`);
  const used = lastUsedAt === undefined ? 'never used' : `last used ${formatDay(lastUsedAt)}`;
  const by = createdBy === undefined ? '' : `  added by ${createdBy}`;
  const target = workflow === undefined ? `${namespace}/*` : `${namespace}/${workflow}`;
  return printable(
    `${id}  ${target}  ${issuer}  ${listed.join(' ')}  ${pending === true ? 'waits for the namespace' : used}${by}`,
  );
}

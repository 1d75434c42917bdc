import { parseNamespace } from '@sheaf/workflow';
import { defineCommand } from '../frame/command.js';
import type { Input } from '../frame/args.js';
import { CliError } from '../frame/errors.js';
import type { AuditLogJson } from '../json/audit-log.js';
import { auditRegistry, progressOf, type Audited } from '../registry/audit.js';
import { withSession, YES_FLAG } from '../registry/session.js';
import { plural } from '../terminal/text.js';

interface AuditData extends Audited {
  readonly watched: readonly string[];
  readonly registry: string;
  readonly realm: string;
}

const DEFAULT_INTERVAL_S = 60;
const MAX_INTERVAL_S = 86_400;

export const command = defineCommand<AuditData, AuditLogJson>({
  name: 'audit-log',
  about:
    'Follow the log of a registry from where the last audit ended, prove every entry, and hold it against the rules.',
  positionals: { names: ['REGISTRY'], completes: ['registry'], required: 0 },
  flags: [
    {
      name: 'watch',
      value: 'NS',
      completes: 'namespace',
      repeat: true,
      summary: 'print the entries of this namespace only, and ask who signed its key events',
    },
    {
      name: 'realm',
      value: 'NS',
      completes: 'namespace',
      summary: 'audit the log of this private namespace',
    },
    { name: 'from-start', summary: 'audit all entries again' },
    { name: 'follow', summary: 'go on until Ctrl-C' },
    { name: 'interval', value: 'S', summary: 'with --follow, seconds between two looks, 60 unless given' },
    YES_FLAG,
  ],
  examples: ['sheaf audit-log', 'sheaf audit-log https://wf.example.com --watch acme --follow --json'],
  exitCodes: [0, 3, 4, 5, 6],
  jsonSummary: 'print each entry as a line of JSON; the last line is the result',
  run: (context, input) => {
    const realm = namespaceOf('realm', input.get('realm')) ?? 'public';
    const options = {
      realm,
      watched: new Set(input.all('watch').flatMap((name) => namespaceOf('watch', name) ?? [])),
      fromStart: input.has('from-start'),
      intervalMs: intervalOf(input),
      yes: input.has('yes'),
    };
    return withSession(
      context,
      input,
      async (session) => ({
        data: {
          ...(await auditRegistry(context, session, options)),
          registry: session.url,
          realm,
          watched: [...options.watched],
        },
      }),
      { url: input.positionals[0] },
    );
  },
  toJson: ({ registry, realm, entries, unknown, shown, result }) => ({
    registry,
    realm,
    entries,
    unknown,
    shown,
    namespaces: result.namespaces,
    refused: result.refused,
    size: result.size,
    root: Buffer.from(result.root).toString('base64'),
    checkpoint: result.note,
  }),
  render: ({ result, entries, unknown, shown, watched }) => ({
    answer: progressOf({ ...result, entries }),
    epilogue: [
      ...(watched.length === 0 || shown > 0
        ? []
        : [`none of ${plural(entries, 'entry', 'entries')} is of ${watched.join(', ')}`]),
      ...(unknown === 0
        ? []
        : [
            `${plural(unknown, 'entry', 'entries')} of a type that this version does not know: upgrade sheaf to judge them`,
          ]),
    ].join('\n'),
  }),
});

function namespaceOf(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return parseNamespace(text);
  } catch (error) {
    throw new CliError('usage.namespace', `--${flag} takes the name of a namespace`, { cause: error });
  }
}

function intervalOf(input: Input): number | undefined {
  const text = input.get('interval');
  if (!input.has('follow')) {
    if (text !== undefined) throw new CliError('usage.interval', '--interval goes with --follow');
    return undefined;
  }
  const seconds = text === undefined ? DEFAULT_INTERVAL_S : Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_INTERVAL_S) {
    throw new CliError('usage.interval', `--interval takes whole seconds from 1 to ${MAX_INTERVAL_S}`);
  }
  return seconds * 1000;
}

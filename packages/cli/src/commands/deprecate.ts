import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import { readExactReference } from '../registry/exact.js';
import { readReference } from '../registry/fetch.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { printable } from '../terminal/escape.js';

interface Deprecated {
  readonly id: string;
  readonly version: string;
  readonly state: string;
  readonly reason: string;
  readonly replacement?: string;
  readonly registry: string;
}

export const command = defineCommand<Deprecated>({
  name: 'deprecate',
  about: 'Advise against a version: it stays available, and everybody who uses it sees the reason.',
  positionals: { names: ['REF'], required: 1 },
  flags: [
    { name: 'reason', value: 'TEXT', summary: 'why; it is shown to everybody and logged for good' },
    { name: 'replacement', value: 'REF', summary: 'what to use instead' },
    REGISTRY_FLAG,
  ],
  examples: [
    'sheaf deprecate acme/deploy@1.2.0 --reason "loses tags" --replacement acme/deploy@1.2.1',
    'sheaf deprecate acme/deploy@1.2.0 --reason "no longer kept"',
  ],
  exitCodes: [0, 3, 4, 5, 6],
  run: async (context, input) => {
    const { id, version } = readExactReference(input.positionals[0] ?? '', 'deprecate');
    const reason = input.get('reason')?.trim() ?? '';
    if (reason === '') {
      throw new CliError('usage.missing_flag', 'a deprecation needs a reason', {
        hint: `sheaf deprecate ${id}@${version} --reason "use 2.0"`,
      });
    }
    const replacement = input.get('replacement');
    if (replacement !== undefined) readReference(replacement);
    return withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const document = await session.client.deprecate(
        id,
        version,
        { reason, ...(replacement === undefined ? {} : { replacement }) },
        { signal: context.signal },
      );
      return {
        data: {
          id,
          version,
          state: document.state,
          reason: document.reason ?? reason,
          ...(document.replacement === undefined ? {} : { replacement: document.replacement }),
          registry: session.url,
        },
      };
    });
  },
  render: (data) => ({
    talk: `${data.id} ${data.version} can still be fetched and run; it is ranked lower, and warns: ${printable(data.reason)}${data.replacement === undefined ? '' : ` (replacement: ${printable(data.replacement)})`}`,
    answer: `${data.id}@${data.version} ${printable(data.state)}`,
  }),
});

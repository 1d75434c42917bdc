import { defineCommand } from '../frame/command.js';
import { readExactReference } from '../registry/exact.js';
import { assertSameLog } from '../registry/log-key.js';
import { REGISTRY_FLAG, requireToken, withSession } from '../registry/session.js';
import { printable } from '../terminal/escape.js';

export const command = defineCommand({
  name: 'undeprecate',
  about: 'Take the deprecation of a version back.',
  positionals: { names: ['REF'], required: 1 },
  flags: [REGISTRY_FLAG],
  examples: ['sheaf undeprecate acme/deploy@1.2.0', 'sheaf undeprecate acme/deploy@1.2.0 --json'],
  exitCodes: [0, 3, 4, 5, 6],
  run: async (context, input) => {
    const { id, version } = readExactReference(input.positionals[0] ?? '', 'undeprecate');
    return withSession(context, input, async (session) => {
      await requireToken(context, session);
      await assertSameLog(context, session);
      const { state } = await session.client.undeprecate(id, version, { signal: context.signal });
      return { data: { id, version, state, registry: session.url } };
    });
  },
  render: (data) => ({ answer: `${data.id}@${data.version} ${printable(data.state)}` }),
});

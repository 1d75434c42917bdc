import { defineCommand } from '../frame/command.js';
import { CliError } from '../frame/errors.js';
import type { KeySubmitJson } from '../json/key-submit.js';
import { describeEvent } from '../keys/describe-event.js';
import { readEventFile } from '../keys/event-file.js';
import { openKeyDesk, renderOutcome, submit, type EventOutcome } from '../keys/submit-event.js';
import { REGISTRY_FLAG, withSession, YES_FLAG } from '../registry/session.js';

interface Submitted extends EventOutcome {
  readonly event: readonly string[];
}

export const submitEvent = defineCommand<Submitted, KeySubmitJson>({
  name: 'key submit',
  about: 'Send a key event from a file, once enough keys have signed it. The same again is safe.',
  positionals: { names: ['FILE'], completes: ['file'], required: 1 },
  flags: [YES_FLAG, REGISTRY_FLAG],
  examples: ['sheaf key submit policy.json', 'sheaf key submit policy.json --json'],
  exitCodes: [0, 1, 3, 4, 5, 6],
  run: async (context, input) => {
    const { envelope, event, path } = await readEventFile(context, input.positionals[0] ?? '');
    return withSession(context, input, async (session) => {
      const desk = await openKeyDesk(context, session, {
        namespace: event.namespace,
        yes: input.has('yes'),
      });
      if (event.registry !== desk.pin.origin) {
        throw new CliError('key.event_invalid', 'the event was signed for another registry', {
          evidence: [`signed for  ${event.registry}`, `this one    ${desk.pin.origin}`],
          hint: 'name the right one: --registry URL',
        });
      }
      const outcome = await submit(context, session, { event, envelope, history: desk.history, file: path });
      return { data: { ...outcome, event: describeEvent(event) } };
    });
  },
  render: (data) => ({
    talk: [...data.event, ...renderOutcome(data)].join('\n'),
    answer: `${data.namespace} ${data.type}`,
  }),
});

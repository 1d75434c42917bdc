import type { JsonSchema } from './json-schema.js';
import { list, option, reference, table, text } from './parts.js';

const given: JsonSchema = {
  type: 'object',
  description: 'Parameters of the run; texts may hold expressions in ${{ }} about `event`',
  propertyNames: reference('identifier'),
  maxProperties: 100,
};

const match = option('One expression in ${{ }} about `event`; others start nothing', {
  type: 'string',
  maxLength: 8192,
});

/** What starts runs by itself. */
export const triggersSchema: JsonSchema = table('What starts a run', {
  manual: option('False: nobody may start it by hand', { type: 'boolean' }),
  webhook: list(
    table(
      'A request to the runner',
      {
        path: {
          type: 'string',
          description: 'a path like /deploy, of letters, digits, / . _ and -',
          pattern: '^(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}){1,8}$',
        },
        secret: reference('variable'),
        match,
        with: given,
      },
      ['path'],
    ),
    'Requests to the runner that start it',
    20,
  ),
  event: list(
    table('An event from a source', { source: reference('source'), match, with: given }, ['source']),
    'Events that start it',
    20,
  ),
  schedule: list(
    table(
      'Times at which it starts',
      {
        cron: text('Minute, hour, day of the month, month, day of the week, like "0 3 * * 1-5"', 100),
        timezone: {
          type: 'string',
          description: 'an IANA time zone, like Europe/Berlin; UTC where unset',
          pattern: '^[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,32}){0,2}$',
        },
        overlap: option('When the run before is not over; skip where unset', {
          type: 'string',
          enum: ['skip', 'queue', 'allow'],
        }),
        catch_up: option('Times that passed while nothing ran; none where unset', {
          type: 'string',
          enum: ['none', 'last', 'all'],
        }),
        with: given,
      },
      ['cron'],
    ),
    'Times at which it starts',
    20,
  ),
});

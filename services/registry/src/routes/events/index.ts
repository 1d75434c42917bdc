import { EventListSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Route } from '../route.js';
import { EventsQuerySchema, listEvents } from './list.js';

/** The feed of what the logs have confirmed. */
export function eventRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/events',
      handler: listEvents(deps),
      operation: {
        id: 'listEvents',
        summary: 'Follow what happens, without a gap',
        tag: 'events',
        access: 'readable',
        query: EventsQuerySchema,
        responses: { 200: { description: 'The events after the cursor', schema: EventListSchema } },
        problems: ['events.cursor_unknown'],
      },
    },
  ];
}

import { WhoamiSchema } from '@sheaf/client/contract';
import type { Route } from '../route.js';
import { showWhoami } from './show.js';

/** Who the caller is. */
export function whoamiRoutes(): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/whoami',
      handler: showWhoami(),
      operation: {
        id: 'showWhoami',
        summary: 'Whose token this is and what it covers',
        tag: 'access',
        access: 'signed-in',
        responses: { 200: { description: 'The caller', schema: WhoamiSchema } },
        problems: [],
      },
    },
  ];
}

import type { AppDeps } from '../../app-deps.js';
import type { Route } from '../route.js';
import { showCheckpoint } from './checkpoint.js';
import { showTile } from './tile.js';

/** The transparency logs, as C2SP tlog-tiles has them. */
export function logRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/log/:realm/checkpoint',
      handler: showCheckpoint(deps),
      operation: {
        id: 'showCheckpoint',
        summary: 'The newest signed checkpoint',
        tag: 'log',
        access: 'readable',
        responses: {
          200: {
            description: 'C2SP tlog-checkpoint, a signed note',
            mediaType: 'text/plain',
            isRepresentation: true,
          },
        },
        problems: ['tile.not_found'],
      },
    },
    {
      method: 'get',
      path: '/log/:realm/tile/*tile',
      handler: showTile(deps),
      operation: {
        id: 'showTile',
        summary: 'Hashes or entries of the log',
        tag: 'log',
        access: 'readable',
        responses: {
          200: {
            description: 'A C2SP tlog-tiles tile or entry bundle; immutable',
            mediaType: 'application/octet-stream',
            isRepresentation: true,
          },
        },
        problems: ['tile.not_found'],
      },
    },
  ];
}

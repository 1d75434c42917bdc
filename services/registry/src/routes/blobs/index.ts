import { MEDIA_TYPES } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Route } from '../route.js';
import { showBlob } from './show.js';

/** Bundles by digest. */
export function blobRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/blobs/sha256/:hex',
      handler: showBlob(deps),
      operation: {
        id: 'showBlob',
        summary: 'A bundle by the digest of its tar',
        tag: 'blobs',
        access: 'readable',
        responses: {
          200: {
            description: 'The compressed bundle',
            mediaType: MEDIA_TYPES.bundle,
            isRepresentation: true,
          },
        },
        problems: ['blob.not_found', 'state.quarantined', 'service.storage_down'],
      },
    },
  ];
}

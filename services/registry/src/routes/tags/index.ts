import { TagListSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Route } from '../route.js';
import { listTagsRoute, TagParameters } from './list.js';

/** Tags. */
export function tagRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/tags',
      handler: listTagsRoute(deps),
      operation: {
        id: 'listTags',
        summary: 'Tags with how many workflows carry them, most used first',
        tag: 'workflows',
        access: 'readable',
        query: TagParameters,
        responses: { 200: { description: 'The tags', schema: TagListSchema, isRepresentation: true } },
        problems: ['service.busy'],
      },
    },
  ];
}

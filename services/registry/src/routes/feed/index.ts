import type { ProblemCode } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Operation } from '../../http/operation.js';
import type { Route } from '../route.js';
import { ATOM, feedHandlers } from './show.js';

/** Atom feeds, for readers of news. */
export function feedRoutes(deps: AppDeps): readonly Route[] {
  const handlers = feedHandlers(deps);
  return [
    {
      method: 'get',
      path: '/feed.atom',
      handler: handlers.all,
      operation: operation('showFeed', 'What happened last, as an Atom feed', 'public', []),
    },
    {
      method: 'get',
      path: '/feed/:namespace.atom',
      handler: handlers.namespace,
      operation: operation('showNamespaceFeed', 'What happened last in a namespace', 'readable', [
        'namespace.not_found',
      ]),
    },
    {
      method: 'get',
      path: '/feed/:namespace/:name.atom',
      handler: handlers.workflow,
      operation: operation('showWorkflowFeed', 'What happened last to a workflow', 'readable', [
        'workflow.not_found',
      ]),
    },
  ];
}

function operation(
  id: string,
  summary: string,
  access: Operation['access'],
  problems: readonly ProblemCode[],
): Operation {
  const responses = { 200: { description: 'The feed', mediaType: ATOM, isRepresentation: true } } as const;
  return { id, summary, tag: 'events', access, responses, problems };
}

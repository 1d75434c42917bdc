import type { PageRoute } from './page-route.js';

/** Searches go on for ever, and the API is for programs. */
const TEXT = ['User-agent: *', 'Disallow: /search', 'Disallow: /v1/', 'Disallow: /auth/', ''].join('\n');

/** `GET /robots.txt`: what search engines need not look at. */
export function robotsRoute(): PageRoute {
  return {
    method: 'get',
    path: '/robots.txt',
    handler: (ctx) => {
      ctx.set('Cache-Control', 'public, max-age=86400');
      ctx.body = TEXT;
      ctx.type = 'text/plain; charset=utf-8';
      return Promise.resolve();
    },
  };
}

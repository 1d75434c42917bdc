import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import type { Route } from '../route.js';
import { finishLoginRoute } from './callback.js';
import { LoginQuery, startLoginRoute } from './login.js';
import { logoutRoute } from './logout.js';
import { SESSION_PATH } from './return-path.js';
import { showSession } from './session.js';

const AWAY = { Location: 'where to go' };

/** Signing in by a browser. Afterwards a cookie stands for the person; writes with it must come from this origin. */
export function authRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/auth/login',
      handler: startLoginRoute(deps),
      operation: {
        id: 'startLogin',
        summary: 'Send a browser to the identity provider',
        tag: 'access',
        access: 'public',
        query: LoginQuery,
        responses: { 303: { description: 'To the identity provider', headers: AWAY } },
        problems: ['auth.sign_in_unavailable', 'auth.provider_down'],
        isForBrowsers: true,
      },
    },
    {
      method: 'get',
      path: '/auth/callback',
      handler: finishLoginRoute(deps),
      operation: {
        id: 'finishLogin',
        summary: 'Where the identity provider sends a browser back to',
        tag: 'access',
        access: 'public',
        query: Type.Object({
          code: Type.Optional(Type.String()),
          state: Type.Optional(Type.String()),
          iss: Type.Optional(Type.String()),
          error: Type.Optional(Type.String()),
        }),
        responses: {
          303: {
            description: 'To the page that asked for the sign-in, else to that of the session',
            headers: AWAY,
          },
        },
        problems: ['auth.sign_in_unavailable', 'auth.sign_in_failed', 'auth.suspended', 'auth.provider_down'],
        isForBrowsers: true,
      },
    },
    {
      method: 'get',
      path: SESSION_PATH,
      handler: showSession(deps),
      operation: {
        id: 'showSession',
        summary: 'A page that says who this browser is signed in as',
        tag: 'access',
        access: 'public',
        responses: { 200: { description: 'The page', mediaType: 'text/html' } },
        problems: ['auth.suspended'],
        isForBrowsers: true,
      },
    },
    {
      method: 'post',
      path: '/auth/logout',
      handler: logoutRoute(deps),
      operation: {
        id: 'logout',
        summary: 'End the session of this browser',
        tag: 'access',
        access: 'public',
        responses: { 303: { description: 'To the page of the session', headers: AWAY } },
        problems: ['auth.cross_site'],
        isForBrowsers: true,
      },
    },
  ];
}

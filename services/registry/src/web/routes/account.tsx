import { CreateTokenSchema, type CreatedToken } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { NAMESPACE_SCOPE_VERBS, RECOVERY, SCOPE_VERBS } from '../../domain/access/actions.js';
import { issueToken, listOwnTokens } from '../../domain/access/issue-token.js';
import { revokeOwnToken } from '../../domain/access/tokens.js';
import { authorize } from '../../domain/access/authorization.js';
import { listOwnNamespaces } from '../../domain/namespaces/own.js';
import type { RequestContext } from '../../http/context.js';
import { checkOf } from '../../http/json-body.js';
import { publicUrlOf } from '../../http/public-url.js';
import { sendAway } from '../../routes/auth/login.js';
import { callerOf } from '../../routes/params.js';
import { readForm, type Form } from '../forms/read-form.js';
import { AccountPage } from '../pages/account/account.js';
import { pages } from '../paths.js';
import { answerPage } from '../render/answer-page.js';
import { siteOf } from '../render/site.js';
import type { PageRoute } from './page-route.js';

const check = checkOf(CreateTokenSchema, 'the form');
/** Of a token's id. */
const TOKEN_ID = /^[0-9a-f]{16}$/;

/** `GET /account`: who is signed in, and their tokens. A stranger is asked to sign in. */
export function accountRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/account',
    handler: async (ctx) => {
      if (ctx.state.principal === undefined && deps.signIn.provider !== undefined) {
        sendAway(ctx, `${publicUrlOf(deps, ctx)}${pages.signIn(pages.account())}`);
        return;
      }
      await answerAccount(deps, ctx);
    },
  };
}

/** `POST /account/tokens`: makes a token, and shows it this once. */
export function createTokenRoute(deps: AppDeps): PageRoute {
  return {
    method: 'post',
    path: '/account/tokens',
    handler: async (ctx) => {
      const created = await issueToken(deps, callerOf(ctx), async () => requestOf(await readForm(deps, ctx)));
      await answerAccount(deps, ctx, created);
    },
  };
}

/** `POST /account/tokens/revoke`: revokes one of the caller's. An unknown one is gone already. */
export function revokeTokenRoute(deps: AppDeps): PageRoute {
  return {
    method: 'post',
    path: '/account/tokens/revoke',
    handler: async (ctx) => {
      const { principal, requestId } = ctx.state;
      authorize(principal, 'token.manage');
      const id = (await readForm(deps, ctx)).text('id');
      if (TOKEN_ID.test(id)) await revokeOwnToken(deps, { principal, requestId }, id);
      sendAway(ctx, `${publicUrlOf(deps, ctx)}${pages.account()}`);
    },
  };
}

/** What a form asks for, as the API takes it. A verb that is of no namespace stays unbound. */
function requestOf(form: Form) {
  const namespace = form.text('in');
  const bind = (verb: string) =>
    namespace === '' || !NAMESPACE_SCOPE_VERBS.has(verb) ? verb : `${verb}:${namespace}`;
  return check({
    name: form.text('name').trim(),
    scopes: form.all('verb').map(bind),
    expiresInDays: Number(form.text('days')),
  });
}

async function answerAccount(deps: AppDeps, ctx: RequestContext, created?: CreatedToken): Promise<void> {
  const { principal } = ctx.state;
  authorize(principal, 'account.read');
  const { viewer } = siteOf(deps, ctx);
  const { defaultDays, maxDays } = deps.signIn.tokens;
  const verbs = SCOPE_VERBS.filter((verb) => verb !== RECOVERY && (principal.isAdmin || !ADMINS.has(verb)));
  await answerPage(deps, ctx, { path: undefined, tags: [] }, async () => ({
    title: 'Account',
    section: 'account',
    isListed: false,
    body: viewer && (
      <AccountPage
        viewer={viewer}
        namespaces={await listOwnNamespaces(deps, principal)}
        tokens={await listOwnTokens(deps, callerOf(ctx))}
        verbs={verbs}
        days={{ usual: defaultDays, most: maxDays }}
        created={created}
      />
    ),
  }));
}

/** What only admins may hand out. */
const ADMINS: ReadonlySet<string> = new Set(['admin', 'quarantine']);

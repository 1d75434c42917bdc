import { DEFAULT_LIMITS } from '@sheaf/bundle';
import { routes, type WellKnown } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { PUBLIC_REALM } from '../../domain/log/realms.js';
import type { Handler } from '../../http/context.js';
import { answerJson } from '../readable-answers.js';

/** `GET /.well-known/sheaf-registry`: who this registry is. A client pins the log key it sees here, after asking. */
export function showWellKnown(deps: AppDeps): Handler {
  const { tarBytes, files, fileBytes, definitionBytes } = DEFAULT_LIMITS;
  const log = deps.logs.get(PUBLIC_REALM);
  const document: WellKnown = {
    origin: deps.origin,
    api: ['v1'],
    logs: [{ realm: log.realm, origin: log.origin, key: log.verifierKey }],
    witnesses: [...deps.witnesses],
    ...(deps.signIn.provider && { signIn: deps.signIn.provider.signIn }),
    ...(deps.cliLatest !== undefined && { cli: { latest: deps.cliLatest } }),
    limits: { tarBytes, files, fileBytes, definitionBytes },
  };
  return (ctx) =>
    answerJson(deps, ctx, { path: routes.wellKnown(), tags: [] }, () => Promise.resolve(document));
}

import { findProblemKind, PROBLEMS, type ProblemCode } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { ExplainedPage, ProblemsPage, type ExplainedProblem } from '../pages/errors/explained.js';
import { pages } from '../paths.js';
import { answerPage } from '../render/answer-page.js';
import type { PageRoute } from './page-route.js';

/** `GET /errors`: every code that the registry answers problems with. */
export function problemsRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/errors',
    handler: (ctx) =>
      answerPage(deps, ctx, { path: pages.problems(), tags: [] }, () => {
        const problems = Object.keys(PROBLEMS).flatMap((code) => explained(code) ?? []);
        return Promise.resolve({ title: 'Errors', body: <ProblemsPage problems={problems} /> });
      }),
  };
}

/** `GET /errors/{code}`: what a code means. The `type` of a problem leads here. */
export function problemRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/errors/:code',
    handler: async (ctx) => {
      const problem = explained(ctx.params['code'] ?? '');
      if (!problem) throw new RegistryError('route.not_found', 'no error of this registry has such a code');
      await answerPage(deps, ctx, { path: pages.problem(problem.code), tags: [] }, () =>
        Promise.resolve({
          title: `${problem.code}: ${problem.title}`,
          description: problem.remedy,
          body: <ExplainedPage {...problem} />,
        }),
      );
    },
  };
}

function explained(code: string): ExplainedProblem | undefined {
  const kind = findProblemKind(code);
  return kind && { ...kind, code: code as ProblemCode };
}

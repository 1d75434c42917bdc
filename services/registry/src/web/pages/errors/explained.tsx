import type { ProblemCode, ProblemKind } from '@sheaf/client/contract';
import { pages } from '../../paths.js';
import { Remedy } from './remedy.js';

export interface ExplainedProblem extends ProblemKind {
  readonly code: ProblemCode;
}

/** What a code means, whoever was told it. */
export function ExplainedPage({ code, title, status, retryable, remedy }: ExplainedProblem) {
  return (
    <>
      <p class="muted">
        <a href={pages.problems()}>Errors</a>
      </p>
      <h1>
        <code>{code}</code>
      </h1>
      <p class="lead">{title}.</p>
      <h2>What to do</h2>
      <Remedy text={remedy} />
      <dl class="terms">
        <div>
          <dt>HTTP status</dt>
          <dd>{status}</dd>
        </div>
        <div>
          <dt>The same request again</dt>
          <dd>
            {retryable
              ? 'may succeed later: wait as long as Retry-After says'
              : 'fails again until something is changed'}
          </dd>
        </div>
        <div>
          <dt>On the command line</dt>
          <dd>
            <code>sheaf help {code}</code>
          </dd>
        </div>
      </dl>
    </>
  );
}

/** Every code of the registry. */
export function ProblemsPage({ problems }: { problems: readonly ExplainedProblem[] }) {
  return (
    <>
      <h1>Errors</h1>
      <p class="lead">
        Every error of this registry has a code, which is never renamed and never means anything else.
      </p>
      <dl class="terms ruled">
        {problems.map(({ code, status, title }) => (
          <div key={code}>
            <dt>
              <a href={pages.problem(code)}>
                <code>{code}</code>
              </a>
            </dt>
            <dd>
              {title} <span class="muted">({status})</span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

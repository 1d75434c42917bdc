import type { Diagnostic } from '@sheaf/workflow';
import { observer } from './callbacks.js';
import { assertGoesOn } from './cancelled.js';
import { ClientError, type VerificationStep, type VerificationStepId } from './errors.js';
import type { Remedy } from './remedy.js';
import { isVerificationCode } from './verification-codes.js';

/** Signed documents to keep when a step fails, in the order in which they came to be known. */
type Evidence = readonly { readonly name: string; readonly text: string }[];

/** What a check found, and one line about it that is safe to print. */
export interface Checked<T> {
  readonly value: T;
  readonly detail: string;
}

/** Runs the steps of one verification, tells each result, and turns a failed check into the error that reports them. */
export interface Steps {
  run<T>(
    id: VerificationStepId,
    check: () => Checked<T> | Promise<Checked<T>>,
    evidence?: () => Evidence,
  ): Promise<T>;
}

/** Who is told of each step, and who may end them. */
interface StepsCaller {
  readonly onStep?: ((step: VerificationStep) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export function createSteps(plan: readonly VerificationStepId[], caller: StepsCaller = {}): Steps {
  const { signal } = caller;
  const onStep = observer('onStep', caller.onStep);
  const done: VerificationStep[] = [];
  const report = (step: VerificationStep) => {
    done.push(step);
    onStep(step);
  };
  return {
    async run(id, check, evidence = () => []) {
      assertGoesOn(signal);
      try {
        const { value, detail } = await check();
        report({ id, status: 'ok', detail });
        return value;
      } catch (error) {
        if (!isFailedCheck(error)) throw error;
        report({ id, status: 'fail', detail: error.message });
        throw new ClientError(error.code, error.message, {
          hint: error.hint ?? hintFor(id),
          remedy: error.remedy,
          cause: error,
          verification: { steps: done, notReached: plan.slice(plan.indexOf(id) + 1), evidence: evidence() },
        });
      }
    },
  };
}

interface FailedCheck extends Error {
  readonly code: ClientError['code'];
  readonly hint: string | undefined;
  readonly remedy?: Remedy;
  readonly diagnostics?: readonly Diagnostic[];
}

/** A network that fails or a caller who gives up says nothing about what is verified, and passes through. */
function isFailedCheck(error: unknown): error is FailedCheck {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    isVerificationCode(error.code)
  );
}

function hintFor(id: VerificationStepId): string {
  switch (id) {
    case 'log':
      return 'stop using this registry, and send both notes to its operator and to a witness of its log';
    case 'leaf':
      return 'try again without a proxy or mirror, then report it to the operator of the registry';
    case 'signer':
      return 'report it to the publisher and to the operator of the registry';
    case 'policy':
      return 'sheaf trust list  shows the rules and what was accepted';
    case 'bytes':
      return 'fetch it again; if it stays, report it to the operator of the registry';
  }
}

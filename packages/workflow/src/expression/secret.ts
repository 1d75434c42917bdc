import { WorkflowError } from '../errors.js';

/** What is thrown where a secret would become a part of something else. */
export function secretError(): WorkflowError {
  return new WorkflowError('expression.secret', 'a secret cannot be read here', {
    hint: 'hand it to a step in env, or to an input that is declared secret',
  });
}

import { parseKeyHistory, parseReceipt, parseStanding, type Receipt, type Standing } from '@sheaf/bundle';
import { splitWorkflowId, type WorkflowId } from '@sheaf/workflow';
import { ClientError } from '../errors.js';

const WHAT_TO_DO = 'try again without a proxy or mirror, then report it to the operator of the registry';

/** Namespace and name, as routes take them. */
export function partsOf(id: WorkflowId): [string, string] {
  const { namespace, name } = splitWorkflowId(id);
  return [namespace, name];
}

/** @throws ClientError `receipt.invalid` */
export function readReceipt(bytes: Uint8Array): Receipt {
  try {
    return parseReceipt(bytes);
  } catch (cause) {
    throw new ClientError('receipt.invalid', 'the registry answered with a receipt that is not valid', {
      hint: WHAT_TO_DO,
      cause,
    });
  }
}

/** @throws ClientError `standing.invalid` */
export function readStanding(bytes: Uint8Array): Standing {
  return readEvents(() => parseStanding(bytes));
}

/** @throws ClientError `standing.invalid` */
export function readKeyHistory(bytes: Uint8Array): Standing {
  return readEvents(() => parseKeyHistory(bytes));
}

function readEvents(parse: () => Standing): Standing {
  try {
    return parse();
  } catch (cause) {
    throw new ClientError(
      'standing.invalid',
      'the registry answered with events of its log that are not valid',
      { hint: WHAT_TO_DO, cause },
    );
  }
}

/** An answer must speak of what was asked for. @throws ClientError `response.invalid` */
export function expectSame<T extends object>(answer: T, asked: Partial<T>, url: string): T {
  const names = Object.keys(asked) as (keyof T)[];
  if (names.every((name) => answer[name] === asked[name])) return answer;
  throw new ClientError(
    'response.invalid',
    `the registry at ${url} answered for something else than ${Object.values(asked).join(' ')}`,
    { hint: WHAT_TO_DO },
  );
}

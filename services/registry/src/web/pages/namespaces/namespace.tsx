import type { NamespaceDocument, SearchHit } from '@sheaf/client/contract';
import { Digest } from '../../components/digest.js';
import { Badge } from '../../components/state-badge.js';
import { Table } from '../../components/table.js';
import { Time } from '../../components/time.js';
import { count } from '../../components/count.js';
import { WorkflowList } from '../../components/workflow-list.js';
import { CodeBlock } from '../../components/code-block.js';
import { pages } from '../../paths.js';

export interface NamespaceProps {
  readonly namespace: Pick<NamespaceDocument, 'name' | 'visibility' | 'realm' | 'threshold' | 'keys'>;
  readonly workflows: readonly SearchHit[];
  readonly total: number;
}

/** Who publishes here, with which keys, and what. */
export function NamespacePage({ namespace, workflows, total }: NamespaceProps) {
  const { name, keys, threshold, visibility } = namespace;
  const active = keys.filter(({ revoked }) => revoked === undefined);
  return (
    <>
      <h1>
        {name} {visibility === 'private' && <Badge>private</Badge>}
      </h1>
      <p class="lead">
        {count(total, 'workflow', 'workflows')}, {count(active.length, 'active key', 'active keys')},{' '}
        {count(threshold, 'signature', 'signatures')} for each publish.
      </p>
      <section aria-labelledby="workflows">
        <h2 id="workflows">Workflows</h2>
        {workflows.length === 0 ? (
          <p>Nothing is published here yet.</p>
        ) : (
          <WorkflowList hits={workflows} heading="h3" />
        )}
        {total > workflows.length && (
          <p>
            <a href={pages.search({ owner: name })}>All {total.toLocaleString('en')}</a>
          </p>
        )}
      </section>
      <section aria-labelledby="keys">
        <h2 id="keys">Keys</h2>
        {keys.length === 0 ? (
          <p>No key is registered: nothing can be published here.</p>
        ) : (
          <Table
            caption="Keys, in the order of the log"
            head={['Key', 'Added', 'State']}
            rows={keys.map((key) => [
              <Digest key="id" value={key.id} />,
              <span key="added">
                <Time iso={key.addedAt} />, #{key.logIndex} of the log
                {key.recovery === true && (
                  <>
                    {' '}
                    <Badge tone="warn">recovery</Badge>
                  </>
                )}
              </span>,
              key.revoked === undefined ? (
                'active'
              ) : (
                <span key="state">
                  <Badge tone="bad">revoked</Badge> as {key.revoked.reason} on <Time iso={key.revoked.at} />,
                  #{key.revoked.logIndex}
                  {key.revoked.fromIndex !== undefined &&
                    `; what it signed from #${key.revoked.fromIndex} on is refused`}
                </span>
              ),
            ])}
          />
        )}
        {active[0] !== undefined && (
          <>
            <p>To accept its workflows only with a key that you know:</p>
            <CodeBlock
              id="trust"
              label="the command that adds the rule"
              code={`sheaf trust add ${name} --key ${active[0].id}`}
            />
          </>
        )}
      </section>
    </>
  );
}

import { CodeBlock } from '../../components/code-block.js';
import type { Release } from '../../release/load-release.js';
import { isWithdrawn, rangeOf } from '../../release/versions.js';

/** What to type to use the version; nothing for one that nobody should take. */
export function UseIt({ release: { workflow, version } }: { release: Release }) {
  if (isWithdrawn(version)) return null;
  const { id, version: v, digest } = version;
  const isLatest = workflow.channels['latest'] === v;
  return (
    <section aria-labelledby="use">
      <h2 id="use">Use it</h2>
      <CodeBlock
        id="add"
        label="the command that adds it to a project"
        code={`sheaf add ${id}@${isLatest ? rangeOf(v) : v}`}
      />
      <details class="more">
        <summary>Run it once, pin it, check it</summary>
        <p>Run it here and now; what it asks for is shown before it starts:</p>
        <CodeBlock id="run" label="the command that runs it" code={`sheaf run ${id}@${v}`} />
        <p>Exactly these bytes, whatever becomes of the name:</p>
        <CodeBlock id="pin" label="the reference by digest" code={`${id}@${digest}`} />
        <p>Log, signature and bytes, checked on your own machine:</p>
        <CodeBlock id="verify" label="the command that verifies it" code={`sheaf verify ${id}@${v}`} />
      </details>
    </section>
  );
}

import type { CreatedToken, OwnNamespaceList, TokenList } from '@sheaf/client/contract';
import { CodeBlock } from '../../components/code-block.js';
import { described, Field } from '../../components/field.js';
import { FormToken } from '../../components/form-token.js';
import { Foreign } from '../../components/foreign.js';
import { Notice } from '../../components/notice.js';
import { Badge } from '../../components/state-badge.js';
import { Table } from '../../components/table.js';
import { Time } from '../../components/time.js';
import type { Viewer } from '../../page.js';
import { pages } from '../../paths.js';

export interface AccountProps {
  readonly viewer: Viewer;
  readonly namespaces: OwnNamespaceList['namespaces'];
  readonly tokens: TokenList['tokens'];
  /** What a token may be made for. */
  readonly verbs: readonly string[];
  /** How long one lives where nothing else is said, and at most. */
  readonly days: { readonly usual: number; readonly most: number };
  /** The one that was just made: shown now, and never again. */
  readonly created?: CreatedToken | undefined;
}

const HINTS = {
  name: 'What it is for, so that you know it again.',
  in: 'In one namespace it can do no harm in others.',
};

/** Who somebody is here, where they are a member, and their tokens. */
export function AccountPage({ viewer, namespaces, tokens, verbs, days, created }: AccountProps) {
  const atMost = `At most ${days.most}.`;
  return (
    <>
      <h1>
        {viewer.user} {viewer.isAdmin && <Badge tone="accent">admin</Badge>}
      </h1>
      {created !== undefined && (
        <Notice kind="good" title="The token is made. It is shown this once: copy it now." isAnswer>
          <CodeBlock id="token" label="the token" code={created.token} />
        </Notice>
      )}
      <section aria-labelledby="namespaces">
        <h2 id="namespaces">Namespaces</h2>
        {namespaces.length === 0 ? (
          <p>
            You are a member of none. <code>sheaf namespace create NAME</code> makes one.
          </p>
        ) : (
          <Table
            caption="Namespaces"
            head={['Namespace', 'Your role', 'Seen by']}
            rows={namespaces.map(({ name, role, visibility }) => [
              <a key="name" href={pages.namespace(name)}>
                {name}
              </a>,
              role,
              visibility === 'private' ? 'members' : 'everybody',
            ])}
          />
        )}
      </section>
      <section aria-labelledby="tokens">
        <h2 id="tokens">Tokens</h2>
        {tokens.length === 0 ? (
          <p>
            There is none. The command line keeps one of its own after <code>sheaf login</code>.
          </p>
        ) : (
          <Table
            caption="Tokens"
            head={['Name', 'May', 'Made', 'Last used', 'Ends', '']}
            rows={tokens.map((token) => [
              <Foreign key="name" text={token.name} />,
              token.scopes.includes('*') ? (
                'all that you may'
              ) : (
                <code key="scopes">{token.scopes.join(' ')}</code>
              ),
              <Time key="made" iso={token.createdAt} />,
              token.lastUsedAt === undefined ? 'never' : <Time key="used" iso={token.lastUsedAt} />,
              token.expiresAt === undefined ? 'never' : <Time key="ends" iso={token.expiresAt} />,
              <form key="revoke" method="post" action={pages.revokeToken()}>
                <FormToken viewer={viewer} />
                <input type="hidden" name="id" value={token.id} />
                <button class="danger">
                  Revoke<span class="visually-hidden"> {token.name}</span>
                </button>
              </form>,
            ])}
          />
        )}
      </section>
      <section aria-labelledby="new">
        <h2 id="new">A new token</h2>
        <form method="post" action={pages.tokens()} class="narrow">
          <FormToken viewer={viewer} />
          <Field id="name" label="Name" hint={HINTS.name}>
            <input {...described('name', { hint: HINTS.name })} name="name" required maxLength={100} />
          </Field>
          <fieldset>
            <legend>What it may be used for</legend>
            <ul class="plain inline">
              {verbs.map((verb) => (
                <li key={verb}>
                  <label>
                    <input type="checkbox" name="verb" value={verb} checked={verb === 'read'} /> {verb}
                  </label>
                </li>
              ))}
            </ul>
          </fieldset>
          {namespaces.length > 0 && (
            <Field id="in" label="Where" hint={HINTS.in}>
              <select {...described('in', { hint: HINTS.in })} name="in">
                <option value="">everywhere you may</option>
                {namespaces.map(({ name }) => (
                  <option key={name} value={name}>
                    {name} alone
                  </option>
                ))}
              </select>
            </Field>
          )}
          <Field id="days" label="Days until it ends" hint={atMost}>
            <input
              {...described('days', { hint: atMost })}
              name="days"
              type="number"
              min={1}
              max={days.most}
              value={days.usual}
              required
            />
          </Field>
          <button>Make the token</button>
        </form>
      </section>
    </>
  );
}

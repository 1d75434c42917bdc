import type { VersionDocument } from '@sheaf/client/contract';
import type { Parameter } from '@sheaf/workflow';
import { Foreign } from '../../components/foreign.js';
import { Table } from '../../components/table.js';

/** What whoever uses the version gives and gets: parameters, outputs, and what the machine must have. */
export function Interface({ version }: { version: VersionDocument }) {
  const parameters = Object.entries(version.parameters as Readonly<Record<string, Parameter>>);
  return (
    <section aria-labelledby="interface">
      <h2 id="interface">Takes and gives</h2>
      {parameters.length === 0 ? (
        <p>It takes no parameters.</p>
      ) : (
        <Table
          caption="Parameters"
          head={['Parameter', 'Type', 'Default', 'What it is']}
          rows={parameters.map(([name, parameter]) => [
            <code key="name">
              <Foreign text={name} />
            </code>,
            <Kind key="kind" parameter={parameter} />,
            <Default key="default" parameter={parameter} />,
            parameter.description === undefined ? (
              ''
            ) : (
              <Foreign key="about" text={parameter.description} maxLength={500} />
            ),
          ])}
        />
      )}
      <dl class="terms">
        <div>
          <dt>Gives</dt>
          <dd>{version.outputs.length === 0 ? 'no outputs' : <Names names={version.outputs} />}</dd>
        </div>
        {version.requirements.length > 0 && (
          <div>
            <dt>Needs on the machine</dt>
            <dd>
              <Names names={version.requirements} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return (
    <ul class="plain inline">
      {names.map((name) => (
        <li key={name}>
          <code>
            <Foreign text={name} />
          </code>
        </li>
      ))}
    </ul>
  );
}

function Kind({ parameter }: { parameter: Parameter }) {
  switch (parameter.type) {
    case 'enum':
      return (
        <>
          one of <Names names={parameter.values} />
        </>
      );
    case 'path':
      return <>path it {parameter.access === 'write' ? 'writes' : 'reads'}</>;
    case 'secret':
      return <>name of a secret</>;
    case 'string':
      return parameter.pattern === undefined ? (
        <>string</>
      ) : (
        <>
          string like{' '}
          <code>
            <Foreign text={parameter.pattern} />
          </code>
        </>
      );
    case 'integer':
    case 'number':
      return <>{[parameter.type, bounds(parameter)].filter((part) => part !== '').join(' ')}</>;
    default:
      return <>{parameter.type}</>;
  }
}

function bounds({ minimum, maximum }: { minimum?: number; maximum?: number }): string {
  if (minimum !== undefined && maximum !== undefined) return `from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `from ${minimum}`;
  return maximum === undefined ? '' : `up to ${maximum}`;
}

function Default({ parameter }: { parameter: Parameter }) {
  const value = parameter.default;
  if (value === undefined || value === null)
    return <>{parameter.required ? <strong>required</strong> : 'none'}</>;
  return (
    <code>
      <Foreign text={typeof value === 'string' ? value : JSON.stringify(value)} />
    </code>
  );
}

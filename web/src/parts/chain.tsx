/** The steps from a Service to a received route, one line for each advertisement that requires it. */
import type { Step } from '../chain.ts';
import { objectPlace } from '../objects.ts';
import { type Place, place } from '../router.ts';
import { To } from './link.tsx';
import './chain.css';

export function Chain({ steps }: { steps: readonly Step[][] }) {
  return (
    <>
      {steps.map((chain, i) => (
        <ol key={i} class="chain">
          {chain.map((step) => (
            <li key={step.kind} class={step.state}>
              <span class="kind">{step.kind}</span>
              <span class="names mono">
                <StepNames step={step} />
              </span>
              <span class="note">
                {step.note && <span>{step.note}</span>}
                {step.source && <code title={step.source}>{step.source.replace(/^.*\//, '')}</code>}
                {step.state === 'failed' && <strong> fails here</strong>}
              </span>
            </li>
          ))}
        </ol>
      ))}
    </>
  );
}

/** Links names that have a view. */
function StepNames({ step: { kind, names } }: { step: Step }) {
  return (
    <>
      {names.map((name, i) => {
        const to = placeOfStep(kind, name);
        return (
          <span key={name}>
            {i > 0 && ', '}
            {to ? <To place={to}>{name}</To> : name}
          </span>
        );
      })}
    </>
  );
}

function placeOfStep(kind: string, name: string): Place | undefined {
  if (kind === 'Services') return name.includes('/') ? place('service', { subject: name }) : undefined;
  return objectPlace({ kind, name });
}

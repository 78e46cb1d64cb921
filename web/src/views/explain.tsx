/** Why: explains why a node announces a prefix to a BGPPeer, or why not. */
import { useEffect, useState } from 'preact/hooks';
import type { Envelope, ExplainedSession, Explanation } from '../../../src/api/schemas.ts';
import { useApp, useNeighbors, useRead } from '../app.ts';
import { chainSteps } from '../chain.ts';
import { sentenceCase } from '../format.ts';
import { AgreementTable } from '../parts/agreement.tsx';
import { useCapped } from '../parts/capped.tsx';
import { Chain } from '../parts/chain.tsx';
import { ObjectList } from '../parts/evidence.tsx';
import { NeighborLink, NodeLink, PrefixLink } from '../parts/link.tsx';
import { Banner, Empty, Failure, Loading } from '../parts/notice.tsx';
import { Rules } from '../parts/rules.tsx';
import { VerdictBadge } from '../parts/verdict.tsx';
import { formatSubject, parseSubject, type Subject } from '../router.ts';
import { verdictOrder } from '../verdicts.ts';
import './explain.css';

/** Sessions shown at first. */
const shownSessions = 20;
/** Maximum suggestions of a field. */
const maxOffered = 500;

const noSubject: Subject = { prefix: '', neighbor: null, node: null, bgpPeer: null };

export function Explain() {
  const { place: here, go } = useApp();
  const asked = parseSubject(here.open) ?? noSubject;
  const { answer, error, again, loading } = useRead<Envelope<Explanation>>(asked.prefix ? '/explain' : undefined, {
    prefix: asked.prefix,
    node: asked.node ?? undefined,
    bgpPeer: asked.bgpPeer ?? undefined,
    normalize: 'true',
  });
  return (
    <div class="object-view explain">
      <h1>Why</h1>
      <Question asked={asked} ask={(subject) => go({ ...here, open: formatSubject(subject) })} />
      <div aria-live="polite">
        {asked.prefix === '' && (
          <Empty title="Why is a prefix announced or not announced?">
            <p>
              Enter a prefix or an address. A node or a BGPPeer narrows the answer. If a node does not announce the
              prefix, the answer names the rule that prevents it, with MetalLB's reason code.
            </p>
          </Empty>
        )}
        {error && <Failure error={error} again={again} />}
        {loading && <Loading />}
        {answer && <Answer explanation={answer.data} />}
      </div>
    </div>
  );
}

function Question({ asked, ask }: { asked: Subject; ask: (subject: Subject) => void }) {
  const [fields, setFields] = useState(asked);
  const neighbors = useNeighbors();
  // follows the URL when something else changes it
  useEffect(() => setFields(asked), [formatSubject(asked)]);
  const known = neighbors ? [...neighbors.values()] : [];
  const offered = (names: (string | null)[]) =>
    [...new Set(names)]
      .filter((name) => name !== null)
      .sort(natural.compare)
      .slice(0, maxOffered);
  return (
    <form
      class="card question"
      onSubmit={(event) => {
        event.preventDefault();
        ask({ ...fields, prefix: fields.prefix.trim() });
      }}
    >
      <label>
        Prefix or address
        <input
          class="mono"
          value={fields.prefix}
          placeholder="203.0.113.10/32"
          required
          maxLength={64}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setFields({ ...fields, prefix: event.currentTarget.value })}
        />
      </label>
      <label>
        Node
        <input
          value={fields.node ?? ''}
          placeholder="any"
          list="explain-nodes"
          autocomplete="off"
          onInput={(event) => setFields({ ...fields, node: event.currentTarget.value.trim() || null })}
        />
      </label>
      <label>
        BGPPeer
        <input
          value={fields.bgpPeer ?? ''}
          placeholder="any"
          list="explain-peers"
          autocomplete="off"
          onInput={(event) => setFields({ ...fields, bgpPeer: event.currentTarget.value.trim() || null })}
        />
      </label>
      <button type="submit" class="button">
        Explain
      </button>
      <datalist id="explain-nodes">
        {offered(known.map(({ node }) => node)).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <datalist id="explain-peers">
        {offered(known.map(({ bgpPeer }) => bgpPeer)).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  );
}

function Answer({ explanation: { prefix, text, sessions, truncated } }: { explanation: Explanation }) {
  const ordered = sessions.toSorted((a, b) => urgency(a) - urgency(b));
  const [shown, more] = useCapped(ordered, shownSessions, 'session');
  return (
    <section class="answer" aria-labelledby="answer-title">
      <h2 id="answer-title">
        <PrefixLink prefix={prefix} />
      </h2>
      <p class="lede">{text}.</p>
      {truncated && (
        <Banner tone="info" title="Incomplete:">
          the answer lacks some sessions. Enter a node to narrow it.
        </Banner>
      )}
      {shown.map((session) => (
        <Session
          key={formatSubject({
            prefix,
            neighbor: session.neighbor?.id ?? null,
            node: session.node,
            bgpPeer: session.bgpPeer,
          })}
          session={session}
          open={sessions.length <= 3}
        />
      ))}
      {more}
    </section>
  );
}

function Session({ session, open }: { session: ExplainedSession; open: boolean }) {
  const neighbors = useNeighbors();
  const { node, bgpPeer, neighbor, verdict, whyNot, text } = session;
  return (
    <article class="card session-answer" data-item tabIndex={-1}>
      <p class="where">
        <VerdictBadge verdict={verdict?.verdict ?? null} />
        {node === null ? <span class="dim">unknown node</span> : <NodeLink node={node} />}
        {bgpPeer !== null && <span>{bgpPeer}</span>}
        {neighbor && <NeighborLink id={neighbor.id}>{neighbor.address}</NeighborLink>}
      </p>
      <p class="lede">
        {session.expected ? <span class="dim">Expected: </span> : null}
        {session.expected ? text : sentenceCase(text)}.
      </p>
      {verdict && verdict.verdict !== 'ok' && <p>{verdict.reasonText}</p>}
      {whyNot && (
        <>
          <p>
            <span class="dim">MetalLB's reason:</span> <code class="reason-word">{whyNot.reason}</code>
          </p>
          <ObjectList objects={whyNot.objects} />
        </>
      )}
      <details open={open}>
        <summary>Expected, reported, received{session.expected && ', and the objects behind it'}</summary>
        <AgreementTable cell={session} />
        {verdict?.expected && <Chain steps={chainSteps(verdict, neighbor ? neighbors?.get(neighbor.id) : undefined)} />}
        {session.expected && <Rules routes={[session.expected]} />}
      </details>
    </article>
  );
}

const urgency = ({ verdict }: ExplainedSession): number =>
  verdict ? verdictOrder.indexOf(verdict.verdict) : verdictOrder.length;
const natural = new Intl.Collator('en', { numeric: true });

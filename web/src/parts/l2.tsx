/** One address on layer 2: verdict, elected node, and observed answers. */
import type { L2Row, L2VerdictWord } from '../../../src/api/schemas.ts';
import { place } from '../router.ts';
import { l2VerdictMeaning } from '../verdicts.ts';
import { DrawerFrame, Section } from './drawer.tsx';
import { EvidenceList } from './evidence.tsx';
import { NodeLink, ServiceLink, To } from './link.tsx';
import { Ago } from './time.tsx';
import './l2.css';

/** Drawn on 12 × 12, stroked; the shapes differ without color. */
const glyphs: Readonly<Record<L2VerdictWord, string>> = {
  ok: 'M2.5 6.4 5 8.9l4.6-5.4',
  pending: 'M6 1.9a4.1 4.1 0 1 0 0 8.2 4.1 4.1 0 0 0 0-8.2M6 3.800V6l1.500 1',
  missing: 'm3 3 6 6m0-6-6 6',
  'wrong-node': 'M2 6h7M6.500 3 9.500 6l-3 3',
  'two-owners':
    'M4 2.400a1.800 1.800 0 1 0 0 3.600 1.800 1.800 0 0 0 0-3.600M8 6a1.800 1.800 0 1 0 0 3.600A1.800 1.800 0 0 0 8 6',
  'wrong-interface': 'M2.4 4.3h7.2M2.4 7.7h7.2M7.8 2 4.2 10',
  unexpected: 'M6 2.2v7.6M2.2 6h7.6',
  unknown: 'M4.1 4.4c0-2.7 3.9-2.6 3.9-.2C8 5.700 6 5.600 6 7.300M6 9.600v.1',
};

export function L2Glyph({ verdict }: { verdict: L2VerdictWord }) {
  return (
    <svg class="glyph" viewBox="0 0 12 12" aria-hidden="true">
      <path d={glyphs[verdict]} />
    </svg>
  );
}

export function L2Badge({ verdict }: { verdict: L2VerdictWord }) {
  return (
    <span class={`badge l2-${verdict}`} title={l2VerdictMeaning[verdict]}>
      <L2Glyph verdict={verdict} />
      {verdict}
    </span>
  );
}

export function ServiceName({ row: { service } }: { row: L2Row }) {
  return service === '' ? <span class="dim">no Service</span> : <ServiceLink service={service} />;
}

/** A node, and its interfaces if limited. */
export function Owner({ owner, none }: { owner: L2Row['elected']; none: string }) {
  if (!owner) return <span class="dim">{none}</span>;
  return (
    <>
      <NodeLink node={owner.node} />
      {owner.interfaces.length > 0 && <span class="dim"> {owner.interfaces.join(', ')}</span>}
    </>
  );
}

/** The hosts that answer: node if known, otherwise MAC address. */
export function Answering({ row: { seen, verdict } }: { row: L2Row }) {
  // with the verdict unknown, an answer may exist that this host cannot receive
  if (seen.length === 0) return <span class="dim">{verdict === 'unknown' ? 'not observed' : 'none'}</span>;
  return (
    <>
      {seen.map(({ mac, node }, i) => (
        <span key={`${mac} ${i}`}>
          {i > 0 && ', '}
          {node ? <NodeLink node={node} /> : <span class="mono">{mac}</span>}
        </span>
      ))}
    </>
  );
}

const protocols: Readonly<Record<L2Row['seen'][number]['via'], string>> = {
  arp: 'ARP',
  ndp: 'NDP',
  'neighbor-table': 'neighbor table',
};

export function L2Drawer({ row, onClose }: { row: L2Row; onClose: () => void }) {
  return (
    <DrawerFrame title={row.address} onClose={onClose}>
      <p class="where">
        <L2Badge verdict={row.verdict} />
        <ServiceName row={row} />
        {row.pool && (
          <To place={place('pool', { subject: row.pool })} class="dim">
            {row.pool}
          </To>
        )}
      </p>
      <div class="reason">
        <p>{row.reasonText}</p>
        <p class="dim">
          <code>{row.reasonCode}</code> since <Ago at={row.since} />
        </p>
      </div>
      <Section title="Elected, reported, answering">
        <table class="sides">
          <thead>
            <tr>
              <th scope="col">Elected</th>
              <th scope="col">Reported</th>
              <th scope="col">Answering</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>
                <Side owner={row.elected} none={row.reasonNotAnnounced ?? 'none'} />
              </td>
              <td>
                <Side owner={row.says} none="no ServiceL2Status" />
              </td>
              <td>
                <Answering row={row} />
              </td>
            </tr>
          </tbody>
        </table>
      </Section>
      <Section title="Answers">
        {row.seen.length === 0 ? (
          <p class="dim">No answer observed on this segment.</p>
        ) : (
          <table class="plain l2-seen">
            <thead>
              <tr>
                {['MAC address', 'Node', 'Interface', 'Protocol', 'Last seen'].map((title) => (
                  <th scope="col" key={title}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {row.seen.map(({ mac, node, interface: name, via, at }) => (
                <tr key={`${mac} ${name}`}>
                  <td class="mono">{mac}</td>
                  <td>{node ? <NodeLink node={node} /> : <span class="dim">unknown</span>}</td>
                  <td class="mono">{name}</td>
                  <td>{protocols[via]}</td>
                  <td>
                    <Ago at={at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
      {row.evidence.length > 0 && (
        <Section title="Evidence">
          <EvidenceList items={row.evidence} />
        </Section>
      )}
    </DrawerFrame>
  );
}

function Side({ owner, none }: { owner: L2Row['elected']; none: string }) {
  if (!owner) return <span class="dim">{none}</span>;
  return (
    <>
      <strong>
        <NodeLink node={owner.node} />
      </strong>
      <span>{owner.interfaces.length > 0 ? `on ${owner.interfaces.join(', ')}` : 'on all interfaces'}</span>
    </>
  );
}

/** The neighbor table as `ip -j neigh` prints it, for systems without rtnetlink. */
import { canonicalAddress } from '../ip.ts';
import type { EntryState } from './netlink.ts';

/** An entry with the name of its interface. */
export interface NamedEntry {
  interface: string;
  address: string;
  /** null: not resolved. */
  mac: string | null;
  state: EntryState;
}

interface Printed {
  dst?: unknown;
  dev?: unknown;
  lladdr?: unknown;
  state?: unknown;
}

const known: ReadonlySet<string> = new Set<EntryState>([
  'incomplete',
  'reachable',
  'stale',
  'delay',
  'probe',
  'failed',
  'noarp',
  'permanent',
  'none',
]);

/** @throws SyntaxError if the text is not JSON. */
export function parseIpNeigh(text: string): NamedEntry[] {
  const printed: unknown = text.trim() === '' ? [] : JSON.parse(text);
  if (!Array.isArray(printed)) return [];
  return printed.flatMap(({ dst, dev, lladdr, state }: Printed): NamedEntry[] => {
    const address = typeof dst === 'string' ? canonicalAddress(dst) : undefined;
    if (address === undefined || typeof dev !== 'string') return [];
    const word = String(Array.isArray(state) ? state[0] : 'none').toLowerCase();
    return [
      {
        interface: dev,
        address,
        mac: typeof lladdr === 'string' ? lladdr.toLowerCase() : null,
        state: known.has(word) ? (word as EntryState) : 'none',
      },
    ];
  });
}

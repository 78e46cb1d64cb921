/** State of a session: dot, word, and whether its first table is in. */
import type { Neighbor } from '../../../src/api/schemas.ts';
import './state.css';

export function StateBadge({ neighbor }: { neighbor: Neighbor }) {
  const kind = neighbor.established ? (neighbor.synced ? 'up' : 'syncing') : 'down';
  const note =
    kind === 'syncing'
      ? 'the first table is still coming in'
      : neighbor.lastDown && kind === 'down'
        ? neighbor.lastDown.text
        : undefined;
  return (
    <span class={`session-state ${kind}`} title={note}>
      {neighbor.state}
    </span>
  );
}

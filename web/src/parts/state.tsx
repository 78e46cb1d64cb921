/** Session state as dot and word; the dot shows whether the initial table is complete. */
import type { Neighbor } from '../../../src/api/schemas.ts';
import './state.css';

export function StateBadge({ neighbor }: { neighbor: Neighbor }) {
  const kind = neighbor.established ? (neighbor.synced ? 'up' : 'syncing') : 'down';
  const note =
    kind === 'syncing'
      ? 'The initial table is incomplete'
      : neighbor.lastDown && kind === 'down'
        ? neighbor.lastDown.text
        : undefined;
  return (
    <span class={`session-state ${kind}`} title={note}>
      {neighbor.state}
    </span>
  );
}

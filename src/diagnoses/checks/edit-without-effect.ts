/** Edits that change nothing on the wire (MetalLB issues 2245, 462 and 252). */

import { count } from '../../metallb/problems/words.ts';
import { formatTime } from '../../rib/time.ts';
import type { ObjectEdit } from '../history.ts';
import { rowsThatAre } from '../rows.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, span, title, who } from '../words.ts';

/** From an edit to the time at which a wrong row counts, beyond the grace, ms. */
const slackMs = 10_000;

/** Routes that became wrong with an edit, from speakers that sent nothing since it. */
export const editWithoutEffect: Check = {
  code: 'edit-without-effect',
  severity: 'warning',
  title: 'Edit had no effect',
  looksFor: 'routes that became wrong with an edit, from speakers that sent no UPDATE since.',
  find,
};

function* find({ cluster, verdicts, history, rib, graceMs, now }: Facts): Finds {
  if (!cluster || history.edits.length === 0) return;
  const byNeighbor = new Map<number, { wrong: number; prefix: string; edit: ObjectEdit }>();
  for (const row of rowsThatAre(verdicts, ['missing', 'mismatch', 'unexpected'])) {
    yield;
    if (!row || row.neighbor === null || row.reasonCode.startsWith('session-')) continue;
    const neighbor = rib.neighbors.get(row.neighbor);
    if (neighbor?.state !== 'established') continue;
    const at = Date.parse(row.since);
    const edit = history.edits.findLast((one) => one.at <= at && one.at >= at - graceMs - slackMs);
    if (!edit || now - edit.at < graceMs || (neighbor.lastUpdateAt ?? 0) > edit.at) continue;
    const known = byNeighbor.get(neighbor.id);
    if (known) known.wrong++;
    else byNeighbor.set(neighbor.id, { wrong: 1, prefix: row.prefix, edit });
  }
  for (const [id, { wrong, prefix, edit }] of byNeighbor) {
    const neighbor = rib.neighbors.get(id)!;
    yield {
      ...(neighbor.node !== null && { node: neighbor.node }),
      neighbor: id,
      text:
        `${title(edit.object)} was ${edit.action} ${span(now - edit.at)} ago (${formatTime(edit.at)}), and ` +
        `${who(neighbor)} has sent no UPDATE since: ` +
        `${count(wrong, 'route')} (${prefix}${wrong > 1 ? ' …' : ''}) ${wrong === 1 ? 'is' : 'are'} still as before.`,
      hint:
        `The speaker on ${neighbor.node ?? neighbor.remoteAddress} did not take the edit: look at its log and ` +
        'at ConfigurationState; restarting the speaker pod makes it read everything anew.',
      objects: [edit.object],
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** Configuration that is not in force (MetalLB issues 2904, 2245, 462 and 252). */
import { formatTime } from '../../rib/time.ts';
import type { ObjectEdit } from '../history.ts';
import type { Facts, Finds } from '../types.ts';
import { count, names, sessionEvidence, span, title, who } from '../words.ts';
import { rowsThatAre } from './rows.ts';

/** Speakers that refuse the configuration on offer and go on with an earlier one. */
export function* staleConfiguration({ cluster }: Facts): Finds {
  if (!cluster) return;
  const byReason = new Map<string, string[]>();
  for (const { name, staleConfig } of cluster.table.nodes.values()) {
    yield;
    if (staleConfig !== undefined) byReason.set(staleConfig, [...(byReason.get(staleConfig) ?? []), name]);
  }
  for (const [reason, nodes] of byReason) {
    const objects = cluster.table.refusals.filter((refusal) => refusal.nodes.some((node) => nodes.includes(node)));
    yield {
      ...(nodes.length === 1 && { node: nodes[0]! }),
      text:
        `The speakers on ${names(nodes)} refuse the present configuration and keep the last one they took: ` +
        `${reason}. No later edit takes effect there.`,
      hint:
        objects.length > 0
          ? `Mend ${names(objects.map(({ object }) => title(object)))}.`
          : 'Look at the log of the speakers for the object that they refuse.',
      objects: objects.slice(0, 10).map(({ object }) => object),
      about: reason,
    };
  }
}

/** What speakers and frr-k8s say themselves: ConfigurationState and FRRNodeState. */
export function* configurationRefusedThere({ cluster }: Facts): Finds {
  if (!cluster) return;
  for (const { ref, spec } of cluster.resources.ConfigurationState.values()) {
    yield;
    if (spec.result !== 'Invalid') continue;
    const where = spec.node === '' ? `the ${spec.component || 'controller'}` : `the speaker on ${spec.node}`;
    yield {
      ...(spec.node !== '' && { node: spec.node }),
      text:
        `ConfigurationState ${ref.name} says that ${where} holds its configuration for ` +
        `invalid${spec.error === '' ? '' : `: ${spec.error}`}. What was in force before stays.`,
      hint: 'Mend the object that the message names; the state becomes Valid by itself.',
      objects: [ref],
    };
  }
  for (const { ref, spec } of cluster.resources.FRRNodeState.values()) {
    yield;
    const failed = (
      [
        ['conversion', spec.lastConversionResult],
        ['reload', spec.lastReloadResult],
      ] as const
    ).filter(([, result]) => result !== '' && !result.toLowerCase().startsWith('success'));
    if (failed.length === 0) continue;
    yield {
      node: ref.name,
      text:
        `FRRNodeState ${ref.name}: ` +
        `${failed.map(([what, result]) => `the last ${what} failed (${result.slice(0, 300)})`).join('; ')}. ` +
        `FRR on ${ref.name} goes on with what it had, in part at least.`,
      hint:
        'FRRConfigurations that select this node do not merge (AS, router ID, timers or localPref per prefix ' +
        'differ), or FRR refuses a line: compare them with metallb-<node>.',
      objects: [ref],
    };
  }
}

/** From an edit to the time at which a wrong row counts, beyond the grace, ms. */
const slackMs = 10_000;

/** Routes that became wrong with an edit, from speakers that sent nothing since it. */
export function* editWithoutEffect({ cluster, verdicts, history, rib, graceMs, now }: Facts): Finds {
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

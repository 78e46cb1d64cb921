import { type Case, seconds, up } from '../facts.ts';

/** An UPDATE with a problem in the path attribute of this type code. */
const problem = (code: number, text: string, ago = 30) => ({ at: seconds(ago), text, attributes: [code] });

export const cases: Case[] = [
  {
    name: 'LOCAL_PREF on an external session',
    given: { neighbors: { 1: up(1) }, malformed: { 1: [problem(5, 'from an external neighbor (RFC 7606 §7.5)')] } },
    found: ['sent 1 malformed UPDATE in the last 10 min. Last: from an external neighbor'],
  },
  {
    name: 'an AS_PATH that cannot be read',
    given: { neighbors: { 1: up(1) }, malformed: { 1: [problem(2, 'a'), problem(2, 'b')] } },
    found: ['sent 2 malformed UPDATEs'],
  },
  {
    name: 'silent: half an hour ago',
    given: { neighbors: { 1: up(1) }, malformed: { 1: [problem(5, 'a', 1800)] } },
    found: [],
  },
];

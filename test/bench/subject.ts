/** Who is measured: a routing daemon or Peerglass itself, behind one interface. */
import type { Scenario } from './scenarios.ts';

/** One start of a subject: its own folder, its own ports. */
export interface Run {
  folder: string;
  bgpPort: number;
  /** For the subject's own query interface, where it speaks TCP. */
  apiPort: number;
  scenario: Scenario;
}

/** What a poll saw. `reached`: names of the points whose condition holds. */
export interface Progress {
  routes: number;
  reached: readonly string[];
}

export interface Subject {
  name: string;
  /** As it is written in tables. */
  label: string;
  /** Debian package; none for Peerglass. */
  package?: string;
  /** Must be started as root. */
  needsRoot?: boolean;
  /** What is timed, in the order in which it comes true. */
  points: readonly string[];
  /** After a poll that took c, the next one comes `pollFactor` × c later, see measure.ts for the bounds. */
  pollFactor: number;
  /** Writes the configuration into the run's folder and answers the command that stays in the foreground. */
  command(run: Run): string[];
  /** Resolves when it may be given load. */
  ready(run: Run): Promise<void>;
  poll(run: Run): Promise<Progress>;
  /** Looks once more, outside the timing; the text says what is wrong. */
  verify?(run: Run): string | null;
}

/** The one point of the daemons: their own query interface shows every path. */
export const visible = 'visible';

/** Sessions that come, go and break the protocol. */

import { message } from '../../support/builders.ts';
import { faults, octets } from '../../support/faults.ts';
import { extendedSessions, guestSessions, leakKey } from '../addresses.ts';
import type { Leaving } from '../session.ts';
import { range, type Scenario, someSessions } from './scenario.ts';

const ways: Leaving[] = ['fin', 'rst', 'cease'];

export const sessionFlaps: Scenario = {
  name: 'session-flaps',
  what: 'half of the sessions end and come back, twice',
  async run({ speakers, random }) {
    for (let round = 0; round < 2; round++) {
      await speakers.flap(someSessions(random, 100), random.pick(ways));
      await speakers.settled();
    }
  },
};

export const sessionStorm: Scenario = {
  name: 'session-storm',
  what: '40 sessions make room for 40 others that come, announce 100 routes each and go, five times',
  async run({ speakers, random }) {
    const guests = range(guestSessions.first, guestSessions.count);
    // 512 descriptors are enough for some more than 200 sessions
    const away = someSessions(random, guests.length);
    await speakers.close(away, random.pick(ways));
    for (let round = 0; round < 5; round++) {
      await speakers.open(guests);
      await speakers.announce(guests, leakKey(guests[0]!), 100);
      await speakers.withdraw(guests, leakKey(guests[0]!), 100);
      await speakers.close(guests, random.pick(ways));
    }
    await speakers.open(away);
  },
};

export const malformed: Scenario = {
  name: 'malformed',
  what: 'malformed UPDATEs (RFC 7606) on sessions that stay up, and every fault that ends a session on others',
  async run({ speakers, random, fail }) {
    const sessions = someSessions(random, 5);
    for (const session of sessions) {
      await speakers.announce([session], leakKey(session), 300);
      for (let at = 0; at < 300; at += 30) await speakers.announceMalformed(session, leakKey(session) + at, 30);
    }
    for (const session of sessions) await speakers.withdraw([session], leakKey(session), 300);
    const guests = range(guestSessions.first, guestSessions.count);
    const tried = random.shuffle(faults).slice(0, 20);
    // a few at a time: beside 200 sessions there is room for some
    for (let at = 0; at < tried.length; at += 4)
      await Promise.all(
        tried.slice(at, at + 4).map(async (fault, i) => {
          const end = await speakers.hostile(guests[at + i]!, octets(fault));
          if (end === null) fail('scenario', `"${fault.name}" did not end the connection`);
        }),
      );
  },
};

export const largeMessages: Scenario = {
  name: 'large-messages',
  what: '60 UPDATEs of 60,000 octets with an unknown attribute on one session, and 1,000 ROUTE-REFRESHes',
  async run({ speakers, random }) {
    const session = random.integer(0, extendedSessions - 1);
    await speakers.announceLarge(session, leakKey(session), 60, 60_000);
    await speakers.withdraw([session], leakKey(session), 60);
    await speakers.send(random.integer(0, 199), message(5, [0, 1, 0, 1]), 1_000);
  },
};

export const strangers: Scenario = {
  name: 'strangers',
  what: '300 connections from addresses that no neighbor is configured for, with and without an OPEN',
  async run({ speakers, random, fail }) {
    const open = octets(faults.find(({ name }) => name === 'the wrong AS')!);
    const first = random.pick([
      new Uint8Array(0),
      open,
      random.octets(200),
      new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'),
    ]);
    const count = 300;
    const ended = await speakers.strangers(count, first);
    if (ended < count) fail('scenario', `${count - ended} of ${count} strangers were not sent away within 12 s`);
  },
};

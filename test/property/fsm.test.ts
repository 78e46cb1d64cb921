import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Action, type Event, initialState, type State, step } from '../../src/session/fsm.ts';
import { SessionError } from '../../src/wire/errors.ts';
import { encodeMessage } from '../../src/wire/message.ts';
import { peerOpen, settings } from '../support/session.ts';

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.constantFrom<Event>(
    { kind: 'start' },
    { kind: 'accepted' },
    { kind: 'sent' },
    { kind: 'closed', text: 'the neighbor closed the connection' },
    { kind: 'received', message: { kind: 'update' } },
    { kind: 'received', message: { kind: 'keepalive' } },
    { kind: 'received', message: { kind: 'keepalive' } },
    { kind: 'failed', error: new SessionError(1, 1, 'garbage') },
  ),
  fc
    .constantFrom('hold' as const, 'keepalive' as const, 'send-hold' as const)
    .map((timer): Event => ({ kind: 'expired', timer })),
  fc
    .record({
      asn: fc.constantFrom(64512, 64500, 0),
      holdTime: fc.constantFrom(0, 1, 3, 90),
      routerId: fc.constantFrom('10.0.0.1', '0.0.0.0'),
    })
    .map((values): Event => ({ kind: 'received', message: peerOpen(values) })),
  fc
    .tuple(fc.nat(10), fc.nat(11), fc.uint8Array({ maxLength: 10 }))
    .map(
      ([code, subcode, data]): Event => ({ kind: 'received', message: { kind: 'notification', code, subcode, data } }),
    ),
  fc
    .tuple(fc.nat(3), fc.constantFrom('request' as const, 'begin' as const, 'unknown' as const))
    .map(([afi, subtype]): Event => ({ kind: 'received', message: { kind: 'route-refresh', afi, safi: 1, subtype } })),
  fc.nat(10).map((subcode): Event => ({ kind: 'stop', subcode, text: 'good-bye' })),
);

/** Mostly on the way up, so that every state is visited. */
const events = fc
  .tuple(
    fc.constantFrom<Event[]>(
      [],
      [{ kind: 'start' }],
      [{ kind: 'start' }, { kind: 'accepted' }],
      [{ kind: 'start' }, { kind: 'accepted' }, { kind: 'received', message: peerOpen() }],
    ),
    fc.array(event, { maxLength: 20 }),
  )
  .map(([up, more]) => [...up, ...more]);

function run(all: Event[]): { states: State[]; actions: Action[] } {
  const states: State[] = [initialState(settings)];
  const actions: Action[] = [];
  for (const it of all) {
    const [next, more] = step(states.at(-1)!, it);
    states.push(next);
    actions.push(...more);
  }
  return { states, actions };
}

const delivered = (actions: Action[]) => actions.flatMap((it) => (it.kind === 'deliver' ? [it.event] : []));

test('any events in any order are answered, and every answer can be sent', () => {
  fc.assert(
    fc.property(events, (all) => {
      for (const action of run(all).actions) if (action.kind === 'send') encodeMessage(action.message);
    }),
  );
});

test('state events tell every change of state, in order', () => {
  fc.assert(
    fc.property(events, (all) => {
      const { states, actions } = run(all);
      const told = delivered(actions).filter(({ kind }) => kind === 'state');
      const changes = states
        .slice(1)
        .flatMap((to, i) => (to.name === states[i]!.name ? [] : [{ from: states[i]!.name, to: to.name }]));
      expect(told.map((it) => ('to' in it ? { from: it.from, to: it.to } : it))).toEqual(changes);
    }),
  );
});

test('a session that had a connection ends once, and closes it', () => {
  fc.assert(
    fc.property(events, (all) => {
      const { actions } = run(all);
      const kinds = actions.map((it) => (it.kind === 'deliver' ? it.event.kind : it.kind));
      const connections = actions.filter((it) => it.kind === 'send' && it.message.kind === 'open').length;
      const downs = kinds.filter((kind) => kind === 'down').length;
      expect(kinds.filter((kind) => kind === 'close')).toHaveLength(downs);
      expect([connections, connections - 1]).toContain(downs);
    }),
  );
});

test('nothing is sent and no timer runs once a session is over', () => {
  fc.assert(
    fc.property(events, (all) => {
      const running = new Set<string>();
      for (const action of run(all).actions) {
        if (action.kind === 'start-timer') running.add(action.timer);
        if (action.kind === 'stop-timer') running.delete(action.timer);
        if (action.kind === 'close') expect([...running]).toEqual([]);
      }
    }),
  );
});

/** Who is who on the soak's loopback interface. */

export const collectorAddress = '127.0.0.1';
export const bgpPort = 179;
export const speakerAsn = 64512;
export const collectorAsn = 64500;

/** Sessions that stay up. Their addresses are those of the cluster's nodes. */
export const sessionCount = 200;
/** Sessions that come and go: storms, and speakers that break the protocol. */
export const guestSessions = { first: sessionCount, count: 40 } as const;
/** Sessions up to this number agree on extended messages. */
export const extendedSessions = 10;

/** Source address of session `index`; inside `configuredRange`. */
export const sessionAddress = (index: number): string => `127.1.${Math.floor(index / 200)}.${1 + (index % 200)}`;
export const configuredRange = '127.1.0.0/16';
/** Addresses that no neighbor is configured for. */
export const strangerAddress = (index: number): string => `127.9.${(index >> 8) & 255}.${index & 255}`;

/** Addresses of the services that every node announces. */
export const serviceCount = 20;
export const servicePool = '10.0.0.0/24';
export const serviceCommunity = '64512:1';
export const serviceKey = (index: number): number => 0x0a000001 + index;
/** Routes that nothing expects start here, 65,536 for each session. */
export const leakKey = (session: number): number => 0x14000000 + session * 65_536;

/** A route is known by the 32 bits of its /32. */
export const keyToAddress = (key: number): string =>
  [key >>> 24, (key >>> 16) & 255, (key >>> 8) & 255, key & 255].join('.');

/** TCP sockets made through libc, so that their options are set before the first SYN; Node then takes them over. */
import { type Libc as BareLibc, libc as bareLibc, type Option as SocketOption } from '../libc.ts';

export { type FilterInstruction, SystemCallError } from '../libc.ts';

/** Option levels and names of <sys/socket.h>, <netinet/in.h>, <linux/tcp.h>; the same on all architectures of Node. */
export const Option = {
  reuseAddress: { level: 1, name: 2 },
  detachFilter: { level: 1, name: 27 },
  ttl: { level: 0, name: 2 },
  unicastHops: { level: 41, name: 16 },
  v6Only: { level: 41, name: 26 },
  tcpMd5: { level: 6, name: 14 },
  tcpMd5Ext: { level: 6, name: 32 },
} as const;
export type Option = SocketOption;

export const addressFamily = { 4: 2, 6: 10 } as const;

const sockStream = 1;

export interface Libc extends BareLibc {
  /** Opens a TCP socket with the flags that libuv expects. */
  tcpSocket(family: 4 | 6): number;
}

const forTcp = (system: BareLibc): Libc => ({
  ...system,
  tcpSocket: (family) => system.socket(addressFamily[family], sockStream, 0),
});

export const libc: Libc | null = bareLibc && forTcp(bareLibc);

/** TCP sockets made through libc, so that their options are set before the first SYN; Node then takes them over. */
import { type Libc, libc as systemLibc } from '../libc.ts';

export { type FilterInstruction, SystemCallError } from '../libc.ts';

/** Option levels and names of <sys/socket.h>, <netinet/in.h>, <linux/tcp.h>; the same on all architectures of Node. */
export const socketOptions = {
  reuseAddress: { level: 1, name: 2 },
  detachFilter: { level: 1, name: 27 },
  ttl: { level: 0, name: 2 },
  unicastHops: { level: 41, name: 16 },
  v6Only: { level: 41, name: 26 },
  tcpMd5: { level: 6, name: 14 },
  tcpMd5Ext: { level: 6, name: 32 },
} as const;

export const addressFamily = { 4: 2, 6: 10 } as const;

const sockStream = 1;

/** System calls that TCP sockets need. */
export interface TcpLibc extends Libc {
  /** Opens a TCP socket with the flags that libuv expects. */
  tcpSocket(family: 4 | 6): number;
}

const forTcp = (system: Libc): TcpLibc => ({
  ...system,
  tcpSocket: (family) => system.socket(addressFamily[family], sockStream, 0),
});

export const tcpLibc: TcpLibc | null = systemLibc && forTcp(systemLibc);

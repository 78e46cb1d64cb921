/** The host's interfaces. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

let last: Interfaces = {};

/** Interfaces by name, as found last when the kernel has no descriptor to ask it with. */
export function hostInterfaces(ask: () => Interfaces = networkInterfaces): Interfaces {
  try {
    last = ask();
  } catch {
    // os.networkInterfaces opens a socket
  }
  return last;
}

/** The host's network interfaces. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

let last: Interfaces = {};

/** Interfaces by name; the last result if no descriptor is free for the call. */
export function hostInterfaces(ask: () => Interfaces = networkInterfaces): Interfaces {
  try {
    last = ask();
  } catch {
    // os.networkInterfaces needs a descriptor
  }
  return last;
}

/** Disk and clock of the collector under test, which a preloaded library (faults.c) bends without touching the host's. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Disk = 'well' | 'full' | 'failing';
const disks: readonly Disk[] = ['well', 'full', 'failing'];

export class Faults {
  /** Environment of the collector, as NAME=VALUE. */
  readonly environment: string[];
  readonly #control: string;
  #disk: Disk = 'well';
  #syncDelayMs = 0;
  #clockSeconds = 0;

  /** Compiles the library into `folder`; faults hit files below `data`. */
  constructor(folder: string, data: string) {
    const library = join(folder, 'faults.so');
    const source = join(import.meta.dirname, 'faults.c');
    execFileSync('cc', ['-O2', '-Wall', '-shared', '-fPIC', '-o', library, source, '-ldl'], { stdio: 'inherit' });
    this.#control = join(folder, 'faults');
    this.clear();
    this.environment = [`LD_PRELOAD=${library}`, `SOAK_FAULTS=${this.#control}`, `SOAK_DATA=${data}`];
  }

  disk(disk: Disk): void {
    this.#disk = disk;
    this.#write();
  }

  /** How long each fsync of the database takes in addition. */
  syncDelay(ms: number): void {
    this.#syncDelayMs = ms;
    this.#write();
  }

  /** Wall clock of the collector = the host's + `seconds`. */
  clock(seconds: number): void {
    this.#clockSeconds = seconds;
    this.#write();
  }

  clear(): void {
    this.#disk = 'well';
    this.#syncDelayMs = 0;
    this.#clockSeconds = 0;
    this.#write();
  }

  #write(): void {
    const octets = Buffer.alloc(16);
    octets.writeInt32LE(disks.indexOf(this.#disk), 0);
    octets.writeInt32LE(this.#syncDelayMs, 4);
    octets.writeBigInt64LE(BigInt(this.#clockSeconds), 8);
    // 'r+' keeps the file in place: the collector has it mapped
    writeFileSync(this.#control, octets, { flag: this.#mapped ? 'r+' : 'w' });
    this.#mapped = true;
  }
  #mapped = false;
}

/** What the process says to scripts (sysexits.h for the last two). */
export const ExitCode = { ok: 0, findings: 1, cannotTell: 2, usage: 64, config: 78 } as const;

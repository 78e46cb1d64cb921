/** Exit codes of all commands; the last two as in sysexits.h. */
export const ExitCode = { ok: 0, findings: 1, cannotTell: 2, usage: 64, config: 78 } as const;

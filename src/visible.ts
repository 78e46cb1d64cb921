/** Makes text from outside safe for terminals, logs and pages: no invisible characters, no effect on text around it. */

/** Formats, bidirectional controls, zero-width characters, tags, variation selectors, line separators, lone surrogates. */
const hidden = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const control = /\p{Cc}/gu;

/** Workflow commands of GitHub and Azure runners in pipeline logs: `::name …::` at the start, `##[name]` anywhere. */
const firstCommand = /^(\s*:):(?=[a-z-]*[g-z-][a-z-]*(?:::|\s|$))/i;
const command = /##(?=[a-z]*\[)/gi;

/** Replaces control and invisible characters, including line breaks, with U+FFFD, and breaks workflow commands. */
export const visible = (text: string): string =>
  withoutHidden(text).replace(firstCommand, '$1\ufffd').replace(command, '#\ufffd').replace(control, '\ufffd');

/** Like `visible`, but keeps control characters: for JSON text, which escapes them, and for our own lines. */
export const withoutHidden = (text: string): string => text.replace(hidden, '\ufffd');

/** Escapes invisible characters, C1 controls and workflow commands in JSON text without changing its value. */
export const escapeJson = (json: string): string =>
  json
    .replace(hidden, escapeUnits)
    .replace(command, '#\\u0023')
    .replace(/[\u007f-\u009f]/g, escapeUnits);

/** `\u202e`, or a surrogate pair beyond the BMP. */
const escapeUnits = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');

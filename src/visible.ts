/** Text from outside, made fit for terminals, logs and pages: nothing in it is invisible or moves what is around it. */

/** Formats, bidirectional controls, zero-width characters, tags, variation selectors, line separators, lone surrogates. */
const hidden = /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const control = /\p{Cc}/gu;

/** What the runners of GitHub and Azure take for a command in the log of a pipeline: `::name …::` first, `##[name]` anywhere. */
const firstCommand = /^(\s*:):(?=[a-z-]*[g-z-][a-z-]*(?:::|\s|$))/i;
const command = /##(?=[a-z]*\[)/gi;

/** With U+FFFD for each control and each invisible character, line breaks included, and in each workflow command. */
export const visible = (text: string): string =>
  withoutHidden(text).replace(firstCommand, '$1\ufffd').replace(command, '#\ufffd').replace(control, '\ufffd');

/** The same, but controls stay: for JSON text, where strings have them as escapes, and for lines that are ours. */
export const withoutHidden = (text: string): string => text.replace(hidden, '\ufffd');

/** JSON text that means the same, with escapes for invisible characters, C1 controls and workflow commands. */
export const escapeJson = (json: string): string =>
  json
    .replace(hidden, escapeUnits)
    .replace(command, '#\\u0023')
    .replace(/[\u007f-\u009f]/g, escapeUnits);

/** `\u202e`, and a surrogate pair for what is beyond the BMP. */
const escapeUnits = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');

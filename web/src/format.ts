/** Formats numbers and times. Pure: the current time is an argument (epoch ms). */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `4 s`, `12 min`, `3 h 20 min`, `5 d 4 h`: at most two units. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < minute) return `${Math.floor(whole / second)} s`;
  if (whole < hour) return `${Math.floor(whole / minute)} min`;
  const [big, bigUnit, small, smallUnit] = whole < day ? [hour, 'h', minute, 'min'] : [day, 'd', hour, 'h'];
  const rest = Math.floor((whole % Number(big)) / Number(small));
  const head = `${Math.floor(whole / Number(big))} ${bigUnit}`;
  return rest === 0 ? head : `${head} ${rest} ${smallUnit}`;
}

/** `0.4 s`, `12 s`, `3 min`: a fraction only below 10 s. */
export function formatSeconds(seconds: number): string {
  if (seconds >= 60) return formatDuration(seconds * second);
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** Epoch ms of an RFC 3339 time. The start of the epoch means "no time" and gives null. */
export function parseTime(text: string | null | undefined): number | null {
  return text ? Date.parse(text) || null : null;
}

/** `now`, `12 s ago`, `3 h ago`, `in 8 s`: one unit. */
export function formatRelative(at: number, now: number): string {
  const distance = now - at;
  if (Math.abs(distance) < second) return 'now';
  const [amount, unit] = formatDuration(Math.abs(distance)).split(' ');
  return distance > 0 ? `${amount} ${unit} ago` : `in ${amount} ${unit}`;
}

/** Local time with UTC offset, to the millisecond, for use in a ticket. */
export function formatAbsolute(at: number): string {
  const date = new Date(at);
  const local = new Date(at - date.getTimezoneOffset() * minute).toISOString().slice(0, 23).replace('T', ' ');
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, '0');
  return `${local} ${sign}${two(offset / 60)}:${two(offset % 60)}`;
}

/** `12:04:09.123`, local. */
export function formatClock(at: number): string {
  return formatAbsolute(at).slice(11, 23);
}

export function formatCount(n: number): string {
  return n.toLocaleString('en-US');
}

/** `1 route`, `2 routes`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`;
}

/** `64512 64513 {64514,64515}`: AS_SETs in braces, like routers print them. */
export function formatAsPath(path: readonly (number | readonly number[])[]): string {
  return path.map((hop) => (typeof hop === 'number' ? String(hop) : `{${hop.join(',')}}`)).join(' ');
}

/** Starts with a capital letter and has no full stop at the end. */
export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, '');
}

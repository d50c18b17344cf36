// How the tools read their command line: `--help` says what is possible, a wrong one ends with 64.
import { parseArgs } from 'node:util';

/** Values and positionals of the command line, as parseArgs has them. */
export function toolOptions(usage, { options, allowPositionals = false }) {
  try {
    const { values, positionals } = parseArgs({ allowPositionals, options: { ...options, help: { type: 'boolean', default: false } } });
    if (values.help) end(usage);
    return { values, positionals };
  } catch (error) {
    return badUsage(usage, inWords(error));
  }
}

/** The number that an option has, which must lie in [least, most]. */
export function numberOf(usage, values, name, { least, most, whole = false }) {
  const number = values[name].trim() === '' ? Number.NaN : Number(values[name]);
  if (number >= least && number <= most && (!whole || Number.isInteger(number))) return number;
  return badUsage(usage, `--${name} must be a ${whole ? 'whole number' : 'number'} from ${least} to ${most}, got ${values[name]}`);
}

export function badUsage(usage, message) {
  process.stderr.write(`${message}\n\n${usage}`);
  process.exit(64);
}

/** parseArgs explains at length how a value may begin with a dash: none of ours does. */
function inWords({ code, message }) {
  const [option] = /--[\w-]+/.exec(message) ?? [];
  return code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && option ? `${option}: no value, or one that may not be here` : message;
}

function end(words) {
  process.stdout.write(words);
  process.exit(0);
}

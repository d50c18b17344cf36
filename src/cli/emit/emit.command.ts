import { writeFileSync } from 'node:fs';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { gateExit } from '../gate.js';
import { serverUrl } from '../gate-options.js';
import { messageOf } from '../gate-text.js';
import { addPair } from '../option-values.js';
import { argoGlue } from './argo.js';
import { findTemplate } from './find-template.js';
import { flaggerGlue } from './flagger.js';
import type { Glue } from './glue.js';
import { azureGlue, githubActionsGlue, gitlabGlue, jenkinsGlue } from './pipelines.js';
import { spinnakerGlue } from './spinnaker.js';

interface Tool {
  readonly write: (glue: Glue) => string;
  /** where the tool keeps secrets, as its users call it */
  readonly secret: string;
  readonly about: string;
}

const tools: Readonly<Record<string, Tool>> = {
  argo: { write: argoGlue, secret: 'assay', about: 'AnalysisTemplate; --secret names a Secret with the key `token`' },
  flagger: { write: flaggerGlue, secret: '', about: 'Canary with webhooks; put the token in place of ${ASSAY_TOKEN}' },
  spinnaker: {
    write: spinnakerGlue,
    secret: 'ASSAY_TOKEN',
    about: 'stages; --secret is what stands behind `Bearer `: better keep the token in a preconfigured webhook',
  },
  'github-actions': { write: githubActionsGlue, secret: 'ASSAY_TOKEN', about: 'reusable workflow; --secret names a secret' },
  gitlab: { write: gitlabGlue, secret: 'ASSAY_API_TOKEN', about: 'job; --secret names a masked variable' },
  jenkins: { write: jenkinsGlue, secret: 'assay-token', about: 'pipeline; --secret names a secret text credential' },
  azure: { write: azureGlue, secret: 'ASSAY_TOKEN', about: 'release gate; --secret names a secret variable' },
};

interface EmitOptions {
  readonly template: string;
  readonly templates?: string;
  readonly server: string;
  readonly service: string;
  readonly arg: Readonly<Record<string, string>>;
  readonly secret?: string;
  readonly toolVersion?: readonly [number, number];
  readonly image: string;
  readonly out?: string;
}

/** `assay emit TOOL`: glue for a deploy tool, with the limits under which it never promotes by accident. */
export function addEmitCommand(program: Command): void {
  const emit = program
    .command('emit')
    .description('write what a deploy tool needs to ask Assay: limits, timeouts and what to do with a hold are right for the tool')
    .addArgument(new Argument('<tool>', 'which tool').choices(Object.keys(tools)))
    .requiredOption('--template <name|file>', 'template to judge by: its deadline and arguments go into the glue')
    .option('--templates <directory>', 'where templates are found by name (default: ASSAY_TEMPLATES, else those that come with Assay)')
    .addOption(
      new Option('--server <url>', 'how the tool reaches Assay').env('ASSAY_URL').default('https://assay.example').argParser(serverUrl),
    )
    .requiredOption('--service <name>', 'what is released: the service, workload or application', plainName)
    .option(
      '--arg <name=value>',
      'argument of the template; repeat for more. Required ones that are left out stay open in the glue',
      addPair,
      {},
    )
    .option('--secret <name>', "where the tool finds Assay's token", secretName)
    .option('--tool-version <version>', 'of the tool, such as 1.7: older ones need other limits', versionOf)
    .option('--image <reference>', 'container image of Assay, for pipelines', imageName, 'assay:latest')
    .option('--out <path>', 'write there instead of to standard output')
    .addHelpText('after', helpAfter)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : gateExit.usage));
  emit.action(async (name: string, options: EmitOptions) => {
    const tool = tools[name] as Tool;
    const found = await findTemplate(options.template, options.templates ?? null);
    if (typeof found === 'string') return emit.error(`error: ${found}`);
    const unknown = Object.keys(options.arg).filter((argument) => !(argument in found.arguments));
    if (unknown.length > 0)
      return emit.error(
        `error: ${found.name} has no argument ${unknown.join(', ')}; it has ${Object.keys(found.arguments).join(', ') || 'none'}`,
      );
    const expanded = Object.entries(options.arg).find(([, value]) => /\{\{|\$\{|\$\(/.test(value));
    if (expanded)
      return emit.error(
        `error: ${expanded[0]}=… holds {{, ${'${'} or $(, which a tool would replace: give it to the tool as a variable instead`,
      );
    const { server, service, arg, image, toolVersion = null } = options;
    const glue = tool.write({
      server,
      template: found,
      arguments: arg,
      service,
      secret: options.secret ?? tool.secret,
      toolVersion,
      image,
    });
    if (options.out === undefined) process.stdout.write(glue);
    else save(options.out, glue, emit);
  });
}

const helpAfter = `
Tools:
${Object.entries(tools)
  .map(([name, { about }]) => `  ${name.padEnd(15)} ${about}`)
  .join('\n')}

  assay emit argo --template http-service --service checkout --server https://assay.internal
  assay emit argo --tool-version 1.7 …       # no consecutiveSuccessLimit there: undecided looks are errors
  assay emit gitlab --template ./checkout.yaml --service checkout --image registry.internal/assay:0.1.0

Whatever happens, none of them goes on without a promote. docs/integrations tells what each state does.`;

function save(path: string, text: string, emit: Command): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    emit.error(`error: ${messageOf(error)}`);
  }
}

/** Goes into names of Kubernetes and into scripts. */
function plainName(text: string): string {
  if (!/^[a-zA-Z0-9]([\w.-]{0,61}[a-zA-Z0-9])?$/.test(text))
    throw new InvalidArgumentError('give 1 to 63 letters, digits, ".", "_" or "-"');
  return text;
}

function secretName(text: string): string {
  if (!/^[\w.:/${}#'()[\] -]{1,200}$/.test(text)) throw new InvalidArgumentError('give a name of at most 200 plain characters');
  return text;
}

function imageName(text: string): string {
  if (!/^[\w][\w./:@-]{0,254}$/.test(text)) throw new InvalidArgumentError('give an image such as registry.internal/assay:0.1.0');
  return text;
}

function versionOf(text: string): [number, number] {
  const [, major, minor] = /^v?(\d{1,4})\.(\d{1,4})(?:\.|$)/.exec(text) ?? [];
  if (major === undefined || minor === undefined) throw new InvalidArgumentError('give a version such as 1.7 or v1.8.3');
  return [Number(major), Number(minor)];
}

import { argumentsOf, type Glue, longestMinutes, needsBaseline } from './glue.js';

/**
 * Three stages of a pipeline: Assay judges by a webhook stage that fails on anything but promote; where it held to the end, a person
 * decides; and what comes after them goes on only with a promote or that person's yes.
 *
 * @see spinnaker/orca, orca-webhook MonitorWebhookTask: a status in no list keeps the stage running
 */
export function spinnakerGlue(glue: Glue): string {
  const { known, open } = argumentsOf(glue);
  const name = `Assay: ${glue.service}`;
  const status = `#stage(${spelText(name)})['context']['webhook']['monitor']['body']['status']`;
  const values = [...known, ...open.map((argument) => [argument, `\${parameters['${argument}']}`] as const)];
  const stages = [
    {
      type: 'webhook',
      name,
      refId: 'assay',
      requisiteStageRefIds: [],
      method: 'POST',
      url: `${glue.server}/argo`,
      customHeaders: { Authorization: `Bearer ${glue.secret}`, 'Content-Type': 'application/json' },
      payload: {
        template: glue.template.name,
        canary: "${parameters['canary']}",
        ...(needsBaseline(glue.template) && { stable: "${parameters['baseline']}" }),
        key: '${execution.id}',
        ...(values.length > 0 && { arguments: Object.fromEntries(values) }),
      },
      waitForCompletion: true,
      statusUrlResolution: 'webhookResponse',
      statusUrlJsonPath: '$.status_url',
      statusJsonPath: '$.status',
      progressJsonPath: '$.summary',
      successStatuses: 'promote',
      terminalStatuses: 'rollback,hold',
      canceledStatuses: 'cancelled',
      retryStatusCodes: [429, 502, 503, 504],
      stageTimeoutMs: longestMinutes(glue.template) * 60_000,
      failPipeline: false,
      continuePipeline: true,
    },
    {
      type: 'manualJudgment',
      name: 'Assay held: promote anyway?',
      refId: 'assay-held',
      requisiteStageRefIds: ['assay'],
      instructions:
        'Assay could not tell whether the canary is safe: this is no approval. ${#stage(' +
        spelText(name) +
        ")['context']['webhook']['monitor']['progressMessage']}",
      judgmentInputs: [],
      stageEnabled: { type: 'expression', expression: `\${${status} == 'hold'}` },
      failPipeline: true,
    },
    {
      type: 'checkPreconditions',
      name: 'Promoted by Assay or by a person',
      refId: 'assay-passed',
      requisiteStageRefIds: ['assay-held'],
      preconditions: [
        {
          type: 'expression',
          failPipeline: true,
          context: {
            expression: `\${${status} == 'promote' or (${status} == 'hold' and #stage('Assay held: promote anyway?')['status'].toString() == 'SUCCEEDED')}`,
          },
        },
      ],
    },
  ];
  return `${JSON.stringify({ stages }, null, 2)}\n`;
}

const spelText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

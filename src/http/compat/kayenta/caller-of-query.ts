import { JsonFields, refuseProblems } from '../../../templates/index.js';
import { type ExecutionCaller } from './execution.js';

/** Who starts an execution, from the query string. @throws {InvalidRequestError} a parameter that comes twice, or is too long */
export function callerOf(query: Readonly<Record<string, unknown>>, configId: string): ExecutionCaller {
  const fields = new JsonFields(query, '', []);
  const caller = {
    configId,
    application: fields.text('application', 200),
    parentPipelineExecutionId: fields.text('parentPipelineExecutionId', 200),
    metricsAccountName: fields.text('metricsAccountName', 200),
    storageAccountName: fields.text('storageAccountName', 200),
  };
  refuseProblems(fields.problems);
  return caller;
}

import { describe, expect, it } from '@jest/globals';
import { planRecording } from '../../domain/index.js';
import { parseTemplate, resolveArguments } from '../../templates/index.js';
import { demoBudget, demoTemplate, demoTemplateName } from './demo-template.js';

describe("the demo's template", () => {
  const { template, issues } = parseTemplate(demoTemplate);

  it('has nothing that the linter would say', () => {
    expect(issues).toEqual([]);
  });

  it('is what the table takes it for', () => {
    expect(template?.name).toBe(demoTemplateName);
    expect(template?.budget).toEqual(demoBudget);
  });

  it('asks for windows of a second and for no attribute that the shop does not send', () => {
    const resolved = template && resolveArguments(template, {});
    expect(planRecording(resolved ? [resolved] : [])).toEqual({
      windowMs: 1000,
      latenessMs: 1500,
      attributes: ['http.route', 'k8s.pod.name', 'kind', 'service.name', 'service.version', 'status'],
      values: [],
      cohorts: ['service.version'],
      services: ['shop'],
    });
  });
});

import type { VariantGroup } from '../../analysis/index.js';
import { runOnWire, startedOnWire } from '../runs/wire.js';
import type { GroupDto, StartedGroupDto } from './group.dto.js';

/** A group as its own page shows it. */
export function groupOnWire({ id, runs, regressed, falseDiscoveryRate }: VariantGroup, publicUrl: string): GroupDto {
  return {
    group: id,
    runs: runs.map((run) => runOnWire(run, publicUrl)),
    regressed: [...regressed],
    falseDiscoveryRate: Number(falseDiscoveryRate.toPrecision(12)), // parts of a budget add up to it again
    links: { self: linkTo(id, publicUrl) },
  };
}

/** The group as the caller that started it needs it. */
export function startedGroupOnWire({ id, runs }: VariantGroup, created: boolean, publicUrl: string): StartedGroupDto {
  return {
    group: id,
    created,
    runs: runs.map((run) => startedOnWire(run, created, publicUrl)),
    links: { self: linkTo(id, publicUrl) },
  };
}

const linkTo = (id: string, publicUrl: string): string => `${publicUrl}/v1/groups/${encodeURIComponent(id)}`;

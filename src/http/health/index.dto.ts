export class IndexLinksDto {
  runs: string;
  templates: string;
  endpoints: string;
  deliveries: string;
  docs: string;
  openapi: string;
  health: string;
  readiness: string;
}

/** The front door, for programs and for people who typed the address. */
export class IndexDto {
  name: string;
  version: string;
  links: IndexLinksDto;
}

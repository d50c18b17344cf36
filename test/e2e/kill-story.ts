import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { ServerProcess } from '../support/server-process.js';
import { TelemetrySender } from '../support/telemetry-sender.js';

const secret = `whsec_${Buffer.from('thirty-two bytes for the signing').toString('base64')}`;
const template = `apiVersion: assay.dev/v1
kind: AnalysisTemplate
metadata: { name: killed }
spec:
  arguments: { service: { type: string } }
  schedule: { window: 1s, lateness: 1s, warmup: 2s, minDuration: 8s, minSamples: 100, deadline: 26s, staleAfter: 5s }
  metrics:
    - name: error-rate
      role: critical
      source: traces
      proportion: { of: { kind: server, service.name: '\${service}' }, events: { status: error } }
      margin: { absolute: 0.1 }
    - name: latency
      role: weighted
      source: traces
      percentiles: { of: { kind: server, service.name: '\${service}' }, at: [0.5] }
      margin: { relative: 0.5 }
`;

/** What becomes of each kind of canary; null: whatever it may be, it has to end. */
const fates = { healthy: 'promote', bad: 'rollback', silent: 'hold', doubtful: null } as const;
type Fate = keyof typeof fates;

/** Twenty canaries, and in which wave their runs start: so that a kill always finds some final and some not. */
const canaries = Array.from({ length: 20 }, (_, index) => ({
  version: `2.${index}`,
  wave: index % 3,
  fate: (['healthy', 'bad', 'healthy', 'bad', 'silent', 'healthy', 'bad', 'healthy', 'bad', 'doubtful'] as const)[index % 10] as Fate,
}));
const errorsOf: Record<Fate, number> = { healthy: 0.02, bad: 0.35, doubtful: 0.12, silent: 0 };

/** A verdict that was final, as a reader got it. */
type FinalTexts = ReadonlyMap<string, string>;

export interface KillReport {
  readonly seconds: number;
  /** how many runs were final, and how many not, at each kill */
  readonly kills: readonly { readonly final: number; readonly open: number }[];
  readonly runs: readonly {
    readonly id: string;
    readonly fate: Fate;
    readonly state: string;
    readonly decision: string;
    readonly text: string;
  }[];
  /** verdicts that were final before a kill and read otherwise afterwards */
  readonly changedVerdicts: readonly string[];
  /** runs whose number of looks was seen to shrink, or whose looks have gaps or more than one end */
  readonly brokenHistories: readonly string[];
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly run: string;
    readonly decision: string;
    readonly hash: string;
  }[];
  readonly badSignatures: number;
  readonly telemetry: { readonly requests: number; readonly repeated: number; readonly spans: number };
}

/** @param store  the variables that say where everything is kept; a store that outlives the process */
export async function killStory(store: Readonly<Record<string, string>>): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-killed-'));
  writeFileSync(join(folder, 'killed.yaml'), template);
  const receiver = await startReceiver();
  receiver.answer(({ response, count }) => void setTimeout(() => response.writeHead(200).end('ok'), (count * 37) % 150));
  try {
    const server = await ServerProcess.start({
      ASSAY_TEMPLATES: folder,
      ASSAY_EGRESS_ALLOW: '127.0.0.0/8',
      KILL_STORY_SECRET: secret,
      ASSAY_OTLP_RESTART_GRACE: '2s',
      ...store,
    });
    const story = new KillStory(server, receiver);
    return await story.tell().finally(() => story.end());
  } finally {
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

class KillStory {
  private readonly started = Date.now();
  private readonly sender: TelemetrySender;
  private readonly runs = new Map<string, Fate>();
  private readonly kills: { final: number; open: number }[] = [];
  private readonly changed: string[] = [];
  private readonly broken = new Set<string>();
  private readonly looksSeen = new Map<string, number>();
  private finals = new Map<string, string>();

  constructor(
    private readonly server: ServerProcess,
    private readonly receiver: Receiver,
  ) {
    const rate = { service: 'shop', spansPerSecond: 100 };
    const speaking = canaries.filter(({ fate }) => fate !== 'silent');
    this.sender = new TelemetrySender(server.otlpUrl, [
      { ...rate, version: '1.0', errors: 0.02 },
      ...speaking.map(({ version, fate }) => ({ ...rate, version, errors: errorsOf[fate] })),
    ]);
  }

  async tell(): Promise<KillReport> {
    const endpoint = { channel: 'webhook', url: this.receiver.url, secretRef: 'env:KILL_STORY_SECRET' };
    const { status, text } = await this.server.post('/v1/endpoints', endpoint);
    if (status !== 201) throw new Error(`the endpoint was refused: ${text}`);
    const starting = this.startRuns();
    await this.killWhen((final, open) => final >= 3 && open >= 8);
    await this.server.begin();
    await this.compareFinals();
    await starting;
    await this.killWhen((final, open) => final >= 10 && open >= 2);
    this.server.launch();
    await sleep(700);
    await this.server.kill(); // while it starts
    await this.server.begin();
    await this.compareFinals();
    await this.until('every run ends', async () => (await this.read()).size === canaries.length);
    await this.compareFinals();
    await this.until('every final event arrives', () => this.finalEvents().size === canaries.length);
    return this.report();
  }

  async end(): Promise<void> {
    await this.sender.stop();
    await this.server.stop();
  }

  /** Each start is asked for until it is answered: the key makes it one run. */
  private async startRuns(): Promise<void> {
    const begin = async ({ version, wave, fate }: (typeof canaries)[number]): Promise<void> => {
      await sleep(wave * 3_500);
      const body = JSON.stringify({ template: 'killed', arguments: { service: 'shop' }, baseline: '1.0', canary: version });
      const headers = { 'content-type': 'application/json', 'idempotency-key': `deploy-${version}` };
      await this.until(`run of ${version} starts`, async () => {
        const answer = await this.server.ask('/v1/runs', { method: 'POST', headers, body }).catch(() => null);
        if (answer?.status === 202) this.runs.set(answer.json.id, fate);
        return answer?.status === 202;
      });
    };
    await Promise.all(canaries.map(begin));
  }

  private async killWhen(isTime: (final: number, open: number) => boolean): Promise<void> {
    await this.until('it is time to kill', async () => {
      this.finals = await this.read();
      return isTime(this.finals.size, this.runs.size - this.finals.size);
    });
    await this.server.kill();
    this.kills.push({ final: this.finals.size, open: this.runs.size - this.finals.size });
  }

  /** All final verdicts, byte by byte; on the way it is seen that looks only grow. */
  private async read(): Promise<Map<string, string>> {
    const finals = new Map<string, string>();
    await Promise.all(
      [...this.runs.keys()].map(async (id) => {
        const answer = await this.server.get(`/v1/runs/${id}/verdict`).catch(() => null);
        if (answer?.status !== 200) return;
        if (answer.json.looks < (this.looksSeen.get(id) ?? 0)) this.broken.add(id);
        this.looksSeen.set(id, answer.json.looks);
        if (answer.json.final) finals.set(id, answer.text);
      }),
    );
    return finals;
  }

  /** What was final before must read the same now. */
  private async compareFinals(): Promise<void> {
    const now: FinalTexts = await this.read();
    for (const [id, text] of this.finals) {
      if (now.get(id) !== text) this.changed.push(`${text} became ${now.get(id)}`);
    }
    this.finals = new Map(now);
  }

  private async report(): Promise<KillReport> {
    const runs = await Promise.all(
      [...this.runs].map(async ([id, fate]) => {
        const { json, text } = await this.server.get(`/v1/runs/${id}/verdict`);
        await this.checkLooks(id, json.looks);
        return { id, fate, state: json.state, decision: json.decision, text };
      }),
    );
    return {
      seconds: (Date.now() - this.started) / 1000,
      kills: this.kills,
      runs,
      changedVerdicts: this.changed,
      brokenHistories: [...this.broken],
      events: this.events(),
      badSignatures: this.receiver.received.filter((message) => !isSigned(message)).length,
      telemetry: this.sender.sent,
    };
  }

  private async checkLooks(id: string, count: number): Promise<void> {
    const { json } = await this.server.get(`/v1/runs/${id}/looks?limit=250`);
    const looks: { sequence: number; final: boolean }[] = json.looks;
    const inOrder = looks.every(({ sequence }, index) => sequence === index + 1);
    const oneEnd = looks.filter(({ final }) => final).length === 1 && looks.at(-1)?.final;
    if (!inOrder || !oneEnd || looks.length !== count) this.broken.add(id);
  }

  private events(): KillReport['events'] {
    return this.receiver.received.map(({ headers, body }) => {
      const { type, data } = JSON.parse(body);
      const hash = createHash('sha256').update(body).digest('hex');
      return { id: String(headers['webhook-id']), type, run: data.run, decision: data.decision, hash };
    });
  }

  private finalEvents(): Set<string> {
    return new Set(this.events().flatMap(({ type, run }) => (type === 'verdict.final' ? [run] : [])));
  }

  private async until(what: string, isSo: () => Promise<boolean> | boolean, withinMs = 90_000): Promise<void> {
    for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(100)) {
      if (await isSo()) return;
    }
    throw new Error(`waited in vain until ${what}; the server said:\n${this.server.output.slice(-4_000)}`);
  }
}

function isSigned({ headers, body }: Receiver['received'][number]): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

/** The figures in one line. */
export function inOneLine(what: string, report: KillReport): string {
  const { kills, runs, events, telemetry, seconds } = report;
  const at = kills.map(({ final, open }) => `${final} final and ${open} open`).join(', ');
  const ends = ['promote', 'rollback', 'hold'].map((end) => `${runs.filter(({ decision }) => decision === end).length} ${end}`).join(', ');
  const distinct = new Set(events.map(({ id }) => id)).size;
  return (
    `kill -9, ${what}: 3 kills (${at}, one while starting); ${runs.length} runs ended (${ends}); ` +
    `${events.length} deliveries of ${distinct} events; ${telemetry.spans} spans in ${telemetry.requests} requests, ` +
    `${telemetry.repeated} sent again; ${Math.round(seconds)} s\n`
  );
}

/** Overview: verdicts, problems, sources and the state of the collector. */
import type { Page, Status, Summary, Verdict } from '../../../src/api/schemas.ts';
import { type Read, useApp, useModel, useNeighbors, useRead } from '../app.ts';
import { formatCount, plural } from '../format.ts';
import { countNeighbors } from '../model.ts';
import { Health } from '../parts/health.tsx';
import { To } from '../parts/link.tsx';
import { Empty, Failure, Loading } from '../parts/notice.tsx';
import { HowToPeer } from '../parts/peering.tsx';
import { Sources } from '../parts/sources.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Ago } from '../parts/time.tsx';
import { TopDiagnoses, useTopDiagnoses } from '../parts/top-diagnoses.tsx';
import { VerdictBadge, VerdictGlyph } from '../parts/verdict.tsx';
import { groupProblems, type Problem } from '../problems.ts';
import { formatSubject, place } from '../router.ts';
import { noProblems, summarizeVerdicts } from '../verdict-summary.ts';
import { headline, verdictMeaning, verdictOrder } from '../verdicts.ts';
import './overview.css';

/** Problems shown; Checks lists all. */
const maxProblems = 8;
/** Verdicts read and grouped into problems. */
const maxVerdicts = 2_000;
const urgent = 'missing,mismatch,unexpected,stale';

export function Overview() {
  const status = useModel((model) => model.status);
  const summary = useModel((model) => model.summary);
  const neighbors = useNeighbors();
  return (
    <div class="overview">
      <h1>Overview</h1>
      <Health />
      {summary ? <Strip summary={summary} /> : <Loading />}
      {(neighbors?.size ?? (status && countNeighbors(status))) === 0 ? (
        <div class="card">
          <HowToPeer />
        </div>
      ) : (
        <div class="columns">
          <div class="side">
            <DiagnosesAndProblems />
          </div>
          <div class="side">
            <Recent />
            {status && <Sources sources={status.sources} />}
            {status && <Collector status={status} />}
          </div>
        </div>
      )}
    </div>
  );
}

/** An undecided state keeps the text color. */
const toneOf = { good: 'v-ok', wrong: 'v-missing', undecided: '' } as const;

function Strip({ summary }: { summary: Summary }) {
  const { verdicts, sessions, services } = summary;
  const total = verdictOrder.reduce((sum, word) => sum + verdicts[word], 0);
  if (total === 0)
    return (
      <section class="card" aria-label="Verdicts">
        <Empty title="Nothing to compare">
          <p>{summary.emptyText ?? 'No route is expected, and none was received.'}</p>
        </Empty>
      </section>
    );
  const shown = [...verdictOrder].reverse().filter((word) => verdicts[word] > 0);
  const { kind, text } = summarizeVerdicts(verdicts);
  return (
    <section class="card strip" aria-label="Verdicts">
      <div class="headline">
        <p class={toneOf[kind]}>
          <strong>{text}</strong>
          <span class="dim">
            of {formatCount(total)}, evaluated <Ago at={summary.evaluatedAt} />
          </span>
        </p>
        <dl>
          <div>
            <dt>Services fully announced</dt>
            <dd class={services.failing > 0 ? 'bad' : ''}>
              {formatCount(services.ok)}{' '}
              <span class="dim">of {formatCount(services.ok + services.pending + services.failing)}</span>
            </dd>
          </div>
          <div>
            <dt>Expected sessions up</dt>
            <dd class={sessions.established < sessions.expected ? 'bad' : ''}>
              {formatCount(sessions.established)} <span class="dim">of {formatCount(sessions.expected)}</span>
            </dd>
            {sessions.elsewhere > 0 && (
              <dd class="dim">{plural(sessions.elsewhere, 'session', 'sessions')} with other routers not observed</dd>
            )}
          </div>
        </dl>
      </div>
      <div class="bar" aria-hidden="true">
        {shown.map((word) => (
          <span
            key={word}
            class={`v-${word}`}
            style={{ flexGrow: verdicts[word] }}
            title={`${verdicts[word]} ${word}`}
          />
        ))}
      </div>
      <ul class="tiles">
        {verdictOrder.map((word) => (
          <li key={word}>
            <To
              item
              place={place('checks', { q: `verdict:${word}` })}
              class={`tile v-${word}${verdicts[word] === 0 ? ' zero' : ''}`}
              title={verdictMeaning[word]}
            >
              <span class="count">{formatCount(verdicts[word])}</span>
              <span class="word">
                <VerdictGlyph verdict={word} />
                {word}
              </span>
            </To>
          </li>
        ))}
      </ul>
      {summary.emptyText && <p class="dim">{summary.emptyText}</p>}
    </section>
  );
}

/** Shows both lists at once, so that the later one does not move the other. */
function DiagnosesAndProblems() {
  const diagnoses = useTopDiagnoses();
  const problems = useProblems();
  if (diagnoses.loading || problems.loading)
    return (
      <div class="card">
        <Loading />
      </div>
    );
  return (
    <>
      <TopDiagnoses read={diagnoses} />
      <Problems read={problems} />
    </>
  );
}

function useProblems(): Read<Page<Verdict>> {
  const revision = useModel((model) => model.verdictRevision);
  return useRead<Page<Verdict>>('/checks', { verdict: urgent, limit: maxVerdicts }, revision);
}

function Problems({ read: { answer, error, again } }: { read: Read<Page<Verdict>> }) {
  const verdicts = useModel((model) => model.summary?.verdicts);
  const problems = answer && groupProblems(answer.data);
  return (
    <section class="card problems" aria-labelledby="problems-title">
      <h2 id="problems-title">
        Top problems <To place={place('checks', { q: `verdict:${urgent}` })}>All checks</To>
      </h2>
      {error && <Failure error={error} again={again} />}
      {problems?.length === 0 && verdicts && <p class="dim">{noProblems(verdicts)}</p>}
      {problems && problems.length > 0 && (
        <ul>
          {problems.slice(0, maxProblems).map((problem) => (
            <ProblemItem
              key={`${problem.shared} ${problem.verdict.verdict} ${formatSubject(problem.verdict)}`}
              problem={problem}
            />
          ))}
        </ul>
      )}
      {problems && problems.length > maxProblems && (
        <p class="dim more">and {plural(problems.length - maxProblems, 'more problem')}</p>
      )}
    </section>
  );
}

function ProblemItem({ problem: { verdict, shared, count } }: { problem: Problem }) {
  const { prefix, node, bgpPeer, neighbor } = verdict;
  const session = [
    `verdict:${verdict.verdict}`,
    node ? `node:${node}` : neighbor !== null && `neighbor:${neighbor}`,
    bgpPeer && `peer:${bgpPeer}`,
  ];
  const anyNode = verdict.rule === null ? 'unknown node' : `any node (rule ${verdict.rule})`;
  const where = node ?? (neighbor === null ? anyNode : `neighbor ${neighbor}`);
  return (
    <li>
      <VerdictBadge verdict={verdict.verdict} />
      <div>
        {shared === 'session' ? (
          <p>
            <To class="strong" item place={place('checks', { q: session.filter(Boolean).join(' ') })}>
              {plural(count, 'prefix', 'prefixes')}
            </To>{' '}
            on {where} {bgpPeer && <span class="dim">to {bgpPeer}</span>}
          </p>
        ) : (
          <p>
            <To
              class="mono strong"
              item
              place={
                count > 1
                  ? place('prefix', { subject: prefix })
                  : place('checks', { q: `prefix:${prefix}`, open: formatSubject(verdict) })
              }
            >
              {prefix}
            </To>{' '}
            on {count > 1 ? plural(count, 'session') : where}{' '}
            {count === 1 && bgpPeer && <span class="dim">to {bgpPeer}</span>}
          </p>
        )}
        <p class="dim" title={verdict.reasonText}>
          {headline(verdict)}
        </p>
      </div>
      <span class="dim when">
        <Ago at={verdict.since} />
      </span>
    </li>
  );
}

function Recent() {
  const recent = useModel((model) => model.recentVerdicts);
  return (
    <section class="card recent" aria-labelledby="recent-title">
      <h2 id="recent-title">
        Recent verdict changes <To place={place('live')}>Live feed</To>
      </h2>
      {recent.length === 0 && <p class="dim">None since you opened this page.</p>}
      <ul>
        {recent.slice(0, 6).map(
          (row) =>
            row.kind === 'verdict' && (
              <li key={row.id}>
                <To class="mono" place={place('prefix', { subject: row.change.prefix })}>
                  {row.change.prefix}
                </To>
                <span class="dim">{row.change.node}</span>
                {row.change.to ? <VerdictBadge verdict={row.change.to} /> : <span class="dim">removed</span>}
              </li>
            ),
        )}
      </ul>
    </section>
  );
}

function Collector({ status }: { status: Status }) {
  const rates = useModel((model) => model.rates);
  const { go } = useApp();
  const rate = rates.at(-1)?.perSecond;
  const { threads, rib } = status;
  return (
    <section class="card collector" aria-labelledby="collector-title">
      <h2 id="collector-title">Collector</h2>
      <button type="button" class="rate" onClick={() => go(place('live'))} title="Open the live feed">
        <span>
          <strong>{rate === undefined ? '–' : formatCount(Math.round(rate))}</strong> messages/s
        </span>
        <Sparkline values={rates.map((sample) => sample.perSecond)} label="Messages per second, last 5 minutes" />
      </button>
      <dl class="facts">
        <Fact name="Routes" value={`${formatCount(rib.routes)} in ${plural(rib.prefixes, 'prefix', 'prefixes')}`} />
        <Fact
          name="Not stored yet"
          value={plural(Math.max(0, status.seq - status.watermark), 'message')}
          bad={status.seq - status.watermark > 100_000}
        />
        <Fact
          name="Last commit"
          value={`${threads.store.lastCommitMs.toFixed(1)} ms`}
          bad={threads.store.lastCommitMs > 2_000}
        />
        <Fact
          name="Speaker loop delay"
          value={`${threads.speaker.loopDelayMs.toFixed(1)} ms`}
          bad={threads.speaker.loopDelayMs > 1_000}
        />
        <Fact name="Database" value={formatBytes(threads.store.databaseBytes)} />
      </dl>
    </section>
  );
}

function Fact({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={bad ? 'bad' : ''}>{value}</dd>
    </div>
  );
}

function formatBytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = n < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(n) / 10));
  return `${(n / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

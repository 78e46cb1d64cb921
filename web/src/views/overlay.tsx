/** Overlay rules: what must and must not be announced, and which differences are accepted. Read only. */
import type { Envelope, Overlay, OverlayRule } from '../../../src/api/schemas.ts';
import { useApp, useRead } from '../app.ts';
import { formatAsPath, plural } from '../format.ts';
import { PrefixLink, To } from '../parts/link.tsx';
import { Banner, Empty, Failure, Loading } from '../parts/notice.tsx';
import { Card } from '../parts/object.tsx';
import { Ago } from '../parts/time.tsx';
import { place } from '../router.ts';
import './overlay.css';

const meanings: Readonly<Record<OverlayRule['rule'], string>> = {
  must: 'must be announced',
  'must-not': 'must not be announced',
  ignore: 'accepts a known difference',
};

export function OverlayRules() {
  const { place: here } = useApp();
  const { answer, error, again } = useRead<Envelope<Overlay>>('/expectations/overlay');
  const overlay = answer?.data;
  return (
    <div class="object-view">
      <h1>Overlay rules</h1>
      <p class="lede dim">
        Hand-written rules that add to the objects of the cluster. An “ignore” rule makes a difference{' '}
        <To place={place('checks', { q: 'verdict:suppressed' })}>suppressed</To> until the rule expires.
      </p>
      {error && error.status !== 404 && <Failure error={error} again={again} />}
      {!overlay && !error && <Loading />}
      {overlay?.problems.map(({ file, line, path, text }) => (
        <Banner key={`${file} ${line} ${text}`} tone="warn" title={`${file}${line === undefined ? '' : `:${line}`}`}>
          {path && <code>{path}</code>} {text}
        </Banner>
      ))}
      {(overlay?.rules.length === 0 || error?.status === 404) && (
        <div class="card">
          <Empty title="No rules">
            <p>
              Write rules to the file that <code>expect.overlay</code> names, or send them with{' '}
              <code>PUT /api/v1/expectations/overlay</code>. Each rule has an owner, a reason and an expiry date.
            </p>
            <pre>
              <code>{example}</code>
            </pre>
          </Empty>
        </div>
      )}
      {overlay && overlay.rules.length > 0 && (
        <Card
          id="rules"
          title={plural(overlay.rules.length, 'rule')}
          more={
            <span class="dim">
              {[overlay.file, overlay.rules.some(({ layer }) => layer === 'api') && 'API']
                .filter(Boolean)
                .join(' and ')}
              {overlay.updatedAt && (
                <>
                  , <Ago at={overlay.updatedAt} />
                </>
              )}
            </span>
          }
        >
          <div class="scroll">
            <table class="plain overlay-rules">
              <thead>
                <tr>
                  {['Rule', 'Prefix', 'Scope', 'Reason', 'Owner', 'Expires'].map((title) => (
                    <th scope="col" key={title}>
                      {title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {overlay.rules.map((rule) => (
                  <Rule key={`${rule.layer} ${rule.id}`} rule={rule} open={rule.id === here.open} />
                ))}
              </tbody>
            </table>
          </div>
        </Card>
      )}
    </div>
  );
}

function Rule({ rule, open }: { rule: OverlayRule; open: boolean }) {
  const where = [
    rule.node !== undefined && `node ${words(rule.node)}`,
    rule.bgpPeer !== undefined && `BGPPeer ${words(rule.bgpPeer)}`,
    rule.neighbor !== undefined && `neighbor ${words(rule.neighbor)}`,
    rule.atLeast !== undefined && `at least ${rule.atLeast}`,
  ].filter(Boolean);
  const wanted = [
    rule.localPref !== undefined && `local pref ${rule.localPref}`,
    rule.communities && `communities ${rule.communities.join(' ') || 'none'}`,
    rule.largeCommunities && `large communities ${rule.largeCommunities.join(' ') || 'none'}`,
    rule.nextHop !== undefined && `next hop ${words(rule.nextHop)}`,
    rule.asPath && `AS path ${formatAsPath(rule.asPath) || 'empty'}`,
    rule.verdict !== undefined && `verdict ${words(rule.verdict)}`,
    rule.fields && `difference in ${rule.fields.join(', ')}`,
  ].filter(Boolean);
  return (
    <tr class={`${open ? 'open' : ''}${rule.expired || rule.replaced ? ' expired' : ''}`} data-item tabIndex={-1}>
      <td>
        <strong title={meanings[rule.rule]}>{rule.rule}</strong>
        <span class="mono dim id">{rule.id}</span>
        {rule.replaced && <span class="dim id">replaced by an API rule</span>}
      </td>
      <td>
        <PrefixLink prefix={rule.prefix} />
        {rule.match !== 'exact' && <span class="dim"> and {rule.match}</span>}
      </td>
      <td>
        {where.join(', ') || 'everywhere'}
        {wanted.length > 0 && <span class="dim id">with {wanted.join(', ')}</span>}
      </td>
      <td class="wrap">{rule.reason}</td>
      <td>{rule.owner}</td>
      <td>
        {rule.expires === null ? <span class="dim">never</span> : <Ago at={rule.expires} />}
        {rule.expired && <strong class="warn id">expired</strong>}
      </td>
    </tr>
  );
}

const words = (value: string | string[]): string => (typeof value === 'string' ? value : value.join(' or '));

const example = `rules:
  - id: rack-4-moves
    rule: ignore
    prefix: 203.0.113.0/24
    match: longer
    node: worker-4
    reason: The rack moves this week
    owner: network@example.net
    expires: 2027-01-31`;

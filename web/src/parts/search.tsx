/** The search box. Its text is part of the URL. Suggestions and errors appear below it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp, useCommand } from '../app.ts';
import { insertKey, parseFilter, suggestKeys, type Vocabulary } from '../filter.ts';
import { place, type ViewName } from '../router.ts';
import { useThrottled } from '../throttle.ts';
import { checkVocabulary, diagnosisVocabulary, l2Vocabulary, routeVocabulary } from '../vocabularies.ts';
import { lookupDelay, moveInResults, SearchResults, useLookup } from './search-results.tsx';
import './search.css';

/** Milliseconds without a key press before a search runs. */
const searchDelay = 250;

interface Box {
  /** View that shows the results. */
  view: ViewName;
  placeholder: string;
  /** Undefined: only plain words. */
  vocabulary: Vocabulary | undefined;
}

const routes: Box = {
  view: 'routes',
  placeholder: 'Search: prefix, address, service, node, community',
  vocabulary: routeVocabulary,
};

const boxes: Readonly<Record<ViewName, Box>> = {
  overview: routes,
  neighbor: routes,
  prefix: routes,
  'not-found': routes,
  service: routes,
  node: routes,
  pool: routes,
  advertisement: routes,
  explain: routes,
  overlay: routes,
  routes,
  live: { view: 'live', placeholder: 'Filter the feed: prefix, node, community', vocabulary: routeVocabulary },
  checks: {
    view: 'checks',
    placeholder: 'Filter checks: verdict, prefix, node, namespace/service',
    vocabulary: checkVocabulary,
  },
  diagnoses: {
    view: 'diagnoses',
    placeholder: 'Filter diagnoses: severity, node, prefix, namespace/service',
    vocabulary: diagnosisVocabulary,
  },
  l2: {
    view: 'l2',
    placeholder: 'Filter layer 2: address, namespace/service, node, verdict',
    vocabulary: l2Vocabulary,
  },
  neighbors: { view: 'neighbors', placeholder: 'Filter neighbors: address, node, AS, state', vocabulary: undefined },
};

export function Search() {
  const { place: here, go } = useApp();
  const box = boxes[here.view];
  const inPlace = box.view === here.view;
  const [text, setText] = useState(here.q);
  const [focused, setFocused] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  // follows the URL when a link, the back button or a facet changes it
  useEffect(() => {
    clearTimeout(timer.current);
    setText(here.q);
  }, [here.view, here.q]);

  useCommand('search', () => {
    input.current?.focus();
    input.current?.select();
  });
  useCommand('close', () => {
    if (document.activeElement !== input.current) return false;
    input.current?.blur();
  });

  const run = (value: string, how?: 'replace') => {
    clearTimeout(timer.current);
    if (!inPlace || value.trim() !== here.q) go(place(box.view, { q: value.trim() }), how);
  };
  const type = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    if (inPlace) timer.current = setTimeout(() => run(value, 'replace'), searchDelay);
  };
  const insert = (key: string) => {
    type(insertKey(text, key));
    input.current?.focus();
  };

  // a key without its value is incomplete, not wrong
  const problems = box.vocabulary && !(focused && text.endsWith(':')) ? parseFilter(text, box.vocabulary).problems : [];
  const keys = box.vocabulary && focused ? suggestKeys(text, box.vocabulary) : [];
  const lookup = useLookup(useThrottled(!inPlace && focused ? text.trim() : '', lookupDelay));
  const found = focused && lookup && lookup.results.length > 0 ? lookup : undefined;
  return (
    <search>
      <form
        class="search"
        onSubmit={(event) => {
          event.preventDefault();
          run(text);
          input.current?.blur(); // so that j and k move in the results
        }}
        onKeyDown={(event) => moveInResults(event, input.current)}
        onFocusIn={() => setFocused(true)}
        onFocusOut={(event) => setFocused(event.currentTarget.contains(event.relatedTarget as Node | null))}
      >
        <input
          ref={input}
          type="search"
          aria-label={box.placeholder.split(':')[0]!}
          aria-describedby={problems.length > 0 ? 'search-problems' : undefined}
          placeholder={box.placeholder}
          value={text}
          autocomplete="off"
          spellcheck={false}
          maxLength={500}
          onInput={(event) => type(event.currentTarget.value)}
        />
        {text === '' && !focused && <kbd>/</kbd>}
        {(problems.length > 0 || keys.length > 0 || found) && box.vocabulary && (
          <div class={`search-below${keys.length > 0 || found ? ' open' : ''}`}>
            {found && <SearchResults lookup={found} onPick={() => setFocused(false)} />}
            <ul id="search-problems" class="problems-below" aria-live="polite">
              {problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
            {keys.length > 0 && <Keys keys={keys} vocabulary={box.vocabulary} insert={insert} />}
          </div>
        )}
      </form>
    </search>
  );
}

interface KeysProps {
  keys: readonly string[];
  vocabulary: Vocabulary;
  insert: (key: string) => void;
}

function Keys({ keys, vocabulary, insert }: KeysProps) {
  return (
    <fieldset class="search-keys" aria-label="Search keys">
      {keys.map((key) => (
        // a click must not take the focus from the box
        <button
          type="button"
          key={key}
          tabIndex={-1}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => insert(key)}
        >
          <span class="mono strong">{key}:</span>
          <span class="dim">{vocabulary.keys[key]?.help}</span>
          <span class="mono dim">{vocabulary.keys[key]?.example}</span>
        </button>
      ))}
    </fieldset>
  );
}

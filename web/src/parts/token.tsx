/** Asks for the bearer token of a collector that wants one. It is kept for this tab only. */
import { useState } from 'preact/hooks';

export function TokenForm({ onToken, wrong }: { onToken: (token: string) => void; wrong: boolean }) {
  const [token, setToken] = useState('');
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        onToken(token.trim());
      }}
    >
      <h1>This collector asks for a token</h1>
      <p>
        One of <code>http.tokens</code> in its configuration, with the scope <code>read</code>. It stays in this tab.
      </p>
      {wrong && (
        <p class="bad" role="alert">
          That token was refused.
        </p>
      )}
      <label>
        Token{' '}
        <input
          type="password"
          value={token}
          autocomplete="off"
          required
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Go on</button>
    </form>
  );
}

/** Asks for the bearer token. The browser keeps it for this tab only. */
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
      <h1>Token required</h1>
      <p>
        Enter a token of <code>http.tokens</code> with the scope <code>read</code>. The browser keeps it for this tab
        only.
      </p>
      {wrong && (
        <p class="bad" role="alert">
          Invalid token.
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
      <button type="submit">Continue</button>
    </form>
  );
}

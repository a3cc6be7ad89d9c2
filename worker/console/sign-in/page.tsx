import { Notice } from '../components/notice'
import { Document } from '../layout'

interface SignInProps {
  root: string
  /** Why it has to be tried again. */
  failed?: string
}

/** Where somebody without a session is led. */
export const SignInPage = ({ root, failed }: SignInProps) => (
  <Document title="Sign in" root={root}>
    <main class="door" id="main">
      <h1>
        <span class="brand">weir</span> console
      </h1>
      {failed === undefined ? null : <Notice tone="bad">{failed}</Notice>}
      <form method="post">
        <div class="field">
          <label for="token">Admin token</label>
          <input
            id="token"
            name="token"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby="token-help"
          />
          <p class="help" id="token-help">
            A token of the deployment's secret ADMIN_TOKEN. The session ends after twelve hours.
          </p>
        </div>
        <div class="actions">
          <button type="submit">Sign in</button>
        </div>
      </form>
    </main>
  </Document>
)

/** For those whom Cloudflare Access should have brought, and has not. */
export const NoAccessPage = ({ root }: { root: string }) => (
  <Document title="Sign in" root={root}>
    <main class="door" id="main">
      <h1>
        <span class="brand">weir</span> console
      </h1>
      <Notice tone="bad" title="You are not signed in.">
        <p>
          This console lets people in by Cloudflare Access, and the request came without an
          assertion that holds. Open it by the address that Access protects, or ask whoever set
          ACCESS_TEAM_DOMAIN and ACCESS_AUD.
        </p>
      </Notice>
    </main>
  </Document>
)

import { Notice } from '../components/notice'
import { Document } from '../layout'

interface SignInProps {
  root: string
  /** Why the last attempt failed. */
  failed?: string
}

/** The page to which requests without a session are redirected. */
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

/** Shown when a request did not come through Cloudflare Access. */
export const NoAccessPage = ({ root }: { root: string }) => (
  <Document title="Sign in" root={root}>
    <main class="door" id="main">
      <h1>
        <span class="brand">weir</span> console
      </h1>
      <Notice tone="bad" title="You are not signed in.">
        <p>
          You sign in to this console through Cloudflare Access, and this request came without a
          valid assertion from it. Open the address that Access protects. If you did, check
          ACCESS_TEAM_DOMAIN and ACCESS_AUD of the deployment.
        </p>
      </Notice>
    </main>
  </Document>
)

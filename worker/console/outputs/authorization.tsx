import type { Authorization } from '../../admin/answers/outputs'
import { Badge, type BadgeState } from '../components/badge'
import { Notice } from '../components/notice'
import { Time } from '../components/time'
import type { Session } from '../env'
import { Page } from '../layout'

const badges = {
  none: ['retrying', 'not authorized'],
  failing: ['failing', 'failing'],
  authorized: ['ok', 'authorized'],
} as const satisfies Record<string, readonly [BadgeState, string]>

/** Whether an integration is authorized by OAuth2, with actions. */
export const AuthorizationPanel = ({ of, path }: { of: Authorization; path: string }) => {
  if (of.status === 'not_needed') return null
  const [state, label] = badges[of.status]
  return (
    <section class="panel">
      <h2>Authorization</h2>
      <dl class="facts">
        <div>
          <dt>State</dt>
          <dd>
            <Badge state={state}>{label}</Badge>
          </dd>
        </div>
        <div>
          <dt>Token expires</dt>
          <dd>
            <Time ms={of.expires_ms} />
          </dd>
        </div>
        {of.last_error ? (
          <div>
            <dt>Last error</dt>
            <dd>
              <Time ms={of.last_error.at_ms} /> {of.last_error.reason}
            </dd>
          </div>
        ) : null}
        {of.redirect_uri ? (
          <div>
            <dt>Redirect URI</dt>
            <dd>
              <code>{of.redirect_uri}</code>
            </dd>
          </div>
        ) : null}
      </dl>
      <div class="actions">
        <form method="post" action={`${path}/authorization`}>
          <button type="submit">
            {of.grant_type === 'client_credentials' ? 'Fetch a token' : 'Authorize'}
          </button>
        </form>
        {of.status === 'none' ? null : (
          <form method="post" action={`${path}/authorization/forget`}>
            <button type="submit" class="danger">
              Delete the token
            </button>
          </form>
        )}
      </div>
    </section>
  )
}

interface ContinueProps {
  session: Session
  id: string
  url: string
  back: string
}

/** A link to the authorization server: the content security policy forbids forms that lead there. */
export const ContinuePage = ({ session, id, url, back }: ContinueProps) => (
  <Page title={`Authorize ${id}`} active="outputs" session={session}>
    <section class="panel">
      <p>
        {`The integration’s authorization server, ${new URL(url).host}, asks you to sign in and to agree, and then sends you back to weir.`}
      </p>
      <div class="actions">
        <a class="button" href={url} rel="noreferrer">
          {`Continue at ${new URL(url).host}`}
        </a>
        <a class="button quiet" href={back}>
          Back
        </a>
      </div>
    </section>
  </Page>
)

export const RefusedNotice = ({ problems }: { problems: { message: string }[] }) =>
  problems.length === 0 ? null : (
    <Notice tone="bad" title="That did not work.">
      {problems.map(({ message }) => (
        <p>{message}</p>
      ))}
    </Notice>
  )

import type { Child } from 'hono/jsx'

interface NoticeProps {
  tone: 'good' | 'bad' | 'info' | 'warn'
  title?: string
  children?: Child
}

/** Something to be told before the rest of a page is read. */
export const Notice = ({ tone, title, children }: NoticeProps) => (
  <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
    {title === undefined ? null : <strong>{title}</strong>}
    {children}
  </div>
)

/** What stands where there is nothing yet. */
export const Empty = ({ children }: { children: Child }) => <div class="empty">{children}</div>

import type { Child } from 'hono/jsx'

interface NoticeProps {
  tone: 'good' | 'bad' | 'info' | 'warn'
  title?: string
  children?: Child
}

/** A message at the top of a page. */
export const Notice = ({ tone, title, children }: NoticeProps) => (
  <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
    {title === undefined ? null : <strong>{title}</strong>}
    {children}
  </div>
)

/** Shown instead of a list that is empty. */
export const Empty = ({ children }: { children: Child }) => <div class="empty">{children}</div>

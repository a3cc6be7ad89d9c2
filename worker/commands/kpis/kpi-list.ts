/** A KPI with one row a day, by the path at which Mobile Analytics answered it. */
export interface Kpi {
  path: string
  title: string
  /** Its file in `sql/duckdb`. */
  file: string
  order: string
}

export const lifetimeUsers = {
  path: '/kpis/new-users/lifetime-count',
  title: 'Lifetime users',
  file: 'lifetime-users',
}

const daily = (path: string, title: string, file: string): Kpi => ({
  path,
  title,
  file,
  order: 'day',
})

export const dailyKpis: Kpi[] = [
  daily('/kpis/dau/count', 'Daily active users', 'dau'),
  daily('/kpis/mau/count', 'Monthly active users', 'mau'),
  daily('/kpis/new-users/count', 'New users', 'new-users'),
  daily('/kpis/sessions/count', 'Sessions', 'sessions'),
  { ...daily('/kpis/daily-revenue/sum', 'Daily revenue', 'daily-revenue'), order: 'day, currency' },
  daily('/kpis/pdau/count', 'Paying daily active users', 'pdau'),
  daily('/kpis/pmau/count', 'Paying monthly active users', 'pmau'),
  daily('/kpis/day-k-retention/count', 'Day k retention', 'day-retention'),
  daily('/kpis/week-k-retention/count', 'Week k retention', 'week-retention'),
]

export const eventPath = (name: string): string => `/events/${encodeURIComponent(name)}/count`

import type { Problem } from '../../base/problem'
import { fieldAnchor } from './field'

interface ProblemSummaryProps {
  problems: Problem[]
  /** The fields of the form; problems elsewhere get no link. */
  names: string[]
  /** What failed because of them. */
  title?: string | undefined
}

const leadsTo = (path: string, names: string[]): string | undefined =>
  names.find((name) => path === name || path.startsWith(`${name}.`))

/** All problems of a form, with links to their fields. It gets the focus when it appears. */
export const ProblemSummary = ({ problems, names, title }: ProblemSummaryProps) =>
  problems.length === 0 ? null : (
    <div class="notice bad" role="alert" tabindex={-1} data-focus="">
      <strong>{title ?? 'It could not be saved.'}</strong>
      <ul>
        {problems.map(({ path, message }) => {
          const name = leadsTo(path, names)
          return <li>{name === undefined ? message : <a href={fieldAnchor(name)}>{message}</a>}</li>
        })}
      </ul>
    </div>
  )

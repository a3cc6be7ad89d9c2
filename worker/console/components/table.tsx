import type { Child } from 'hono/jsx'

interface TableProps {
  /** For screen readers. */
  label: string
  columns: string[]
  /** A cell per column; the first names the row. */
  rows: Child[][]
}

/** A table that scrolls sideways where it is wide, and is a list of cards on phones. */
export const Table = ({ label, columns, rows }: TableProps) => (
  <section class="scroll" aria-label={label} tabindex={0}>
    <table class="cards">
      <thead>
        <tr>
          {columns.map((column) => (
            <th scope="col">{column}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...rest]) => (
          <tr>
            <th scope="row">{first}</th>
            {rest.map((cell, i) => (
              <td data-label={columns[i + 1]}>
                <div>{cell}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)

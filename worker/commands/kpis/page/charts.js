{
  const { firstDay, groups, meanDays } = JSON.parse(document.getElementById('data').textContent)
  const isDark = matchMedia('(prefers-color-scheme: dark)')
  const colours = {
    light: ['#1f6feb', '#d1570b', '#1a7f4b', '#8a3ffc', '#b3264a', '#0b7a8a', '#7a5c00', '#5d6770'],
    dark: ['#6cb2ff', '#ff9a57', '#5fd38d', '#bb99ff', '#ff7d9c', '#5fd0df', '#e2c04a', '#aab4bd'],
  }
  const begin = Date.parse(firstDay) / 1000
  const daySeconds = 86_400
  const daySteps = [1, 2, 7, 14, 30, 61, 91, 182, 365, 730].map((days) => days * daySeconds)

  const digits = {
    count: { maximumFractionDigits: meanDays > 1 ? 1 : 0 },
    amount: { minimumFractionDigits: 2, maximumFractionDigits: 2 },
    ratio: { style: 'percent', maximumFractionDigits: 1 },
  }
  const valueText = (value, unit) =>
    value === null || value === undefined ? '—' : value.toLocaleString('en', digits[unit])

  // Axis labels have no room for all digits.
  const tick = (value, unit) =>
    unit === 'ratio'
      ? value.toLocaleString('en', digits.ratio)
      : value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 2 })

  const monthSeconds = 28 * daySeconds

  const dayText = (seconds, increment) =>
    new Date(seconds * 1000).toLocaleDateString('en-GB', {
      timeZone: 'UTC',
      month: 'short',
      ...(increment < monthSeconds ? { day: 'numeric' } : { year: 'numeric' }),
    })

  const axes = (unit, { faint, line }) => {
    const common = { stroke: faint, grid: { stroke: line, width: 1 }, ticks: { show: false } }
    const days = (_chart, values, _axis, _space, increment) =>
      values.map((seconds) => dayText(seconds, increment))
    const ticks = (_chart, values) =>
      values.map((value) => (value === null ? '' : tick(value, unit)))
    return [
      { ...common, space: 70, size: 36, incrs: daySteps, values: days },
      { ...common, size: 64, values: ticks },
    ]
  }

  // The mean of the days up to each, where all of them have a value.
  const smoothed = (values) =>
    values.map((_, index) => {
      const some = values.slice(Math.max(0, index + 1 - meanDays), index + 1)
      return some.includes(null) ? null : some.reduce((sum, value) => sum + value, 0) / some.length
    })

  const options = ({ unit, series }, element, syncKey) => {
    const palette = colours[isDark.matches ? 'dark' : 'light']
    // The tokens are light-dark() pairs, which a canvas does not understand.
    const faint = getComputedStyle(element.parentElement.querySelector('p')).color
    const line = getComputedStyle(element.parentElement).borderTopColor
    return {
      width: element.clientWidth,
      height: 260,
      padding: [10, 28, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      cursor: { sync: { key: syncKey }, points: { size: 7 } },
      scales: { y: { range: (_chart, _low, high) => [0, high > 0 ? high * 1.05 : 1] } },
      axes: axes(unit, { faint, line }),
      series: [
        {
          label: 'Day',
          value: (_chart, seconds) =>
            seconds === null ? '—' : new Date(seconds * 1000).toISOString().slice(0, 10),
        },
        ...series.map(({ label }, index) => ({
          label,
          stroke: palette[index % palette.length],
          width: 2,
          points: { show: element.dataset.isShort === 'true' },
          value: (_chart, value) => valueText(value, unit),
        })),
      ],
    }
  }

  let charts = []

  const draw = () => {
    for (const chart of charts) chart.destroy()
    charts = [...document.querySelectorAll('.chart')].map((element) => {
      const group = groups[Number(element.dataset.group)]
      const days = group.series[0].values.map((_, index) => begin + index * daySeconds)
      element.dataset.isShort = String(days.length < 40)
      const data = [days, ...group.series.map(({ values }) => smoothed(values))]
      return new uPlot(options(group, element, 'days'), data, element)
    })
  }

  let drawnWidth = innerWidth
  addEventListener('resize', () => {
    if (innerWidth === drawnWidth) return
    drawnWidth = innerWidth
    for (const chart of charts) {
      chart.setSize({ width: chart.root.parentElement.clientWidth, height: 260 })
    }
  })
  isDark.addEventListener('change', draw)
  draw()
}
